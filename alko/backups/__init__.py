"""Backups without resurrection: what was erased stays erased, whatever is restored (P18, P25).

A backup holds the records and the sealed papers, encrypted to a public key whose other half this
server does not have. The keys that open the records are in none of them: they have one copy of
their own, replaced after every erasure, and beside it lies the register of erasures (ids only),
which a restore replays before the portal may serve.
"""
