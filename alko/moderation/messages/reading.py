"""The queue of cases from clear fields alone: urgent ones first, then by due date (P16, P35).

No name, address or subject is in it, so no dossier is opened for a list. Every list is served by an
index in its order: its first page costs the same among ten cases and among ten thousand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from alko.models.contact import Case

SIZE = 25
FIELDS = dict.fromkeys(
    (
        *("reference", "kind", "urgent", "state", "channel", "recorded_at", "due_at", "target_at"),
        *("confirmed_at", "closed_at", "unreadable", "suggested_right", "right", "assigned_to"),
    ),
    1,
)
OPEN_ORDER = [("urgent", -1), ("due_at", 1)]
CLOSED_ORDER = [("closed_at", -1)]


class View(StrEnum):
    """The parts of the queue, each with an address of its own."""

    OPEN = "open"
    MINE = "mine"
    NOBODY = "nobody"
    URGENT = "urgent"
    UNCONFIRMED = "unconfirmed"
    """The writer's address was not confirmed by the mailed link yet."""
    UNREADABLE = "unreadable"
    CLOSED = "closed"


@dataclass(frozen=True)
class Listed:
    """A case in the list: clear fields."""

    reference: str
    kind: str
    urgent: bool
    state: str
    channel: str
    recorded_at: datetime
    due_at: datetime
    target_at: datetime | None
    confirmed: bool
    unreadable: bool
    suggested: str | None
    right: str | None
    holder: ObjectId | None


@dataclass(frozen=True)
class Listing:
    """One page of a part of the queue, and how much there is in each of the open parts."""

    rows: list[Listed]
    total: int
    counts: dict[View, int]
    number: int = 1
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))


def listing(view: View, member: ObjectId, number: int) -> Listing:
    """A page of the queue; a page beyond the last is the last. Two or three queries."""
    counts = _counts(member)
    query = _of(view, member)
    total = counts[view] if view in counts else Case.raw().count_documents(query)
    number = min(max(number, 1), max(1, math.ceil(total / SIZE)))
    order = CLOSED_ORDER if view is View.CLOSED else OPEN_ORDER
    cursor = Case.raw().find(query, FIELDS).sort(order).skip((number - 1) * SIZE).limit(SIZE)
    return Listing([_listed(one) for one in cursor], total, counts, number)


def listed(references: list[str]) -> list[Listed]:
    """These cases, newest first; those that are gone are left out."""
    found = Case.raw().find({"reference": {"$in": references}}, FIELDS).sort("recorded_at", -1)
    return [_listed(one) for one in found]


def _of(view: View, member: ObjectId) -> dict[str, Any]:
    still_open: dict[str, Any] = {"closed_at": None}
    return {
        View.OPEN: still_open,
        View.MINE: {**still_open, "assigned_to": member},
        View.NOBODY: {**still_open, "assigned_to": None},
        View.URGENT: {**still_open, "urgent": True},
        View.UNCONFIRMED: {**still_open, "confirmed_at": None},
        View.UNREADABLE: {**still_open, "unreadable": True},
        View.CLOSED: {"closed_at": {"$type": "date"}},
    }[view]


def _counts(member: ObjectId) -> dict[View, int]:
    """How many open cases each part has, all in one query."""

    def counted(condition: Any) -> dict[str, Any]:
        return {"$sum": {"$cond": [condition, 1, 0]}}

    sums = {
        View.OPEN.value: {"$sum": 1},
        View.MINE.value: counted({"$eq": ["$assigned_to", member]}),
        View.NOBODY.value: counted({"$eq": [{"$ifNull": ["$assigned_to", None]}, None]}),
        View.URGENT.value: counted("$urgent"),
        View.UNCONFIRMED.value: counted({"$eq": [{"$ifNull": ["$confirmed_at", None]}, None]}),
        View.UNREADABLE.value: counted("$unreadable"),
    }
    pipeline = [{"$match": {"closed_at": None}}, {"$group": {"_id": None, **sums}}]
    found: dict[str, int] = next(iter(Case.raw().aggregate(pipeline)), {})
    return {View(name): found.get(name, 0) for name in sums}


def _listed(one: dict[str, Any]) -> Listed:
    return Listed(
        reference=one["reference"],
        kind=one["kind"],
        urgent=one["urgent"],
        state=one["state"],
        channel=one["channel"],
        recorded_at=one["recorded_at"],
        due_at=one["due_at"],
        target_at=one.get("target_at"),
        confirmed=bool(one.get("confirmed_at")),
        unreadable=one["unreadable"],
        suggested=one.get("suggested_right"),
        right=one.get("right"),
        holder=one.get("assigned_to"),
    )
