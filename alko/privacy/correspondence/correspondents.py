"""The end of a correspondent: everything of them in one transaction with their keys (P19, P25).

A correspondent is a stranger's case, whose number stands where a client's stands. The case goes
last: while it is there, what else there is of them is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from alko.database import connection
from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.communication import Mail, Message
from alko.models.contact import OF_STRANGER, Attachment, Case
from alko.models.disclosure import Disclosure
from alko.models.oversight import Bookmark, BreachNotice
from alko.models.request import DataRequest
from alko.privacy.accountability import ledger

OTHERS = (Message, Attachment, Mail, DataRequest, Disclosure, BreachNotice)
"""What a correspondent has besides the case."""
LOOK_AGAIN = timedelta(days=1)
COPIES, ROTATION = "strangers-erased/copies", "strangers-erased/rotation"
"""What must still follow an erasure: the key vault's copy is replaced, its master key changed."""

RemoveFile = Callable[[str], None]


class Held(Exception):
    """A legal hold keeps something of this correspondent."""


def remove_due(number: ObjectId, still_due: Mapping[str, Any], remove_file: RemoveFile) -> bool:
    """Remove a stranger's case that is due, with all of theirs; whether it went.

    While a request of theirs is open, or a hold is on anything, it is put off instead.
    """
    if later := _not_before(number):
        put_off = {"$set": {"erase_after": later}, "$inc": {"revision": 1}}
        Case.raw().update_one({"_id": number, **still_due}, put_off)
        return False
    _remove_files(number, remove_file)
    return _forget(number, still_due)


def erase(number: ObjectId, remove_file: RemoveFile) -> bool:
    """Erase a stranger's case now, with all of theirs, as they ask (P24, P28).

    Returns whether there was one; raises Held. Interrupted, it can be asked for again.
    """
    now = datetime.now(UTC)
    held = {"client": number, "hold_until": {"$gt": now}}
    if any(model.raw().find_one(held, {"_id": 1}) for model in (Case, *OTHERS)):
        raise Held
    for name in (COPIES, ROTATION):
        Bookmark._get_collection().update_one({"name": name}, {"$set": {"until": now}}, upsert=True)
    _remove_files(number, remove_file)
    return _forget(number, {"client": number})


def awaiting(name: str) -> bool:
    """Whether COPIES or ROTATION must still follow an erasure."""
    return Bookmark._get_collection().find_one({"name": name}) is not None


def note(name: str, began: datetime) -> None:
    """COPIES or ROTATION was done for every erasure before it began."""
    Bookmark._get_collection().delete_one({"name": name, "until": {"$lte": began}})


def unreadable() -> list[ObjectId]:
    """Strangers whose key is gone while their case is here: a backup brought them back."""
    keyring = connection.current().keyring
    cases = Case.raw().find(OF_STRANGER, {"_id": 1})
    return [one["_id"] for one in cases if not keyring.names(f"client/{one['_id']}/")]


def _remove_files(number: ObjectId, remove_file: RemoveFile) -> None:
    for file in Attachment.raw().find({"client": number}, {"vault_key": 1}):
        if "vault_key" in file:
            remove_file(file["vault_key"])


def forget(number: ObjectId) -> None:
    """Remove what is left under a correspondent's number, and their keys; safe to repeat."""
    _forget(number, None)


def _not_before(number: ObjectId) -> datetime | None:
    """When the last thing of theirs may go; None where all may go now."""
    now = datetime.now(UTC)
    moments = []
    for model in OTHERS:
        for one in model.raw().find({"client": number}, {"erase_after": 1, "hold_until": 1}):
            moments.append(one.get("hold_until"))
            if model is DataRequest:  # all else goes with the case, a few seconds early at most
                moments.append(one.get("erase_after") or now + LOOK_AGAIN)
    return max((one for one in moments if one and one > now), default=None)


def _forget(number: ObjectId, still_due: Mapping[str, Any] | None) -> bool:
    here = connection.current()
    # Read before the transaction: what it deletes cannot be listed in it any more.
    names = here.keyring.names(f"client/{number}/")

    def remove(session: ClientSession) -> bool:
        if still_due is not None:
            only = {**still_due, "_id": number}
            if not Case.raw().delete_one(only, session=session).deleted_count:
                return False
        for model in (*OTHERS, LedgerEntry, LedgerCheckpoint):
            model.raw().delete_many({"client": number}, session=session)
        here.keyring.destroy(names, session=session)
        return True

    with here.client.start_session() as session:
        removed = session.with_transaction(remove)
    ledger.forget(number)
    return removed
