"""The desk of the recipients: agreements, what each may get, and what was passed on (P8-P10)."""
