"""Papers: what clients upload for their orders, and what becomes of it."""
