"""The decoy: what an unknown address is checked against.

Whether or not an account exists, a sign-in and a forgotten password read the same kinds of
records, write the same ledger entry and verify the same kind of hash. The answer and the time it
takes say nothing.
"""

from __future__ import annotations

import secrets

from alko.models.client import Client, ClientStatus, Credentials
from alko.models.profile import Contact
from alko.privacy.accountability import ledger
from alko.privacy.identity import accounts
from alko.privacy.identity.passwords import hash_password

DECOY = ledger.DECOYS[0]
ADDRESS = "nobody@decoy.invalid"


def ensure() -> None:
    """Create the decoy if it is not there; safe from several processes at once."""
    if Client.raw().find_one({"_id": DECOY}, {"_id": 1}):
        return
    credentials = Credentials(password_hash=hash_password(secrets.token_urlsafe(32)))
    try:
        accounts.open_account(DECOY, credentials, Contact(email=ADDRESS), status=ClientStatus.DECOY)
    except accounts.AddressTaken:
        return
