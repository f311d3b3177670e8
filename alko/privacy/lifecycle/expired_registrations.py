"""Addresses that nobody confirmed in time are forgotten: records, chain and keys (P19, P25)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from alko.database import connection
from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.client import Client, Registration
from alko.models.communication import Mail
from alko.models.profile import ContactRecord, IdentityRecord
from alko.privacy.accountability import ledger

GRACE = timedelta(minutes=5)
"""A confirmation that began in the last second of the 48 hours may still end."""
LEFT = (Mail, ContactRecord, IdentityRecord, LedgerEntry, LedgerCheckpoint)
"""What there may be of somebody without an account: the mail, and whatever a confirmation wrote
before it found the address taken, or was cut off."""


def remove() -> int:
    """Remove all registrations whose time is over; returns how many.

    Each goes in one transaction with all that came with it, so that a crash leaves all or nothing.
    """
    over = {"erase_after": {"$lte": datetime.now(UTC) - GRACE}}
    return sum(_remove(found["_id"]) for found in Registration.raw().find(over, {"_id": 1}))


def _remove(registration: ObjectId) -> bool:
    here = connection.current()
    # Read before the transaction: what it deletes cannot be listed in it any more.
    names = here.keyring.names(f"client/{registration}/")

    def forget(session: ClientSession) -> bool:
        only: dict[str, Any] = {"_id": registration}
        if not Registration.raw().delete_one(only, session=session).deleted_count:
            return False
        if Client.raw().find_one(only, {"_id": 1}, session=session) is None:
            for model in LEFT:
                model.raw().delete_many({"client": registration}, session=session)
            here.keyring.destroy(names, session=session)
        return True

    with here.client.start_session() as session:
        gone: bool = session.with_transaction(forget)
    ledger.forget(registration)
    return gone
