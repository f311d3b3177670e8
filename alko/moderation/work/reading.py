"""What is assigned to a member, by reference and date; no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.models.contact import CaseState
from alko.models.request import OPEN
from alko.moderation.documents.reading import TO_CHECK
from alko.privacy.door import grounds

SHOWN_AT_MOST = 50


@dataclass(frozen=True)
class Item:
    """A work item of the member."""

    kind: str
    """Its beginning in alko/privacy/door/grounds.py: R, C, AC, paper."""
    reference: str
    since: datetime
    due_at: datetime | None


def mine(member: ObjectId) -> list[Item]:
    """What this member has in hand, by date; one query for each kind of work."""
    found = [item for kind in grounds.WORK for item in _of_kind(kind, member)]
    return sorted(found, key=lambda item: item.due_at or item.since)


STILL_OPEN: dict[str, dict[str, Any]] = {
    "R": {"state": {"$in": [state.value for state in OPEN]}},
    "AC": {"closed_at": None},
    "paper": TO_CHECK,
    "C": {"closed_at": None},
}
"""Of each kind, which are still to be done."""
ANSWERED: dict[str, str] = {"C": CaseState.WAITING.value}
"""Of a kind of work the state in which it is the other side's turn: nothing is late then."""


@dataclass(frozen=True)
class Desk:
    """How much waits at one desk."""

    open: int = 0
    overdue: int = 0
    today: int = 0
    """Due within the next 24 hours."""
    nobodys: int = 0


def waiting(kind: str, now: datetime, holder: ObjectId | None = None) -> Desk:
    """What is open of one kind, or of it what one member has; one query."""
    wanted = {**STILL_OPEN[kind], **({"assigned_to": holder} if holder else {})}
    # The earlier of both where there are two; $min passes over what is missing.
    due_at = {"$min": ["$due_at", "$target_at"]}
    never = datetime.max.replace(tzinfo=now.tzinfo)
    answered = {"$eq": ["$state", ANSWERED.get(kind)]}
    due = {"$cond": [answered, never, {"$ifNull": [due_at, never]}]}
    counted: dict[str, Any] = {
        "_id": None,
        "open": {"$sum": 1},
        "overdue": _number_of({"$lt": [due, now]}),
        "today": _number_of(
            {"$and": [{"$gte": [due, now]}, {"$lt": [due, now + timedelta(days=1)]}]}
        ),
        "nobodys": _number_of({"$eq": [{"$ifNull": ["$assigned_to", None]}, None]}),
    }
    fields = dict.fromkeys(("due_at", "target_at", "state", "assigned_to"), 1)
    stages = [{"$match": wanted}, {"$project": fields}, {"$group": counted}]
    found: dict[str, int] = next(
        iter(getattr(models, grounds.WORK[kind].model).raw().aggregate(stages)), {}
    )
    return Desk(**{name: number for name, number in found.items() if name != "_id"})


def _number_of(condition: dict[str, Any]) -> dict[str, Any]:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _of_kind(kind: str, member: ObjectId) -> Iterator[Item]:
    work = grounds.WORK[kind]
    wanted = {"assigned_to": member, **STILL_OPEN[kind]}
    fields = dict.fromkeys((work.field, "recorded_at", "due_at", "target_at", "state"), 1)
    for one in getattr(models, work.model).raw().find(wanted, fields).limit(SHOWN_AT_MOST):
        reference = str(one[work.field])
        yield Item(kind, reference, one["recorded_at"], _due_at(kind, one))


def _due_at(kind: str, one: dict[str, Any]) -> datetime | None:
    """When it must be answered or taken up, whichever comes first; None where that is done."""
    if kind in ANSWERED and one["state"] == ANSWERED[kind]:
        return None
    moments = [one[name] for name in ("due_at", "target_at") if one.get(name)]
    return min(moments, default=None)
