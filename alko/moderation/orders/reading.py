"""The queue of open orders from clear fields alone; no name and no car is in it (P16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from alko.models.transaction import Order
from alko.web.paging import Stretch

_FIELDS = dict.fromkeys(("number", "status", "recorded_at", "assigned_to", "client", "revision"), 1)
_OPEN: dict[str, Any] = {"status": {"$in": ["ordered", "in_production", "shipped"]}}
STATES = ("ordered", "in_production", "shipped")


class View(StrEnum):
    """The parts of the queue, each with an address of its own."""

    ALL = "all"
    NOBODY = "nobody"
    MINE = "mine"


@dataclass(frozen=True)
class Listed:
    """An order: clear fields."""

    id: ObjectId
    number: str
    status: str
    ordered_at: datetime
    holder: ObjectId | None
    client: ObjectId
    revision: int


def queue(view: View, state: str, member: ObjectId, number: int) -> tuple[list[Listed], Stretch]:
    """A page of the open orders, oldest first; a page beyond the last is the last. Two queries."""
    wanted: dict[str, Any] = {"status": state} if state else dict(_OPEN)
    if view is not View.ALL:
        wanted["assigned_to"] = member if view is View.MINE else None
    page = Stretch.of(number, Order.raw().count_documents(wanted))
    cursor = Order.raw().find(wanted, _FIELDS).sort([("recorded_at", 1), ("_id", 1)])
    return [_listed(one) for one in cursor.skip(page.skip).limit(page.size)], page


def find(number: str) -> Listed | None:
    """An order by its number, open or closed."""
    found = Order.raw().find_one({"number": str(number)}, _FIELDS)
    return _listed(found) if found else None


def _listed(one: dict[str, Any]) -> Listed:
    return Listed(
        one["_id"],
        one["number"],
        one["status"],
        one["recorded_at"],
        one.get("assigned_to"),
        one["client"],
        one["revision"],
    )
