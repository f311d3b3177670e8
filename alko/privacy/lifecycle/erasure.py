"""Erasure: the plan, executed record by record as a resumable run (promises P24, P25, P28).

What must be kept for now (a legal hold, an order under way) goes later, by a run that follows: see
erasure_steps.py. The register of all runs (ids only) stays.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database import connection
from alko.database.keyring import key_name
from alko.models.activity import LedgerEntry
from alko.models.client import Client
from alko.models.erasure import UNDER_WAY, ErasureRun, ErasureState
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import receipts
from alko.privacy.lifecycle.erasure_steps import STEPS, Cancelled, RemoveFile, note, opened
from alko.privacy.lifecycle.planner import Occasion, Plan, plan
from alko.privacy.lifecycle.survey import visible
from alko.privacy.vocabulary import Purpose

GRACE = timedelta(days=14)
"""How long a client may change their mind if they do not want it now."""

OnStep = Callable[[str], None]


class NothingToErase(LookupError):
    """There is no such account, or its erasure is already under way."""


def preview(client: ObjectId, actor: Actor) -> Plan:
    """The plan as it would be executed now, to show before anything is confirmed (P28)."""
    ledger.append(client, Event.ERASURE_PLANNED, actor, Purpose.LEGAL)
    return plan(visible(client), Occasion.REQUEST, datetime.now(UTC))


def schedule(client: ObjectId, actor: Actor, *, at_once: bool) -> ObjectId:
    """Confirm an erasure, now or in 14 days; returns the run's id. NothingToErase."""
    if pending(client) is not None or not Client.raw().find_one({"_id": client}, {"_id": 1}):
        raise NothingToErase
    now = datetime.now(UTC)
    ledger.append(client, Event.ERASURE_CONFIRMED, actor, Purpose.LEGAL)
    run = ErasureRun(
        client=client,
        recorded_at=now,
        state=ErasureState.SCHEDULED.value,
        execute_after=now if at_once else now + GRACE,
    )
    try:
        run.save()
    except NotUniqueError:  # confirmed twice at the same moment
        raise NothingToErase from None
    return ObjectId(run.pk)


def pending(client: ObjectId) -> ErasureRun | None:
    """The client's erasure that is scheduled or running, if there is one."""
    found: ErasureRun | None = ErasureRun.objects(client=client, state__in=UNDER_WAY).first()
    return found


def cancel(client: ObjectId, actor: Actor) -> bool:
    """Cancel a scheduled erasure; False where it has begun or there is none."""
    done = ErasureRun.raw().update_one(
        {"client": client, "state": ErasureState.SCHEDULED.value, "follows": None},
        {"$set": {"state": ErasureState.CANCELLED.value, "cancelled_at": datetime.now(UTC)}},
    )
    if not done.modified_count:
        return False
    ledger.append(client, Event.ERASURE_CANCELLED, actor, Purpose.LEGAL)
    return True


def due(now: datetime) -> list[ObjectId]:
    """The runs to execute or to resume, oldest first."""
    query = {
        "$or": [
            {"state": ErasureState.SCHEDULED.value, "execute_after": {"$lte": now}},
            {"state": ErasureState.RUNNING.value},
        ]
    }
    return [run["_id"] for run in ErasureRun.raw().find(query, {"_id": 1}).sort("execute_after")]


def execute(run_id: ObjectId, remove_file: RemoveFile, on_step: OnStep | None = None) -> ErasureRun:
    """Do what is left of a run; nothing of one that was cancelled meanwhile.

    ``on_step`` is told ``<name> done`` after a step's work, and ``<name> noted`` once the run
    remembers it: between the two a crash has the work done again.
    """
    tell = on_step or _silent
    for name, step in STEPS:
        run = _reload(run_id)
        if name in run.steps:
            continue
        try:
            step(run, remove_file)
        except Cancelled:
            return run
        tell(f"{name} done")
        ErasureRun.raw().update_one({"_id": run_id}, {"$addToSet": {"steps": name}})
        tell(f"{name} noted")
    return _reload(run_id)


def _silent(_: str) -> None:
    return None


def _reload(run_id: ObjectId) -> ErasureRun:
    found: ErasureRun = ErasureRun.objects.get(id=run_id)
    return found


def take_the_rest(client: ObjectId) -> None:
    """What an erasure had to leave need not wait any longer: a hold or an order has ended."""
    waiting = {"client": client, "state": ErasureState.SCHEDULED.value, "follows": {"$ne": None}}
    ErasureRun.raw().update_many(waiting, {"$min": {"execute_after": datetime.now(UTC)}})


def tokened(run: ErasureRun) -> str:
    """A fresh token under which the receipt can be read; the newest one works."""
    token = secrets.token_urlsafe(24)
    note(run, token_hash=hashlib.sha256(token.encode()).hexdigest())
    return token


def address_for_receipt(run: ErasureRun) -> str:
    """Where the receipt goes; KeyDestroyed or NoSuchRecord once it was sent."""
    dossier = opened(run, "erasures", Event.ADDRESS_READ)
    _, farewell = dossier.record(ErasureRun, id=run.pk)
    return str(farewell.email)


def forget_address(run: ErasureRun) -> None:
    """The last traces: the address of the receipt, its key, and the entry of having read it."""
    if not any(entry["category"] == "activity" for entry in run.kept):
        LedgerEntry.raw().delete_many({"client": run.client})
        ledger.forget(run.client)
    ErasureRun.raw().update_one({"_id": run.pk}, {"$unset": {"sealed": 1}})
    connection.current().keyring.destroy([key_name(run.client, ErasureRun.KEY_CLASS)])


def scheduled_since(client: ObjectId, moment: datetime) -> bool:
    """Whether an erasure was under way at this moment or later, be it cancelled since."""
    since = {"$gte": moment}
    then = [{"recorded_at": since}, {"cancelled_at": since}, {"state": {"$in": list(UNDER_WAY)}}]
    return ErasureRun.raw().find_one({"client": client, "$or": then}, {"_id": 1}) is not None


def awaiting_rotation() -> bool:
    """Whether keys were destroyed of which an older, wrapped copy may still exist."""
    return ErasureRun.raw().find_one(_NOT_ROTATED, {"_id": 1}) is not None


def note_rotation(began: datetime) -> int:
    """Note in runs finished before a rotation began: the master key of their day is gone."""
    return _note_in_receipts(_NOT_ROTATED, began, "copies_unreadable_at")


def awaiting_copies() -> bool:
    """Whether a run has finished since the copies of keys and register were last replaced."""
    return ErasureRun.raw().find_one(_NOT_COPIED, {"_id": 1}) is not None


def note_copies(began: datetime) -> int:
    """Note in runs finished before the replacement of the copies began that it is done."""
    return _note_in_receipts(_NOT_COPIED, began, "copies_replaced_at")


def _note_in_receipts(query: Mapping[str, object], began: datetime, name: str) -> int:
    """Note the present moment in these runs and, signed anew, in their receipts."""
    now = datetime.now(UTC)
    found = list(ErasureRun.objects(__raw__={**query, "finished_at": {"$lte": began}}))
    for run in found:
        note(run, **{name: now, "receipt": receipts.completed(run.receipt, {name: now})})
    return len(found)


_NOT_ROTATED = {"state": ErasureState.DONE.value, "copies_unreadable_at": None}
_NOT_COPIED = {"state": ErasureState.DONE.value, "copies_replaced_at": None}
