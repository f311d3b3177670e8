"""The queue of requests by legal risk, from clear fields alone; no personal data (P16, P34).

The sort is the due date: what is overdue comes first, then what has the fewest days left. Urgent
requests and those whose sender is not identified yet stand apart. Every list is served by an index
in its order, so that its first page costs the same among ten requests and among ten thousand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from alko.models.request import FINISHED, OPEN, DataRequest, RequestState
from alko.privacy.door.permissions import StaffRole
from alko.privacy.rights.catalogue import Right
from alko.web.paging import Stretch

APART = 10
"""How many of the urgent and of the unverified stand beside the queue; all have a view."""
FIELDS = dict.fromkeys(
    (
        *("reference", "right", "state", "recorded_at", "due_at", "finished_at", "urgent"),
        *("assigned_to", "proposed_by", "approved_by"),
    ),
    1,
)
ORDER = [("due_at", 1), ("reference", 1)]
NOT_URGENT: dict[str, Any] = {"$in": [False, None]}


class View(StrEnum):
    """The parts of the queue, each with an address of its own."""

    QUEUE = "queue"
    URGENT = "urgent"
    UNVERIFIED = "unverified"
    SECOND = "second"
    """A deletion was proposed, and a second member of staff must decide."""
    FINISHED = "finished"


class Holder(StrEnum):
    ANYBODY = "anybody"
    MINE = "mine"
    NOBODY = "nobody"


def open_state(name: str) -> RequestState:
    """The open state of that name; ValueError."""
    state = RequestState(name)
    if state not in OPEN:
        raise ValueError(name)
    return state


@dataclass(frozen=True)
class Filters:
    """What the address of the page asks for."""

    view: View = View.QUEUE
    holder: Holder = Holder.ANYBODY
    right: Right | None = None
    state: RequestState | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Listed:
    """A request in the list: clear fields."""

    reference: str
    right: str
    state: str
    recorded_at: datetime
    due_at: datetime
    finished_at: datetime | None
    urgent: bool
    holder: ObjectId | None
    second: bool
    """Whether it waits for a second member of staff."""


@dataclass(frozen=True)
class Desk:
    """The page: the list that was asked for, what stands apart, and how much there is of each."""

    rows: list[Listed]
    page: Stretch
    urgent: list[Listed] = field(default_factory=list)
    unverified: list[Listed] = field(default_factory=list)
    counts: Counter[View] = field(default_factory=Counter)


def desk(filters: Filters, member: ObjectId, role: StaffRole, number: int, now: datetime) -> Desk:
    """The page of the queue; a page beyond the last is the last. At most five queries."""
    if role is not StaffRole.OFFICER:
        filters = Filters(filters.view, Holder.MINE, filters.right, filters.state, filters.overdue)
    wanted = _wanted(filters, member, now)
    counts = _counts(wanted)
    apart = filters.view is View.QUEUE and number == 1
    return Desk(
        *_listing(filters.view, wanted, counts, member, number),
        _first(_of(View.URGENT, wanted), apart and counts[View.URGENT]),
        _first(_of(View.UNVERIFIED, wanted), apart and counts[View.UNVERIFIED]),
        counts,
    )


def _wanted(filters: Filters, member: ObjectId, now: datetime) -> dict[str, Any]:
    """The filters as a query, whatever the part of the queue."""
    wanted: dict[str, Any] = {}
    if filters.holder is not Holder.ANYBODY:
        wanted["assigned_to"] = member if filters.holder is Holder.MINE else None
    if filters.right:
        wanted["right"] = filters.right.value
    if filters.overdue:
        wanted["due_at"] = {"$lt": now}
    states = [filters.state] if filters.state in OPEN else OPEN
    wanted["state"] = {"$in": [state.value for state in states if state]}
    return wanted


def _of(view: View, wanted: dict[str, Any]) -> dict[str, Any]:
    """The query of one part. Point values only, so that an index gives them in order."""
    states = wanted["state"]["$in"]
    unverified = RequestState.IDENTITY_CHECK.value
    if view is View.FINISHED:
        states = [state.value for state in FINISHED]
        return {**_without(wanted, "due_at"), "state": {"$in": states}}
    if view is View.URGENT:
        return {**wanted, "urgent": True}
    if view is View.UNVERIFIED:
        only = {"state": {"$in": [one for one in states if one == unverified]}}
        return {**wanted, "urgent": NOT_URGENT, **only}
    if view is View.SECOND:
        return {**wanted, "proposed_by": {"$type": "objectId"}, "approved_by": None}
    others = {"state": {"$in": [one for one in states if one != unverified]}}
    return {**wanted, "urgent": NOT_URGENT, **others}


def _without(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if key != name}


def _counts(wanted: dict[str, Any]) -> Counter[View]:
    """How many open requests each part has, all in one query."""
    group = {"_id": {"urgent": "$urgent", "state": "$state"}, "count": {"$sum": 1}}
    urgent = {"$in": [True, False, None]}
    pipeline = [{"$match": {"urgent": urgent, **wanted}}, {"$group": group}]
    counts: Counter[View] = Counter()
    for found in DataRequest.raw().aggregate(pipeline, hint=_index(wanted)):
        state = found["_id"]["state"]
        view = View.UNVERIFIED if state == RequestState.IDENTITY_CHECK else View.QUEUE
        counts[View.URGENT if found["_id"].get("urgent") else view] += found["count"]
    return counts


def _listing(
    view: View, wanted: dict[str, Any], counts: Counter[View], member: ObjectId, number: int
) -> tuple[list[Listed], Stretch]:
    query = _of(view, wanted)
    if view is View.SECOND:
        query["proposed_by"] = {"$type": "objectId", "$ne": member}
    counted = view not in (View.SECOND, View.FINISHED)
    total = counts[view] if counted else DataRequest.raw().count_documents(query)
    page = Stretch.of(number, total)
    order = [("finished_at", -1)] if view is View.FINISHED else ORDER
    index = {View.SECOND: "proposed", View.FINISHED: "finished"}.get(view) or _index(wanted)
    cursor = DataRequest.raw().find(query, FIELDS).sort(order).hint(index)
    return [_listed(one) for one in cursor.skip(page.skip).limit(page.size)], page


def _first(query: dict[str, Any], count: int) -> list[Listed]:
    if not count:
        return []
    cursor = DataRequest.raw().find(query, FIELDS).sort(ORDER).hint(_index(query))
    return [_listed(one) for one in cursor.limit(APART)]


def _index(query: dict[str, Any]) -> str:
    """The index that has the queue in its order; the database would guess anew each time."""
    return "queue_of_holder" if "assigned_to" in query else "queue"


def _listed(one: dict[str, Any]) -> Listed:
    return Listed(
        reference=one["reference"],
        right=one["right"],
        state=one["state"],
        recorded_at=one["recorded_at"],
        due_at=one["due_at"],
        finished_at=one.get("finished_at"),
        urgent=bool(one.get("urgent")),
        holder=one.get("assigned_to"),
        second=bool(one.get("proposed_by")) and not one.get("approved_by"),
    )


def find(reference: str) -> DataRequest | None:
    """A request with its clear fields alone."""
    found: DataRequest | None = (
        DataRequest.objects(reference=str(reference)).exclude("sealed").first()
    )
    return found


def next_after(request: DataRequest, member: ObjectId, role: StaffRole) -> str | None:
    """The reference of the next one to work on: the member's own first, then what nobody has.

    By due date after this one; after the last comes the first again. None where all is done.
    """
    holders = [member, None] if role is StaffRole.OFFICER else [member]
    later = {"due_at": {"$gt": request.due_at}}
    others = {"reference": {"$ne": request.reference}}
    for holder in holders:
        for where in (later, others):
            mine = {
                "assigned_to": holder,
                "urgent": {"$in": [True, False, None]},
                "state": {"$in": [state.value for state in OPEN]},
                **where,
            }
            found = DataRequest.raw().find_one(
                mine, {"reference": 1}, sort=ORDER, hint=_index(mine)
            )
            if found:
                return str(found["reference"])
    return None
