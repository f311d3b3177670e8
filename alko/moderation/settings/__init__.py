"""How the portal is set up, for administrators to read; no secret and no personal data."""
