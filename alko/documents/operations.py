"""What changes a client's papers. The actor's right to do it was checked by the one who calls.

Needs an application context (which vault is a setting). StoreUnavailable, LedgerUnavailable and
ConcurrentChange mean "try again later". Nothing stays half done after them: see intents.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alko.database import connection
from alko.database.records import ConcurrentChange
from alko.database.transactions import together
from alko.documents import intents
from alko.extensions import alko_settings
from alko.models.document import (
    IntentState,
    Paper,
    PaperKind,
    PaperRecord,
    PaperStatus,
    UploadIntent,
)
from alko.models.transaction import Delivery, Order, OrderStatus
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import holds, retention
from alko.privacy.sharing.recipients import NoAgreement
from alko.vault import StoredFile, Vault
from alko.vault.access import vault_of
from alko.vault.inspection.types import Inspected
from alko.words import N_

WHILE_OPEN = N_(
    "We accepted this receipt, so it is part of the record of your payment. Tax law has us keep it "
    "until 7 years after the year in which your order closes."
)
WHEN_CLOSED = N_(
    "We accepted this receipt, so it is part of the record of your payment. Tax law has us keep it "
    "until 7 years after the year in which your order closed; then it is erased by itself."
)
HELD = N_("This paper cannot be removed or replaced now: a legal duty keeps it.")
"""The same of every hold, so that the words tell nobody of one they may not know of."""


class NoSuchOrder(LookupError):
    """The client has no such order."""


class NoSuchPaper(LookupError):
    """The client has no such paper."""


class AlreadyHeld(Exception):
    """The same file is there already for this order; it is not stored twice."""

    def __init__(self, paper: ObjectId, kind: PaperKind) -> None:
        super().__init__("the same file is there already")
        self.paper = paper
        self.kind = kind


class QuotaExceeded(Exception):
    """The client's papers may not take more room. ``left`` is in bytes."""

    def __init__(self, left: int) -> None:
        super().__init__("the quota is used up")
        self.left = left


class NotNeeded(Exception):
    """Identity papers of an order that is over would have to be erased at once (P22)."""


class NotRemovable(Exception):
    """The law does not allow it. ``why`` is a text to translate."""

    def __init__(self, why: str) -> None:
        super().__init__("the paper may not be removed")
        self.why = why


def add(
    client: ObjectId, actor: Actor, kind: PaperKind, order: ObjectId, inspected: Inspected
) -> ObjectId:
    """Seal and store a paper for one of the client's orders; returns the paper's number.

    Raises NoSuchOrder, NotNeeded, AlreadyHeld, QuotaExceeded.
    """
    ends = _ends(client, kind, order)
    index = _content_index(client, inspected)
    _refuse_held(client, order, index)
    of_order = {"order": order, "content_index": index, **ends}
    try:
        return _stored(client, actor, kind, inspected, of_order)
    except DuplicateKeyError:  # the same file, sent twice at once
        _refuse_held(client, order, index)
        raise


def add_evidence(
    client: ObjectId, actor: Actor, request: ObjectId, due_at: datetime, inspected: Inspected
) -> ObjectId:
    """Seal and store a paper for a request that is open until ``due_at`` or later.

    Returns its number. It goes 30 days after the request ends (see privacy/rights/requests.py).
    QuotaExceeded.
    """
    of_request = {"request": request, "erase_after": retention.documents_end(due_at)}
    return _stored(client, actor, PaperKind.IDENTITY, inspected, of_request)


def _stored(
    client: ObjectId, actor: Actor, kind: PaperKind, inspected: Inspected, of: dict[str, Any]
) -> ObjectId:
    """A new paper with its file in the vault; ``of`` says to what it belongs and when it ends."""
    paper = ObjectId()
    vault, key = _begin(client, paper, actor, Event.DOCUMENT_ADDED, inspected)
    with _abandoned_on_failure(vault, key):
        stored = vault.add(inspected.content, key)
        record = PaperRecord.sealing(
            _paper(inspected, stored),
            id=paper,
            client=client,
            recorded_at=datetime.now(UTC),
            kind=kind.value,
            status=PaperStatus.RECEIVED.value,
            size=stored.size,
            vault_key=key,
            **of,
        )
        record.validate()

        def keep(session: ClientSession) -> None:
            PaperRecord.raw().insert_one(record.to_mongo(), session=session)
            intents.keep(key, session)

        together(keep)
    intents.finish(vault, key)
    return paper


def replace(client: ObjectId, actor: Actor, paper: ObjectId, inspected: Inspected) -> None:
    """Put another file in a paper's place: same number, kind and order, to be checked anew.

    Raises NoSuchPaper, NotRemovable, AlreadyHeld, QuotaExceeded.
    """
    record = _own(client, paper)
    index = _content_index(client, inspected)
    _refuse_held(client, record.order, index)
    seen, old = record.revision, record.vault_key
    vault, key = _begin(
        client, paper, actor, Event.DOCUMENT_REPLACED, inspected, given_up=record.size
    )
    with _abandoned_on_failure(vault, key):
        stored = vault.add(inspected.content, key)
        record.seal(_paper(inspected, stored))
        changes = {
            "sealed": record.sealed,
            "revision": seen + 1,
            "recorded_at": datetime.now(UTC),
            "status": PaperStatus.RECEIVED.value,
            "size": stored.size,
            "vault_key": key,
            "content_index": index,
        }

        def exchange(session: ClientSession) -> None:
            only = {
                "_id": paper,
                "client": client,
                "revision": seen,
                "hold_until": record.hold_until,
            }
            changed = PaperRecord.raw().update_one(only, {"$set": changes}, session=session)
            if not changed.matched_count:
                raise ConcurrentChange(f"the paper {paper} was changed meanwhile")
            intents.keep(key, session)
            intents.leave(client, paper, actor, None, old, session)

        try:
            together(exchange)
        except DuplicateKeyError:
            _refuse_held(client, record.order, index)
            raise
    intents.finish(vault, key)
    intents.finish(vault, old)


def remove(client: ObjectId, actor: Actor, paper: ObjectId) -> None:
    """Remove a paper and its file. Raises NoSuchPaper, NotRemovable."""
    record = _own(client, paper)
    key = record.vault_key

    def take_away(session: ClientSession) -> None:
        # What was accepted or came under a hold a moment ago stays.
        only = {
            "_id": paper,
            "client": client,
            "vault_key": key,
            "status": record.status,
            "hold_until": record.hold_until,
        }
        if not PaperRecord.raw().delete_one(only, session=session).deleted_count:
            raise ConcurrentChange(f"the paper {paper} was changed meanwhile")
        intents.leave(client, paper, actor, Event.DOCUMENT_REMOVED, key, session)

    together(take_away)
    intents.finish(vault_of(alko_settings()), key)


def why_not_removable(kind: str, status: str, closed_year: int | None = None) -> str | None:
    """Why the client may not remove or replace such a paper, as a text to translate; None: may.

    ``kind`` and ``status`` are the codes as the dossier's rows hold them, ``closed_year`` the
    calendar year in which its order was closed. An accepted receipt is a transaction record (P22).
    """
    if kind != PaperKind.FINANCIAL or status != PaperStatus.ACCEPTED:
        return None
    return WHILE_OPEN if closed_year is None else WHEN_CLOSED


def quota_left(client: ObjectId) -> int:
    """How many bytes of papers the client may still upload, never negative."""
    return max(0, _left(client))


def _ends(client: ObjectId, kind: PaperKind, order: ObjectId) -> dict[str, Any]:
    """The dates at which such a paper of that order ends, as far as they are known."""
    found = Order.raw().find_one({"_id": order, "client": client}, {"status": 1, "closed_at": 1})
    if found is None:
        raise NoSuchOrder
    closed_at = found.get("closed_at")
    if kind is PaperKind.FINANCIAL:
        ends = retention.transactions_end(closed_at)
        year = closed_at and closed_at.astimezone(UTC).year
        if year and ends and ends > datetime.now(UTC):
            accounts.create_keys(client, (f"ledger/{year}",))
        dates = {"closed_year": year, "erase_after": ends}
    elif found["status"] == OrderStatus.CANCELLED:
        raise NotNeeded
    else:
        delivery = Delivery.raw().find_one({"client": client, "order": order}, {"delivered_at": 1})
        delivered_at = (delivery or {}).get("delivered_at")
        if delivered_at is None and found["status"] == OrderStatus.DELIVERED:
            delivered_at = closed_at
        ends = retention.documents_end(delivered_at)
        dates = {"erase_after": ends}
    if ends and ends <= datetime.now(UTC):
        raise NotNeeded
    return dates


def _own(client: ObjectId, paper: ObjectId) -> PaperRecord:
    """The client's paper, if it may be taken away."""
    record: PaperRecord | None = PaperRecord.objects(id=paper, client=client).first()
    if record is None:
        raise NoSuchPaper
    if why := why_not_removable(record.kind, record.status, record.closed_year):
        raise NotRemovable(why)
    if holds.keep(client, record.hold_until, datetime.now(UTC)):
        raise NotRemovable(HELD)
    return record


def _content_index(client: ObjectId, inspected: Inspected) -> str:
    """Says that two files of one client are equal, and nothing about those of two clients."""
    digest = hashlib.sha256(inspected.content.getbuffer()).hexdigest()
    return connection.current().blind_index.of("paper", f"{client}:{digest}")


def _refuse_held(client: ObjectId, order: ObjectId | None, index: str) -> None:
    same = {"client": client, "order": order, "content_index": index}
    if found := PaperRecord.raw().find_one(same, {"kind": 1}):
        raise AlreadyHeld(found["_id"], PaperKind(found["kind"]))


def _begin(
    client: ObjectId,
    paper: ObjectId,
    actor: Actor,
    event: Event,
    inspected: Inspected,
    *,
    given_up: int = 0,
) -> tuple[Vault, str]:
    """The vault, and the key under which the file may be stored there; QuotaExceeded.

    The intent counts before the sum is taken: of two that are too much together none slips in.
    Raises NoAgreement where the files go to a cloud storage that no agreement binds (P10).
    """
    vault = vault_of(alko_settings())
    key = intents.begin(client, paper, actor, event, inspected.size)
    try:
        left = _left(client) + given_up
        if left < 0:
            raise QuotaExceeded(max(0, left + inspected.size))
        intents.disclose(client, actor, "documents")
    except (QuotaExceeded, NoAgreement):
        intents.withdraw(key)
        raise
    inspected.content.seek(0)
    return vault, key


@contextmanager
def _abandoned_on_failure(vault: Vault, key: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        # Where this fails as well, the worker does it.
        with suppress(Exception):
            intents.abandon(vault, key)
        raise


def _paper(inspected: Inspected, stored: StoredFile) -> Paper:
    return Paper(
        filename=inspected.filename,
        media_type=inspected.media_type,
        sha256=stored.sha256,
        vault_identity=stored.identity,
    )


def _left(client: ObjectId) -> int:
    """What the quota leaves, less what is being stored at this moment; may be negative."""
    of_client = {"$match": {"client": client}}
    storing = {"$match": {"client": client, "state": IntentState.STORING.value}}
    union = {"coll": UploadIntent.raw().name, "pipeline": [storing]}
    total = {"$group": {"_id": None, "size": {"$sum": "$size"}}}
    found = list(PaperRecord.raw().aggregate([of_client, {"$unionWith": union}, total]))
    quota: int = alko_settings().document_quota
    return quota - (found[0]["size"] if found else 0)
