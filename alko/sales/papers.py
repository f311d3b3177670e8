"""Checking a client's paper: begun, accepted, or rejected with a reason the client reads (P22).

A decision closes the paper to whoever made it. That a mail is due is stored with the decision
(``PaperRecord.pending``) and struck off once it is written, so that a crash loses none.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.database.records import ConcurrentChange
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.document import PaperRecord, PaperStatus
from alko.privacy.accountability.events import Event
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.vocabulary import Purpose

WAITING = (PaperStatus.RECEIVED.value, PaperStatus.CHECKING.value)
"""The states of papers that are to be checked."""


class NotWaiting(Exception):
    """It was decided, replaced or removed meanwhile; nothing was changed."""


def reference(paper: ObjectId) -> str:
    """How a paper is named as a work item and as a ground."""
    return f"paper/{paper}"


def begin(actor: Actor, paper: ObjectId) -> None:
    """Take a paper to check it; TakenByAnother, AccessDenied, NoSuchWork, NotWaiting."""
    if PaperRecord.raw().find_one(_waiting(paper), {"_id": 1}) is None:
        raise NotWaiting
    assignments.take(actor, reference(paper))
    _mark(paper, PaperStatus.RECEIVED, PaperStatus.CHECKING, actor.id)


def put_back(actor: Actor, paper: ObjectId) -> None:
    """Give it back to the queue; TakenByAnother, NoSuchWork."""
    assignments.put_back(actor, reference(paper))
    _mark(paper, PaperStatus.CHECKING, PaperStatus.RECEIVED, None)


def accept(actor: Actor, paper: ObjectId, seen: int) -> None:
    """Accept the paper as it was at revision ``seen``; NotWaiting, AccessDenied."""
    _decide(actor, paper, seen, PaperStatus.ACCEPTED, "")


def reject(actor: Actor, paper: ObjectId, seen: int, reason: str) -> None:
    """Reject it for a reason that the client reads, and is told of by a mail; as accept()."""
    _decide(actor, paper, seen, PaperStatus.REJECTED, reason)
    tell(paper)


def tell(paper: ObjectId) -> None:
    """Write the mail about a rejected paper that is still to be written, if there is one."""
    due = {"_id": paper, "pending": True}
    found = PaperRecord.raw().find_one(due, {"client": 1, "vault_key": 1, "status": 1})
    if found is None:
        return
    try:
        link = {"link": f"/documents/{paper}"}
        # A file put in its place has another key, and may be rejected once more.
        if found["status"] == PaperStatus.REJECTED:
            notify(found["client"], MailKind.PAPER_REJECTED, link, f"paper/{found['vault_key']}")
    except (NoSuchRecord, KeyDestroyed):
        pass  # the account is gone, and with it the address
    PaperRecord.raw().update_one(due, {"$unset": {"pending": ""}, "$inc": {"revision": 1}})


def tell_all() -> int:
    """What a crash left untold, for the worker; returns how many there were."""
    found = [one["_id"] for one in PaperRecord.raw().find({"pending": True}, {"_id": 1})]
    for paper in found:
        tell(paper)
    return len(found)


def _decide(actor: Actor, paper: ObjectId, seen: int, status: PaperStatus, reason: str) -> None:
    found = PaperRecord.raw().find_one({**_waiting(paper), "revision": seen}, {"client": 1})
    if found is None:
        raise NotWaiting
    rejected = status is PaperStatus.REJECTED
    dossier = Dossier.open(
        found["client"],
        actor,
        Purpose.SERVICE,
        categories=["documents"],
        event=Event.DOCUMENT_REJECTED if rejected else Event.DOCUMENT_ACCEPTED,
        details={"record": str(paper)},
    )
    try:
        record, details = dossier.record(PaperRecord, id=paper, revision=seen)
        record.status, record.assigned_to = status.value, None
        record.pending = True if rejected else None
        record.seal(dataclasses.replace(details, rejection_reason=reason))
        record.save()
    except (NoSuchRecord, ConcurrentChange, KeyDestroyed):
        raise NotWaiting from None


def _mark(paper: ObjectId, before: PaperStatus, after: PaperStatus, holder: Any) -> None:
    PaperRecord.raw().update_one(
        {"_id": paper, "status": before.value, "assigned_to": holder},
        {"$set": {"status": after.value}, "$inc": {"revision": 1}},
    )


def _waiting(paper: ObjectId) -> dict[str, Any]:
    return {"_id": paper, "status": {"$in": list(WAITING)}}
