"""The queue of papers from clear fields alone; no name and no file name is in it (P16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from alko.models.document import PaperKind, PaperRecord
from alko.sales.papers import WAITING
from alko.web.paging import Stretch

_FIELDS = dict.fromkeys(
    ("kind", "status", "recorded_at", "size", "assigned_to", "client", "order", "revision"), 1
)

TO_CHECK: dict[str, Any] = {"status": {"$in": list(WAITING)}, "request": None}
"""Papers that wait for a check. Evidence of a request is looked at with its request."""


class View(StrEnum):
    """The parts of the queue, each with an address of its own."""

    ALL = "all"
    NOBODY = "nobody"
    MINE = "mine"


@dataclass(frozen=True)
class Waiting:
    """A paper that waits for a check: clear fields."""

    id: ObjectId
    kind: str
    status: str
    received_at: datetime
    size: int
    holder: ObjectId | None
    client: ObjectId
    order: ObjectId | None
    revision: int


@dataclass(frozen=True)
class Queue:
    rows: list[Waiting]
    page: Stretch


def queue(view: View, kind: PaperKind | None, member: ObjectId, number: int) -> Queue:
    """A page of the queue, oldest first; a page beyond the last is the last. Two queries."""
    wanted: dict[str, Any] = dict(TO_CHECK)
    if view is not View.ALL:
        wanted["assigned_to"] = member if view is View.MINE else None
    if kind:
        wanted["kind"] = kind.value
    page = Stretch.of(number, PaperRecord.raw().count_documents(wanted))
    cursor = PaperRecord.raw().find(wanted, _FIELDS).sort([("recorded_at", 1), ("_id", 1)])
    return Queue([_waiting(one) for one in cursor.skip(page.skip).limit(page.size)], page)


def find(paper: ObjectId) -> Waiting | None:
    """A paper that waits, None where it was decided or is gone."""
    found = PaperRecord.raw().find_one({"_id": paper, **TO_CHECK}, _FIELDS)
    return _waiting(found) if found else None


def _waiting(one: dict[str, Any]) -> Waiting:
    return Waiting(
        id=one["_id"],
        kind=one["kind"],
        status=one["status"],
        received_at=one["recorded_at"],
        size=one["size"],
        holder=one.get("assigned_to"),
        client=one["client"],
        order=one.get("order"),
        revision=one["revision"],
    )
