"""Mails that were given up: staff see which (never to whom), have them tried again, or drop one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.database.records import CHANGED, ConcurrentChange
from alko.models.communication import Mail, MailDetails, MailStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose

DEAD = {"status": MailStatus.DEAD.value}
APART = timedelta(milliseconds=100)
"""So far apart many mails are tried again: what somebody asks for meanwhile gets in between."""


@dataclass(frozen=True)
class DeadLetter:
    """One mail that was given up, without its address: that stays sealed."""

    id: ObjectId
    kind: str
    client: ObjectId
    written_at: datetime
    attempts: int


def count() -> int:
    return int(Mail.raw().count_documents(DEAD))


def by_kind() -> dict[str, int]:
    """How many dead letters there are of each kind, the most first."""
    counted = {"$group": {"_id": "$kind", "count": {"$sum": 1}}}
    found = Mail.raw().aggregate([{"$match": DEAD}, counted, {"$sort": {"count": -1, "_id": 1}}])
    return {group["_id"]: group["count"] for group in found}


def some(skip: int, limit: int) -> list[DeadLetter]:
    """Dead letters, the newest first."""
    fields = {"kind": 1, "client": 1, "recorded_at": 1, "attempts": 1}
    found = Mail.raw().find(DEAD, fields).sort([("recorded_at", -1), ("_id", -1)])
    return [
        DeadLetter(one["_id"], one["kind"], one["client"], one["recorded_at"], one["attempts"])
        for one in found.skip(skip).limit(limit)
    ]


def retry(mail: ObjectId, actor: Actor) -> bool:
    """Queue it anew, with all its attempts; False where it is no dead letter any more."""
    found = _logged(mail, actor, Event.MAIL_RETRIED)
    queued = {"status": MailStatus.QUEUED.value, "attempts": 0}
    return found is not None and _change(
        mail, {"$set": {**queued, "next_attempt_at": datetime.now(UTC)}}
    )


def retry_all(kind: str, actor: Actor) -> int:
    """Queue all dead letters of a kind anew, with all their attempts; returns how many.

    One entry in the chain of the member says so: nothing of any client is opened for it.
    """
    which = {**DEAD, "kind": kind}
    count = int(Mail.raw().count_documents(which))
    if not count:
        return 0
    if actor.id is None:
        raise TypeError("mails are tried again for people")
    ledger.append(
        actor.id, Event.MAILS_RETRIED, actor, Purpose.COMMUNICATION, details={"kind": kind}
    )
    spread = count * APART / timedelta(milliseconds=1)
    queued = {
        "status": MailStatus.QUEUED.value,
        "attempts": 0,
        "next_attempt_at": {"$add": ["$$NOW", {"$multiply": [{"$rand": {}}, spread]}]},
        "revision": {"$add": ["$revision", 1]},
        "changed_at": "$$NOW",
    }
    return int(Mail.raw().update_many(which, [{"$set": queued}]).modified_count)


def drop(mail: ObjectId, actor: Actor) -> bool:
    """Give it up for good, its address and links forgotten; False where it is no dead letter."""
    if _logged(mail, actor, Event.MAIL_DROPPED) is None:
        return False
    record = Mail.objects(id=mail, **DEAD).first()
    if record is None:
        return False
    record.status = MailStatus.DROPPED.value
    try:
        record.seal(MailDetails(to=""))
        record.save()
    except KeyDestroyed:
        return _change(mail, {"$set": {"status": MailStatus.DROPPED.value}})
    except ConcurrentChange:
        return False
    return True


def _logged(mail: ObjectId, actor: Actor, event: Event) -> dict[str, Any] | None:
    """The dead letter, once the ledger of whom it was for says what is done with it."""
    found: dict[str, Any] | None = Mail.raw().find_one(
        {"_id": mail, **DEAD}, {"client": 1, "kind": 1}
    )
    if found:
        ledger.append(
            found["client"],
            event,
            actor,
            Purpose.COMMUNICATION,
            categories=["mails"],
            details={"kind": found["kind"]},
        )
    return found


def _change(mail: ObjectId, update: dict[str, Any]) -> bool:
    update = {**update, "$inc": {"revision": 1}, **CHANGED}
    return bool(Mail.raw().update_one({"_id": mail, **DEAD}, update).modified_count)
