"""Counts by month and state, each from one aggregation over clear fields that an index finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import alko.models as models
from alko.models.contact import CaseState
from alko.models.request import OPEN, RequestState
from alko.moderation.documents.reading import TO_CHECK

MONTH = "%Y-%m"
DAY_MS = 24 * 60 * 60 * 1000
AGES = (1, 3, 7)
"""Days that part the ages of waiting papers."""
SOON = 7
"""Days before its end in which a request counts as due soon."""


@dataclass(frozen=True)
class Answered:
    """How long the answers of one month took, in whole days begun; 0 where there was none."""

    count: int = 0
    median: int = 0
    ninetieth: int = 0
    late: int = 0
    """Answered after their due date."""


Counts = dict[str, dict[str, int]]
"""By month (``2026-05``) the number of each code."""


@dataclass(frozen=True)
class Now:
    """What is open at this moment."""

    overdue: int = 0
    soon: int = 0
    later: int = 0


def months(now: datetime, count: int) -> list[str]:
    """The last ``count`` months, this one included, oldest first."""
    number = now.year * 12 + now.month - 1
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(number - count + 1, number + 1)]


def requests_received(since: datetime, now: datetime) -> Counts:
    """Requests by the month of their receipt, and what became of them: ``open``, ``overdue``..."""
    state: dict[str, Any] = {
        "$switch": {
            "branches": [
                {"case": {"$in": ["$state", _values(_ENDED)]}, "then": "$state"},
                {"case": {"$lt": ["$due_at", now]}, "then": "overdue"},
            ],
            "default": "open",
        }
    }
    return _by_month(models.DataRequest, "recorded_at", state, since)


def time_to_answer(since: datetime) -> dict[str, Answered]:
    """By the month of the answer: median, 90th percentile, and how many were late.

    The database counts answers by their days; of these few numbers the rest is computed.
    """
    took = {"$subtract": ["$finished_at", "$recorded_at"]}
    answered = {"$in": [RequestState.DONE.value, RequestState.REFUSED.value]}
    stages: list[dict[str, Any]] = [
        {"$match": {"finished_at": {"$gte": since}, "state": answered}},
        {"$project": {"finished_at": 1, "recorded_at": 1, "due_at": 1}},
        {
            "$group": {
                "_id": {
                    "month": _month("finished_at"),
                    "days": {"$ceil": {"$divide": [took, DAY_MS]}},
                    "late": {"$gt": ["$finished_at", "$due_at"]},
                },
                "count": {"$sum": 1},
            }
        },
    ]
    by_month: dict[str, list[tuple[int, int, bool]]] = {}
    for one in models.DataRequest.raw().aggregate(stages):
        key = one["_id"]
        row = (int(key["days"]), int(one["count"]), bool(key["late"]))
        by_month.setdefault(key["month"], []).append(row)
    return {month: summary(rows) for month, rows in by_month.items()}


def summary(rows: Iterable[tuple[int, int, bool]]) -> Answered:
    """Of (days, how many, whether late) the percentiles: the smallest day that covers the part."""
    ordered = sorted(rows)
    count = sum(many for _, many, _ in ordered)
    return Answered(
        count,
        _covering(ordered, count, 50),
        _covering(ordered, count, 90),
        sum(many for _, many, late in ordered if late),
    )


def _covering(ordered: list[tuple[int, int, bool]], count: int, percent: int) -> int:
    reached = 0
    for days, many, _ in ordered:
        reached += many
        if reached * 100 >= count * percent:
            return days
    return 0


def cases_received(since: datetime) -> Counts:
    """Contact cases by month of receipt: ``closed``, or ``open`` for all others."""
    closed = CaseState.CLOSED.value
    state = {"$cond": [{"$eq": ["$state", closed]}, closed, "open"]}
    return _by_month(models.Case, "recorded_at", state, since)


def deliveries(since: datetime) -> Counts:
    """Cars handed over, by month."""
    return _by_month(models.Delivery, "delivered_at", {"$literal": "delivered"}, since)


def at_present(now: datetime) -> Now:
    """Open requests by urgency."""
    soon = {"$lt": ["$due_at", now + timedelta(days=SOON)]}
    urgency = {
        "$switch": {
            "branches": [
                {"case": {"$lt": ["$due_at", now]}, "then": "overdue"},
                {"case": soon, "then": "soon"},
            ],
            "default": "later",
        }
    }
    still = {"state": {"$in": _values(OPEN)}}
    return Now(**{one["_id"]: one["n"] for one in _count(models.DataRequest, still, urgency)})


def papers_waiting(now: datetime) -> list[int]:
    """Papers that wait for a check by age: up to 1, 3, 7 days, and older."""
    borders = [now - timedelta(days=days) for days in AGES]
    age = {
        "$switch": {
            "branches": [
                {"case": {"$gt": ["$recorded_at", border]}, "then": number}
                for number, border in enumerate(borders)
            ],
            "default": len(AGES),
        }
    }
    papers = [0] * (len(AGES) + 1)
    for one in _count(models.PaperRecord, TO_CHECK, age):
        papers[one["_id"]] = one["n"]
    return papers


_ENDED = (RequestState.DONE, RequestState.REFUSED, RequestState.WITHDRAWN)


def _values(states: Iterable[RequestState]) -> list[str]:
    return [state.value for state in states]


def _month(name: str) -> dict[str, Any]:
    return {"$dateToString": {"date": f"${name}", "format": MONTH}}


def _count(model: Any, wanted: dict[str, Any], code: dict[str, Any]) -> Iterable[dict[str, Any]]:
    stages = [{"$match": wanted}, {"$group": {"_id": code, "n": {"$sum": 1}}}]
    found: Iterable[dict[str, Any]] = model.raw().aggregate(stages)
    return found


def _by_month(model: Any, at: str, code: dict[str, Any], since: datetime) -> Counts:
    key = {"month": _month(at), "code": code}
    found: Counts = {}
    for one in _count(model, {at: {"$gte": since, "$type": "date"}}, key):
        found.setdefault(one["_id"]["month"], {})[one["_id"]["code"]] = one["n"]
    return found


def beginning(month: str) -> datetime:
    """The first moment of a month, UTC."""
    return datetime.strptime(month, MONTH).replace(tzinfo=UTC)
