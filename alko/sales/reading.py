"""Reading one order: what is there, whether it changed, and then its records.

Asking whether something changed looks at numbers of revisions only, and opens nothing: a page that
asks every half minute while nothing happens leaves no entry in the ledger, for nothing was shown.
As soon as there is something new it is read through the dossier, which writes its entry first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bson import ObjectId

from alko.models.transaction import Delivery, Invoice, Order, OrderStatus, Payment
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord, Page, Row
from alko.privacy.vocabulary import Purpose

WITH_ORDER = ("payments", "invoices", "deliveries")
PAPERS = "documents"


@dataclass(frozen=True)
class Known:
    """An order as far as its clear fields tell."""

    id: ObjectId
    number: str
    version: str
    """Changes whenever the page would; a day is part of it because dates are told as of today."""
    over: bool
    """Delivered or cancelled: nothing more will happen."""


@dataclass(frozen=True)
class OpenOrder:
    """An order that was opened, with all that belongs to it."""

    known: Known
    order: Row
    payments: list[Row]
    invoices: list[Row]
    deliveries: list[Row]
    papers: list[Row] = field(default_factory=list)
    """Only where they were asked for: the tracking opens no papers."""

    @property
    def delivery(self) -> Row | None:
        """The delivery, the newest if there are several."""
        return self.deliveries[-1] if self.deliveries else None


def known(client: ObjectId, number: str, today: date) -> Known:
    """The client's order of that number, in one read; NoSuchRecord where there is none."""
    related = [(model, model._get_collection_name()) for model in (Payment, Invoice, Delivery)]
    pipeline: list[dict[str, Any]] = [
        {"$match": {"client": client, "number": str(number)}},
        {"$project": {"revision": 1, "status": 1}},
    ]
    for _, name in related:
        lookup = {
            "from": name,
            "localField": "_id",
            "foreignField": "order",
            "pipeline": [{"$match": {"client": client}}, {"$project": {"revision": 1}}],
            "as": name,
        }
        pipeline.append({"$lookup": lookup})
    found = next(iter(Order.raw().aggregate(pipeline)), None)
    if found is None:
        raise NoSuchRecord("orders")
    over = found["status"] in (OrderStatus.DELIVERED.value, OrderStatus.CANCELLED.value)
    return Known(found["_id"], number, _version(found, [n for _, n in related], today), over)


def _version(found: Mapping[str, Any], names: list[str], today: date) -> str:
    parts = [today.isoformat(), str(found["revision"])]
    for name in names:
        parts += sorted(f"{name}/{one['_id']}/{one['revision']}" for one in found[name])
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def opened(found: Known, client: ObjectId, actor: Actor, *, with_papers: bool = False) -> OpenOrder:
    """The order and all that belongs to it, for the client: one ledger entry, one read.

    Staff get one that is over for its records alone (P21).
    """
    slugs = (*WITH_ORDER, PAPERS) if with_papers else WITH_ORDER
    for_records = found.over and actor.kind == "staff"
    dossier = Dossier.open(
        client,
        actor,
        Purpose.FINANCE if for_records else Purpose.SERVICE,
        categories=["orders", *slugs],
        event=Event.CATEGORY_SHOWN,
    )
    rows = dossier.together("orders", {"_id": found.id}, slugs, by="order")
    return OpenOrder(found, rows["orders"][0], *(rows[slug] for slug in slugs))


def page(client: ObjectId, actor: Actor, number: int) -> Page:
    """One page of the client's orders, the newest first."""
    dossier = Dossier.open(client, actor, Purpose.SERVICE, categories=["orders"])
    return dossier.page("orders", number)


def invoice(found: Known, client: ObjectId, actor: Actor, number: str) -> tuple[Row, Row] | None:
    """One invoice of the order and the order itself; None where the order has no such invoice."""
    where = {"client": client, "order": found.id, "number": str(number)}
    invoiced = Invoice.raw().find_one(where, {"_id": 1})
    if invoiced is None:
        return None
    dossier = Dossier.open(
        client,
        actor,
        Purpose.FINANCE,
        categories=["orders", "invoices"],
        event=Event.INVOICE_OPENED,
        details={"record": str(invoiced["_id"])},
    )
    return dossier.row("invoices", invoiced["_id"]), dossier.row("orders", found.id)
