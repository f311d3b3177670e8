"""Files on their way into the vault and out of it: no orphan on either side, whatever crashes.

The vault and the database cannot change together. So an intent is written before the vault is
touched; record and intent change in one transaction; and what is left to do afterwards (the
ledger's entry, the file to remove) is done at once, or else by the worker: see reconcile().

    storing ──transaction with the record──▶ kept ──entry──▶ gone
       └──no record──▶ abandoned ──file removed──▶ emptied ──once more, a day later──▶ gone
    leaving (made by the transaction that takes the record away) ──entry, file removed──▶ gone
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from alko.database.records import CHANGED
from alko.extensions import alko_settings
from alko.models.activity import LedgerEntry
from alko.models.document import IntentState, PaperKind, PaperRecord, UploadIntent
from alko.models.transaction import Delivery, Order, OrderStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import retention
from alko.privacy.sharing import disclosures
from alko.privacy.vocabulary import Purpose, Recipient
from alko.vault import Vault
from alko.vault.access import vault_of
from alko.vault.stores import StoreUnavailable, new_key
from alko.words import N_
from config import Settings

logger = logging.getLogger(__name__)

OCCASION = N_("To store a file of yours: encrypted, and under a random name.")
"""What a disclosure to the cloud storage is for."""
STALE = timedelta(hours=1)
"""No upload takes as long: one that is older was interrupted."""
GRACE = timedelta(minutes=5)
"""How long whoever changed a record has to finish by themselves."""
FORGOTTEN = timedelta(hours=25)
"""An abandoned file is removed once more then: a request that timed out may have gone on."""
MOST_FAILURES = 3
"""After so many the vault is taken to be away, and the rest waits for the next time."""


class Abandoned(Exception):
    """The upload took so long that it was given up meanwhile."""


def begin(client: ObjectId, paper: ObjectId, actor: Actor, event: Event | None, size: int) -> str:
    """Note that a file of that many bytes will be stored; returns its key in the vault.

    ``event`` is what the ledger is to say of it; None where somebody else says it.
    """
    key = new_key()
    _insert(IntentState.STORING, client, paper, actor, event, key, size)
    return key


def disclose(client: ObjectId, actor: Actor, slug: str) -> None:
    """Where the vault is a cloud storage, each file in it is disclosed: allowed, and on record,
    before anything leaves. ``slug`` is the file's category. Raises NoAgreement (P9, P10)."""
    if not alko_settings().cloudinary_url:
        return
    data = (f"{slug}.size", f"{slug}.vault_key")
    disclosures.disclose(client, actor, Recipient.CLOUD_STORAGE, data, Purpose.SERVICE, OCCASION)


def leave(
    client: ObjectId,
    paper: ObjectId,
    actor: Actor,
    event: Event | None,
    key: str,
    session: ClientSession,
) -> None:
    """Note, together with the change of the record, that a file is to be removed."""
    _insert(IntentState.LEAVING, client, paper, actor, event, key, 0, session)


def keep(key: str, session: ClientSession) -> None:
    """Claim the file for a record, together with the record itself; Abandoned if too late."""
    changed = UploadIntent.raw().update_one(
        {"vault_key": key, "state": IntentState.STORING.value},
        {"$set": {"state": IntentState.KEPT.value, "changed_at": datetime.now(UTC)}},
        session=session,
    )
    if not changed.matched_count:
        raise Abandoned


def withdraw(key: str) -> None:
    """Forget an upload for which nothing was stored yet."""
    UploadIntent.raw().delete_one({"vault_key": key})


def abandon(vault: Vault, key: str) -> None:
    """Give an upload up and remove what the vault may hold, unless a record claimed it."""
    changed = UploadIntent.raw().update_one(
        {"vault_key": key, "state": IntentState.STORING.value},
        {"$set": {"state": IntentState.ABANDONED.value, "changed_at": datetime.now(UTC)}},
    )
    if changed.matched_count:
        with suppress(StoreUnavailable):
            _empty(vault, {"vault_key": key})


def finish(vault: Vault, key: str) -> None:
    """Do what is left after the transaction: the ledger's entry, the file that leaves.

    Raises LedgerUnavailable; a vault that is away only delays the removal.
    """
    intent = UploadIntent.raw().find_one({"vault_key": key})
    if intent is not None:
        with suppress(StoreUnavailable):
            _finish(vault, intent)


def reconcile(settings: Settings, now: datetime) -> int:
    """Finish or undo what crashes interrupted; returns how many files that concerned.

    Safe to repeat and to be killed. One that cannot be done now stays for the next time.
    """
    vault = vault_of(settings)
    vault.tidy()
    done = failures = 0
    for state, age, work in (
        (IntentState.STORING, STALE, _give_up),
        (IntentState.ABANDONED, timedelta(), _empty),
        (IntentState.EMPTIED, FORGOTTEN, _forget),
        (IntentState.KEPT, GRACE, _finish_late),
        (IntentState.LEAVING, GRACE, _finish_late),
    ):
        over = {"state": state.value, "changed_at": {"$lte": now - age}}
        for intent in list(UploadIntent.raw().find(over)):
            try:
                work(vault, intent)
                done += 1
            except (StoreUnavailable, ledger.LedgerUnavailable) as error:
                logger.warning("a file could not be reconciled: %s", type(error).__name__)
                failures += 1
                if failures == MOST_FAILURES:
                    return done
    return done


def _insert(
    state: IntentState,
    client: ObjectId,
    paper: ObjectId,
    actor: Actor,
    event: Event | None,
    key: str,
    size: int,
    session: ClientSession | None = None,
) -> None:
    now = datetime.now(UTC)
    intent = UploadIntent(
        client=client,
        recorded_at=now,
        changed_at=now,
        vault_key=key,
        paper=paper,
        state=state.value,
        size=size,
        event=event and event.value,
        actor=actor.code,
        actor_id=actor.id,
    )
    intent.validate()
    UploadIntent.raw().insert_one(intent.to_mongo(), session=session)


def _give_up(vault: Vault, intent: dict[str, Any]) -> None:
    """Bar the upload from being claimed any more. Its age still counts from its beginning."""
    UploadIntent.raw().update_one(
        {"_id": intent["_id"], "state": IntentState.STORING.value},
        {"$set": {"state": IntentState.ABANDONED.value}},
    )


def _empty(vault: Vault, intent: dict[str, Any]) -> None:
    vault.remove(intent["vault_key"])
    UploadIntent.raw().update_one(
        {"vault_key": intent["vault_key"], "state": IntentState.ABANDONED.value},
        {"$set": {"state": IntentState.EMPTIED.value}},
    )


def _forget(vault: Vault, intent: dict[str, Any]) -> None:
    vault.remove(intent["vault_key"])
    UploadIntent.raw().delete_one({"_id": intent["_id"]})


def _finish_late(vault: Vault, intent: dict[str, Any]) -> None:
    _finish(vault, intent, noted=_noted(intent))


def _finish(vault: Vault, intent: dict[str, Any], *, noted: bool = False) -> None:
    if intent.get("event") and not noted:
        ledger.append(
            intent["client"],
            Event(intent["event"]),
            _actor(intent),
            Purpose.SERVICE,
            categories=["documents"],
            details={"record": str(intent["paper"])},
        )
    if intent["state"] == IntentState.KEPT.value:
        _date(intent["paper"])
    else:
        if intent.get("event"):
            # The vault may be away for long: the entry must not be looked for among later ones.
            UploadIntent.raw().update_one({"_id": intent["_id"]}, {"$unset": {"event": ""}})
        vault.remove(intent["vault_key"])
    UploadIntent.raw().delete_one({"_id": intent["_id"]})


def _noted(intent: dict[str, Any]) -> bool:
    """Whether the ledger says it already: the crash may have come right after."""
    if not intent.get("event"):
        return True
    said = {
        "client": intent["client"],
        "event": intent["event"],
        "details.record": str(intent["paper"]),
        "recorded_at": {"$gte": intent["changed_at"]},
    }
    return LedgerEntry.raw().find_one(said, {"_id": 1}) is not None


def _actor(intent: dict[str, Any]) -> Actor:
    kind, _, role = intent["actor"].partition(":")
    return Actor(kind, intent.get("actor_id"), role)


def _date(paper: ObjectId) -> None:
    """Set the end of an identity paper whose order ended while it was being stored (P22)."""
    undated = {
        "_id": paper,
        "kind": {"$ne": PaperKind.FINANCIAL.value},
        "erase_after": None,
    }
    found = PaperRecord.raw().find_one(undated, {"client": 1, "order": 1})
    if found is None:
        return
    delivery = Delivery.raw().find_one(
        {"client": found["client"], "order": found["order"], "delivered_at": {"$ne": None}},
        {"delivered_at": 1},
    )
    cancelled = Order.raw().find_one(
        {"_id": found["order"], "status": OrderStatus.CANCELLED.value}, {"closed_at": 1}
    )
    ended_at = (cancelled or {}).get("closed_at") or (delivery or {}).get("delivered_at")
    if ended_at:
        ends = retention.documents_end(ended_at)
        PaperRecord.raw().update_one(undated, {"$set": {"erase_after": ends}, **CHANGED})
