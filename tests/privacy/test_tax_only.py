"""Records of closed orders: for the client always, for others only for the tax rule (P21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.models.transaction import (
    Delivery,
    DeliveryDetails,
    DeliveryEvent,
    InvoiceDetails,
    Order,
    OrderStatus,
    PaymentDetails,
)
from alko.privacy import deliveries
from alko.privacy.door.access import JOBS, Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.vocabulary import Purpose
from alko.sales import operations
from tests.staffing import overriding

pytestmark = pytest.mark.promise("P21")
SALE = ("orders", "payments", "invoices", "deliveries")
PAYMENT = PaymentDetails(
    amount=1,
    currency="EUR",
    method="card",
    account_ending="1",
    payer="P",
    processor_reference="r",
)
INVOICE = InvoiceDetails(buyer_name="B", buyer_address="A")
DELIVERY = DeliveryDetails(
    carrier="C", vessel="V", voyage="1", from_port="F", to_port="T", handover_address="H"
)
TAX = {Purpose.LEGAL, Purpose.FINANCE}


@pytest.fixture
def sale(app: Flask) -> tuple[ObjectId, Order, Order]:
    """A client with an order under way, and one that was closed."""
    factory = Factory(str(ObjectId()))
    client = factory.client().id
    closed_at = factory.now - timedelta(days=30)
    ordered_at = datetime(2025, 11, 3, tzinfo=UTC)
    going = factory.order(client, OrderStatus.SHIPPED, ordered_at=ordered_at)
    closed = factory.order(client, OrderStatus.DELIVERED, closed_at)
    for order, ended in ((going, None), (closed, closed_at)):
        factory.payment(order, PAYMENT, factory.now)
        factory.invoice(order, INVOICE, factory.now)
        factory.delivery(order, DELIVERY, factory.now, ended)
    return client, going, closed


def yields_closed(dossier: Dossier, closed: Order) -> bool:
    """Whether any of the ways to read yields something of the closed order; all must agree."""
    found = set()
    for slug in sorted(dossier.categories & set(SALE)):
        rows = list(dossier.rows(slug))
        found.add(len(rows) == 2)
        found.add(dossier.page(slug).total == 2)
        found.add(dossier.overview().summaries[slug].count == 2)
        if slug != "orders":
            found.add(closed.pk in dossier.references(slug, "order").values())
    if "orders" in dossier.categories:
        for read in (
            lambda: dossier.row("orders", closed.pk),
            lambda: dossier.record(Order, id=closed.pk),
            lambda: dossier.together("orders", {"_id": closed.pk}, [], by="order"),
        ):
            try:
                read()
            except NoSuchRecord:
                found.add(False)
            else:
                found.add(True)
    assert len(found) == 1, "the ways to read disagree"
    return found.pop()


def test_the_door_keeps_closed_orders_for_the_tax_rule(sale: tuple[ObjectId, Order, Order]) -> None:
    client, _, closed = sale
    officer = overriding(client)
    for purpose in Purpose:
        mine = Dossier.open(client, Actor.client(client), purpose, categories=SALE)
        assert yields_closed(mine, closed)
        theirs = Dossier.open(client, officer, purpose, categories=SALE)
        assert yields_closed(theirs, closed) == (purpose in TAX), purpose
    for job, (purpose, categories) in JOBS.items():
        if wanted := categories & set(SALE):
            dossier = Dossier.open(client, Actor.job(job), purpose, categories=wanted)
            assert yields_closed(dossier, closed) == (purpose in TAX), job


def test_what_is_reported_late_corrects_what_is_kept(sale: tuple[ObjectId, Order, Order]) -> None:
    client, going, _ = sale
    delivery = Delivery.raw().find_one({"client": client, "order": going.pk})["_id"]
    carrier = Actor.job(Job.DELIVERY)

    def event(name: str, on: str) -> DeliveryEvent:
        now = deliveries.reported(datetime.now(UTC))
        said = {"id": name, "place": "Bucharest", "reported_at": now}
        return DeliveryEvent(milestone="delivered", at=on, done=True, **said)

    first = event("e-1", "2026-03-02")
    assert operations.note(delivery, first, carrier)
    assert Order.objects.get(id=going.pk).closed_year == 2026
    assert not operations.note(delivery, first, carrier), "a repeat is known, closed or not"
    assert operations.note(delivery, event("e-2", "2025-12-30"), carrier)
    assert Order.objects.get(id=going.pk).closed_year == 2025
