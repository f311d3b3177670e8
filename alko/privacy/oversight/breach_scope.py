"""Whose data a breach reached, as the ledger tells it: clients, and who wrote without an account.

A case that joined a client's data since then brought its accesses along: they are told again in the
client's chain, with who it was and when (alko/privacy/correspondence/case_joining.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from alko.models.activity import BY_STAFF, LedgerEntry
from alko.models.client import Client, ClientStatus
from alko.models.contact import OF_STRANGER, Case
from alko.privacy.accountability import chain
from alko.privacy.accountability.events import Event
from alko.privacy.inventory import CATEGORIES


@dataclass(frozen=True)
class Scope:
    """Which accesses made the breach: from these the ledger tells whose data was reached."""

    began_at: datetime
    ended_at: datetime
    member: ObjectId | None = None
    """Whose accesses; None: those of all staff."""
    categories: tuple[str, ...] = ()
    """Which categories of data; none: all."""
    everybody: bool = False
    """All clients, whatever the ledger says."""


def reached(scope: Scope) -> int:
    """How many people's data was reached."""
    found = run(scope, [{"$count": "people"}])
    return next((int(one["people"]) for one in found), 0)


def run(scope: Scope, then: list[dict[str, Any]]) -> Any:
    """Run stages behind those that give the number of each whose data was reached, as ``_id``."""
    if scope.everybody:
        return Client.raw().aggregate([*_everybody(scope), *then])
    stages = [*_accessed(scope), *then]
    return LedgerEntry.raw().aggregate(stages, hint=BY_STAFF, allowDiskUse=True)


def _everybody(scope: Scope) -> list[dict[str, Any]]:
    then = {"recorded_at": {"$lt": scope.ended_at}}
    strangers = [{"$match": {**then, **OF_STRANGER}}, {"$project": {"_id": 1}}]
    return [
        {"$match": {**then, "status": ClientStatus.ACTIVE.value}},
        {"$project": {"_id": 1}},
        {"$unionWith": {"coll": Case.raw().name, "pipeline": strangers}},
    ]


def _accessed(scope: Scope) -> list[dict[str, Any]]:
    categories = {"categories": {"$in": list(scope.categories or CATEGORIES)}}
    accesses = {
        "recorded_at": {"$gte": scope.began_at, "$lt": scope.ended_at},
        "actor_id": scope.member or {"$type": "objectId"},
        **categories,
    }
    joined = {
        "event": Event.CASE_EARLIER.value,
        "details.on": {
            "$gte": chain.timestamp(scope.began_at),
            "$lt": chain.timestamp(scope.ended_at),
        },
        "details.member": str(scope.member) if scope.member else {"$type": "string"},
        **categories,
    }
    return [
        {"$match": accesses},
        {"$unionWith": {"coll": LedgerEntry.raw().name, "pipeline": [{"$match": joined}]}},
        {"$group": {"_id": "$client"}},
        _look_up(Client, {}),
        _look_up(Case, OF_STRANGER),
        {"$match": {"$or": [{Client.raw().name: {"$ne": []}}, {Case.raw().name: {"$ne": []}}]}},
    ]


def _look_up(model: Any, only: dict[str, Any]) -> dict[str, Any]:
    """Whether there is still somebody of that number, under the name of the collection."""
    lookup = {
        "from": model.raw().name,
        "localField": "_id",
        "foreignField": "_id",
        "pipeline": [{"$match": only}, {"$project": {"_id": 1}}],
        "as": model.raw().name,
    }
    return {"$lookup": lookup}
