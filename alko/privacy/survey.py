"""What a dossier holds, as the planner needs it: ids, rules and dates, no personal value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.models.document import PaperKind
from alko.privacy.inventory import CATEGORIES, Category
from alko.privacy.planner import Held
from alko.privacy.retention import Retention


def survey(client: ObjectId) -> Iterator[Held]:
    """Every record of the client in every category; one query for each category."""
    open_orders = {
        order["_id"]
        for order in models.Order.raw().find({"client": client, "closed_at": None}, {"_id": 1})
    }
    for chosen in CATEGORIES.values():
        collection = getattr(models, chosen.model).raw()
        fields = {"erase_after": 1, "hold_until": 1, "order": 1, "kind": 1}
        for record in collection.find({"client": client}, fields):
            yield _held(chosen, record, open_orders)


def _held(chosen: Category, record: dict[str, Any], open_orders: set[ObjectId]) -> Held:
    rule = chosen.retention
    if chosen.slug == "documents" and record.get("kind") == PaperKind.FINANCIAL:
        rule = Retention.TRANSACTIONS
    order = record["_id"] if chosen.slug == "orders" else record.get("order")
    return Held(
        chosen.slug,
        record["_id"],
        rule,
        erase_after=record.get("erase_after"),
        open_order=order in open_orders,
        hold_until=record.get("hold_until"),
    )
