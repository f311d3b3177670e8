"""Alerts: the portal watches what staff do, and a person acknowledges what it found (P17).

The worker reads the ledger from where it stopped last time. Reading a part twice does no harm: a
cause that is known raises no second alert. Alerts hold ids and codes; the note of the person who
looked into one is sealed under the register's own key.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database import connection
from alko.database.keyring import key_name
from alko.models.activity import BY_STAFF, LedgerEntry
from alko.models.oversight import (
    REGISTER,
    Alert,
    AlertKind,
    AlertNote,
    AlertOutcome,
    Bookmark,
)
from alko.models.staff import StaffMember, StaffRole, StaffStatus
from alko.privacy.accountability import chain, ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, Page, Row
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention
from alko.privacy.oversight.watch import ATTEMPTS, WINDOW, Cause, Rules, Seen, causes
from alko.privacy.vocabulary import Purpose
from config import Settings

LATE = timedelta(minutes=5)
"""An entry may be stored so long after its time; what was read last is read again."""
STRIDE = timedelta(days=1)
"""How much is read at a time, so that a long pause needs no more memory than a short one."""
BOOKMARK = "alerts"
STAFF_ACTED: dict[str, Any] = {"actor_id": {"$type": "objectId"}}
FIELDS = {"recorded_at": 1, "event": 1, "client": 1, "actor_id": 1, "seq": 1}


def prepare() -> None:
    """Make the register's key; safe to repeat."""
    accounts.create_keys(REGISTER, (Alert.KEY_CLASS,))


def rules_of(settings: Settings) -> Rules:
    opens, closes = settings.working_times
    return Rules(
        settings.alert_dossiers,
        settings.alert_failures,
        opens,
        closes,
        settings.zone,
        settings.working_weekdays,
    )


def look(rules: Rules, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Read what is new in the ledger; returns how many alerts were raised."""
    raised = 0
    start = _read_until() or _first()
    while start is not None and start < now and not stopping():
        end = min(start + STRIDE, now)
        for cause in causes(_seen(start - LATE - WINDOW, end), rules):
            raised += raise_alert(cause)
        Bookmark._get_collection().update_one(
            {"name": BOOKMARK}, {"$set": {"until": end}}, upsert=True
        )
        start = end
    return raised


def raise_alert(cause: Cause) -> bool:
    """Store an alert; False where this cause has one, whose count may grow."""
    known = Alert.raw().find_one({"cause": cause.name}, {"count": 1})
    if known:
        if (known.get("count") or 0) < (cause.count or 0):
            Alert.raw().update_one({"_id": known["_id"]}, {"$max": {"count": cause.count}})
        return False
    ledger.append(
        REGISTER,
        Event.ALERT_RAISED,
        Actor.job(Job.OVERSIGHT),
        Purpose.SECURITY,
        details={"kind": cause.kind.value},
    )
    alert = Alert(
        client=REGISTER,
        recorded_at=cause.at,
        cause=cause.name,
        kind=cause.kind.value,
        member=cause.member,
        about=cause.about,
        count=cause.count,
    )
    try:
        alert.save(force_insert=True)
    except NotUniqueError:
        return False
    return True


def verify(client: ObjectId, *, full: bool = True) -> chain.ChainState:
    """Verify a chain (see ledger.verify); one that is broken raises an alert."""
    state = ledger.verify(client, full=full)
    if not state.verified:
        name = f"{AlertKind.BROKEN_CHAIN.value}/{client}/{state.length}"
        raise_alert(Cause(AlertKind.BROKEN_CHAIN, name, datetime.now(UTC), about=client))
    return state


class OwnAlert(Exception):
    """The alert is about the officer who would acknowledge it, and there is another officer."""


def is_anothers(actor: Actor, member: ObjectId | None) -> bool:
    """Whether another officer has to look into an alert about this member of staff: it is about
    the actor themselves, who is not the only officer."""
    if member is None or member != actor.id:
        return False
    officers = {"role": StaffRole.OFFICER.value, "status": StaffStatus.ACTIVE.value}
    return StaffMember.raw().find_one({**officers, "_id": {"$ne": member}}, {"_id": 1}) is not None


def acknowledge(actor: Actor, alert: ObjectId, outcome: AlertOutcome, note: str) -> bool:
    """A person looked into it; False where somebody did before, or there is no such alert.

    OwnAlert where it is another officer's to look into (see is_anothers).
    """
    found = Alert.raw().find_one({"_id": alert, "acknowledged_at": None}, {"member": 1})
    if found is None:
        return False
    if is_anothers(actor, found.get("member")):
        raise OwnAlert
    _log(actor, {"alert": str(alert), "outcome": outcome.value})
    sealed = connection.current().keyring.seal(
        key_name(REGISTER, Alert.KEY_CLASS), AlertNote(note=note).stored()
    )
    return _settle({"_id": alert}, actor, outcome, {"sealed": sealed})


def settle(kind: AlertKind, actor: Actor, outcome: AlertOutcome) -> int:
    """What an alert asked for was done: it counts as acknowledged; returns how many there were."""
    waiting = [one["_id"] for one in Alert.raw().find({"client": REGISTER, **OPEN, "kind": kind})]
    for alert in waiting:
        _log(actor, {"alert": str(alert), "outcome": outcome.value})
        _settle({"_id": alert}, actor, outcome, {})
    return len(waiting)


OPEN: dict[str, Any] = {"acknowledged_at": None}


def waiting() -> int:
    """How many alerts nobody acknowledged yet."""
    return int(Alert.raw().count_documents({"client": REGISTER, **OPEN}))


def page(
    actor: Actor, number: int, until: datetime | None = None, *, open_only: bool = True
) -> Page:
    """Alerts, the newest first; who looks is in the register's ledger."""
    where = OPEN if open_only else None
    return _open(actor).page("alerts", number, until, where=where)


def read(actor: Actor, alert: ObjectId) -> Row:
    """One alert with its note; NoSuchRecord where there is none of that number."""
    return _open(actor).row("alerts", alert)


def _open(actor: Actor) -> Dossier:
    return Dossier.open(REGISTER, actor, Purpose.LEGAL, categories=["alerts"])


def _settle(
    which: dict[str, Any], actor: Actor, outcome: AlertOutcome, more: dict[str, Any]
) -> bool:
    now = datetime.now(UTC)
    values = {
        "acknowledged_at": now,
        "acknowledged_by": actor.id,
        "outcome": outcome.value,
        "erase_after": retention.oversight_ends(now),
        **more,
    }
    return bool(Alert.raw().update_one({**which, **OPEN}, {"$set": values}).modified_count)


def _log(actor: Actor, details: dict[str, Any]) -> None:
    if actor.id is None:
        raise TypeError("alerts are acknowledged by people")
    ledger.append(actor.id, Event.ALERT_ACKNOWLEDGED, actor, Purpose.SECURITY, details=details)


def _read_until() -> datetime | None:
    found = Bookmark._get_collection().find_one({"name": BOOKMARK}, {"until": 1})
    return found["until"] if found else None


def _first() -> datetime | None:
    """When staff first did anything; None where they did nothing so far."""
    found = LedgerEntry.raw().find_one(
        STAFF_ACTED, {"recorded_at": 1}, sort=[("recorded_at", 1)], hint=BY_STAFF
    )
    return found["recorded_at"] if found else None


def _seen(since: datetime, until: datetime) -> Iterator[Seen]:
    """What staff did, and attempts to sign in as one of them, in order of time."""
    span = {"recorded_at": {"$gte": since, "$lt": until}}
    by_staff = LedgerEntry.raw().find({**span, **STAFF_ACTED}, FIELDS).hint(BY_STAFF)
    attempted = {**span, "event": {"$in": [event.value for event in ATTEMPTS]}}
    attempts = LedgerEntry.raw().find(attempted, FIELDS)
    return heapq.merge(_in_order(by_staff), _in_order(attempts), key=lambda seen: seen.at)


def _in_order(found: Any) -> Iterator[Seen]:
    for one in found.sort("recorded_at", 1):
        yield Seen(one["recorded_at"], one["event"], one["client"], one["actor_id"], one["seq"])
