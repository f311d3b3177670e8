"""Addresses that get no marketing any more: keyed hashes, tied to no account (promise P23).

The hash is made from the blind index of an address, so that a choice made on a page needs no look
at the address itself; with the key of another use it cannot be matched to the accounts.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId

from alko.database import connection
from alko.models.client import Client
from alko.models.consent import Suppression
from alko.privacy.identity.tokens import fingerprint
from alko.privacy.lifecycle import retention


def keyed(email_index: str) -> str:
    """What an unsubscribe link is bound to; its fingerprint is the hash on the list."""
    return connection.current().blind_index.of("suppression", email_index)


def hash_of(email_index: str) -> str:
    return fingerprint(keyed(email_index))


def covers(email_index: str) -> bool:
    """Whether the address of this blind index is on the list."""
    listed = {"address_hash": hash_of(email_index)}
    return Suppression.raw().find_one(listed, {"_id": 1}) is not None


def add(address_hash: str) -> None:
    """Put an address on the list; unsubscribing again begins its time anew."""
    now, number = datetime.now(UTC), ObjectId()
    Suppression.raw().update_one(
        {"address_hash": address_hash},
        {
            "$set": {"recorded_at": now, "erase_after": retention.suppression_ends(now)},
            "$setOnInsert": {"_id": number, "client": number},
        },
        upsert=True,
    )


def follow(client: ObjectId, allow: bool) -> None:
    """What the client's own decision about marketing means for the address of their account."""
    account = Client.raw().find_one({"_id": client}, {"email_index": 1})
    if account is None:
        return
    address_hash = hash_of(account["email_index"])
    if allow:
        Suppression.raw().delete_one({"address_hash": address_hash})
    else:
        add(address_hash)
