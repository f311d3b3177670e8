"""The desk of the administrators: who works here, as what, and since when no more."""
