"""Invoices are numbered without gaps, whoever issues them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bson import ObjectId
from flask import Flask

from alko.models.transaction import Invoice, InvoiceDetails, InvoiceLine
from alko.sales import invoicing
from tests.orders.conftest import Buyer

DETAILS = InvoiceDetails(
    buyer_name="Élodie", buyer_address="Lyon", lines=[InvoiceLine(description="Car", amount=1)]
)


def test_numbers_follow_each_other(app: Flask, at_sea: Buyer) -> None:
    at, order = datetime(2031, 5, 1, tzinfo=UTC), at_sea.bought.order

    def issue(_: int) -> bool:
        return invoicing.store(at_sea.person.id, order.pk, DETAILS, number=ObjectId(), at=at)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(issue, range(12)))
    issued = Invoice.raw().find({"number": {"$regex": "^IN-2031-"}}, {"number": 1})
    numbers = sorted(one["number"] for one in issued)
    assert numbers == [f"IN-2031-{number:06d}" for number in range(1, 13)]
    assert at_sea.portal.get(f"{at_sea.path}/invoices/{numbers[-1]}.pdf").status == 200
