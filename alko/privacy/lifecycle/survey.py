"""What a dossier holds, as the planner needs it: ids, rules and dates, no personal value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.models.document import PaperKind
from alko.privacy.inventory import CATEGORIES, Category
from alko.privacy.lifecycle.planner import Held
from alko.privacy.lifecycle.retention import Retention


class _Holds:
    """The client's legal holds in force: those of single records, and those of everything."""

    def __init__(self, client: ObjectId) -> None:
        running = {"client": client, "until": {"$gt": datetime.now(UTC)}}
        fields = {"record": 1, "until": 1, "told": 1}
        self._all = list(models.LegalHold.raw().find(running, fields))

    def over(self, record: dict[str, Any]) -> tuple[datetime | None, bool]:
        """The end of all holds over a record, and whether the client may know of one."""
        mine = [one for one in self._all if one.get("record") in (None, record["_id"])]
        ends = [one["until"] for one in mine]
        if record.get("hold_until"):
            # Also without a hold of its own: a hold's record keeps itself, and says so if it may.
            ends.append(record["hold_until"])
        told = any(one["told"] for one in mine) if mine else bool(record.get("told", True))
        return max(ends, default=None), told


def survey(client: ObjectId) -> Iterator[Held]:
    """Every record of the client in every category; one query for each category."""
    open_orders = {
        order["_id"]
        for order in models.Order.raw().find({"client": client, "closed_at": None}, {"_id": 1})
    }
    holds = _Holds(client)
    for chosen in CATEGORIES.values():
        collection = getattr(models, chosen.model).raw()
        fields = {"erase_after": 1, "hold_until": 1, "order": 1, "kind": 1, "told": 1}
        for record in collection.find({"client": client}, fields):
            yield _held(chosen, record, open_orders, holds)


def visible(client: ObjectId) -> Iterator[Held]:
    """The same without the holds of which the client must not be told."""
    for held in survey(client):
        if held.category != "holds" or held.hold_told:
            yield held


def _held(
    chosen: Category, record: dict[str, Any], open_orders: set[ObjectId], holds: _Holds
) -> Held:
    rule = chosen.retention
    if chosen.slug == "documents" and record.get("kind") == PaperKind.FINANCIAL:
        rule = Retention.TRANSACTIONS
    order = record["_id"] if chosen.slug == "orders" else record.get("order")
    until, told = holds.over(record)
    if chosen.slug == "holds":
        told = record["told"]
    return Held(
        chosen.slug,
        record["_id"],
        rule,
        erase_after=record.get("erase_after"),
        open_order=order in open_orders,
        hold_until=until,
        hold_told=told,
    )
