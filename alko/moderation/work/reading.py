"""What is assigned to a member, by reference and date; no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.privacy import grounds

SHOWN_AT_MOST = 50


@dataclass(frozen=True)
class Item:
    """A work item of the member."""

    kind: str
    """Its beginning in alko/privacy/grounds.py: R, C, AC, paper."""
    reference: str
    since: datetime
    due_at: datetime | None


def mine(member: ObjectId) -> list[Item]:
    """What this member has in hand, by date; one query for each kind of work."""
    found = [item for kind in grounds.WORK for item in _of_kind(kind, member)]
    return sorted(found, key=lambda item: item.due_at or item.since)


STILL_OPEN: dict[str, dict[str, Any]] = {
    "R": {"finished_at": None},
    "AC": {"closed_at": None},
    "paper": {"status": {"$in": ["received", "checking"]}},
    "C": {"closed_at": None},
}
"""Of each kind, which are still to be done."""


def _of_kind(kind: str, member: ObjectId) -> Iterator[Item]:
    work = grounds.WORK[kind]
    wanted = {"assigned_to": member, **STILL_OPEN[kind]}
    fields = {work.field: 1, "recorded_at": 1, "due_at": 1}
    for one in getattr(models, work.model).raw().find(wanted, fields).limit(SHOWN_AT_MOST):
        reference = str(one[work.field])
        yield Item(kind, reference, one["recorded_at"], one.get("due_at"))
