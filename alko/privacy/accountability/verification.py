"""Verifying all chains of the ledger from their first entries, as a walk that resumes (P17).

A person asks for it and the worker does it, chain by chain in the order of their numbers; whoever
looks sees how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.housekeeping import Verification
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.oversight import alerts
from alko.privacy.vocabulary import Purpose

NAME = "all"
AT_A_TIME = 20
"""Seconds that one call works at most."""
MOST_NAMED = 20
"""So many broken chains are named; all are counted."""


@dataclass(frozen=True)
class Progress:
    """How far the walk is, in chains."""

    begun_at: datetime
    finished_at: datetime | None
    chains: int
    done: int
    entries: int
    broken: int
    named: list[ObjectId]
    """The first of the broken ones."""


def verify_one(actor: Actor, chain: ObjectId) -> tuple[int, str]:
    """Verify one chain; returns how many entries are sound, and what is wrong (if anything)."""
    _log(actor, str(chain))
    state = alerts.verify(chain)
    return state.length, state.problem


def begin(actor: Actor) -> None:
    """Ask for a walk through all chains; one that is under way goes on."""
    _log(actor, NAME)
    running = {"name": NAME, "finished_at": None}
    if _walks().find_one(running, {"_id": 1}):
        return
    counted = LedgerEntry.raw().aggregate([{"$group": {"_id": "$client"}}, {"$count": "chains"}])
    fresh: dict[str, Any] = {
        "begun_at": datetime.now(UTC),
        "finished_at": None,
        "cursor": None,
        "chains": next((found["chains"] for found in counted), 0),
        "done": 0,
        "entries": 0,
        "broken": 0,
        "named": [],
    }
    _walks().update_one({"name": NAME}, {"$set": fresh}, upsert=True)


def advance(stopping: Callable[[], bool] = lambda: False) -> int:
    """Verify for a while; returns how many chains. The next call goes on from there."""
    until, done = time.monotonic() + AT_A_TIME, 0
    while not stopping() and time.monotonic() < until:
        walk = _walks().find_one({"name": NAME, "finished_at": None})
        if walk is None:
            break
        mine = {"_id": walk["_id"], "begun_at": walk["begun_at"], "cursor": walk["cursor"]}
        chain = _next(walk["cursor"])
        if chain is None:
            _walks().update_one(mine, {"$set": {"finished_at": datetime.now(UTC)}})
            break
        state = alerts.verify(chain)
        counts = {"done": 1, "entries": state.length, "broken": int(not state.verified)}
        update: dict[str, Any] = {"$set": {"cursor": chain}, "$inc": counts}
        if not state.verified:
            update["$push"] = {"named": {"$each": [chain], "$slice": MOST_NAMED}}
        _walks().update_one(mine, update)
        done += 1
    return done


def progress() -> Progress | None:
    """The walk under way, or the last one; None where nobody ever asked for one."""
    found = _walks().find_one({"name": NAME})
    if found is None:
        return None
    return Progress(
        found["begun_at"],
        found["finished_at"],
        found["chains"],
        found["done"],
        found["entries"],
        found["broken"],
        found["named"],
    )


def _next(cursor: ObjectId | None) -> ObjectId | None:
    """The chain behind the cursor; one that was removed altogether left its checkpoint."""
    behind = {"client": {"$gt": cursor}} if cursor else {}
    found = [
        model.raw().find_one(behind, {"client": 1}, sort=[("client", 1)])
        for model in (LedgerEntry, LedgerCheckpoint)
    ]
    return min((one["client"] for one in found if one), default=None)


def _log(actor: Actor, chains: str) -> None:
    if actor.id is None:
        raise TypeError("a person asks for it")
    told = {"chains": chains}
    ledger.append(actor.id, Event.LEDGER_VERIFIED, actor, Purpose.SECURITY, details=told)


def _walks() -> Any:
    return Verification._get_collection()
