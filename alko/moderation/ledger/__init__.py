"""The ledger for those who watch over it: search, verify, alerts."""
