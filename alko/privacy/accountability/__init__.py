"""The ledger: what was done with personal data, chained, signed and searchable (GDPR Art. 5(2))."""
