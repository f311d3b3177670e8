"""Accounts of clients and members of staff: who somebody is, and how that is shown."""
