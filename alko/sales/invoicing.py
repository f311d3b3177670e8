"""Issuing invoices: numbers that follow each other without gaps, year by year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import pycountry
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.database.keyring import KeyDestroyed
from alko.models.profile import Contact, ContactRecord, IdentityRecord
from alko.models.transaction import Invoice, InvoiceDetails, InvoiceLine, Order
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.vocabulary import Purpose
from alko.sales import operations
from alko.sales.payments import OrderClosed

ATTEMPTS = 200
DIGITS = 6


class NumberingFailed(Exception):
    """Too many invoices at once; nothing was issued."""


class BuyerUnknown(Exception):
    """The client has not given the name and the postal address that an invoice states."""


def issue(
    actor: Actor, client: ObjectId, order: ObjectId, further: Iterable[tuple[str, int]], tax: int
) -> bool:
    """Invoice an open order: its car, and ``further`` things with their cents; ``tax`` in cents.

    An order has one invoice; False where it has that already. Raises OrderClosed, BuyerUnknown,
    NumberingFailed, AccessDenied.
    """
    if Invoice.raw().find_one({"client": client, "order": order}, {"_id": 1}):
        return False
    if Order.raw().find_one({"_id": order, "client": client, "closed_at": None}) is None:
        raise OrderClosed
    dossier = Dossier.open(
        client,
        actor,
        Purpose.FINANCE,
        categories=["identity", "contact", "orders", "invoices"],
        event=Event.INVOICE_ISSUED,
        details={"record": str(order)},
    )
    try:
        details = _details(dossier, order, further, tax)
    except (NoSuchRecord, KeyDestroyed):
        raise BuyerUnknown from None
    # It has the order's own number, so that of two who issue it at once one does.
    fresh = store(client, order, details, number=order)
    found = Order.raw().find_one({"_id": order}, {"closed_at": 1})
    if found and found.get("closed_at"):
        operations.close(client, order, found["closed_at"])
    return fresh


def store(
    client: ObjectId,
    order: ObjectId,
    details: InvoiceDetails,
    *,
    number: ObjectId,
    at: datetime | None = None,
) -> bool:
    """Store an invoice under the next number of its year, for instance ``IN-2026-000042``.

    A number exists only together with its invoice: it is the last one plus one, and of two who
    want the same the database refuses the second, who takes the next. Invoices are erased from the
    oldest on, seven years later, which opens no gap among those that are there. ``number`` is the
    record's own; False where that is there already. Raises NumberingFailed, KeyDestroyed.
    """
    now = at or datetime.now(UTC)
    prefix = f"IN-{now.year}-"
    # Anchored, so that the unique index of numbers finds the last one.
    own = {"number": {"$regex": f"^{re.escape(prefix)}[0-9]{{{DIGITS}}}$"}}
    for _ in range(ATTEMPTS):
        last = Invoice.raw().find_one(own, {"number": 1}, sort=[("number", -1)])
        following = int(last["number"].removeprefix(prefix)) + 1 if last else 1
        invoice = Invoice.sealing(
            details,
            id=number,
            client=client,
            order=order,
            recorded_at=now,
            number=f"{prefix}{following:0{DIGITS}d}",
        )
        try:
            Invoice.raw().insert_one(invoice.to_mongo().to_dict())
        except DuplicateKeyError:
            if Invoice.raw().find_one({"_id": number}, {"_id": 1}):
                return False
            continue
        return True
    raise NumberingFailed


def _details(
    dossier: Dossier, order: ObjectId, further: Iterable[tuple[str, int]], tax: int
) -> InvoiceDetails:
    _, car = dossier.record(Order, id=order)
    _, identity = dossier.record(IdentityRecord)
    _, contact = dossier.record(ContactRecord)
    if not (identity.full_name and contact.street and contact.city):
        raise BuyerUnknown
    made = f"{car.make} {car.model} ({car.model_year})"
    lines = [
        InvoiceLine(description=made, amount=car.price),
        *(InvoiceLine(description=what, amount=cents) for what, cents in further),
    ]
    return InvoiceDetails(
        buyer_name=identity.full_name,
        buyer_address=_address(contact),
        lines=lines,
        tax=tax,
        total=sum(line.amount for line in lines) + tax,
        currency=car.currency,
    )


def _address(contact: Contact) -> str:
    country = pycountry.countries.get(alpha_2=contact.country)
    town = f"{contact.postal_code} {contact.city}".strip()
    return "\n".join([contact.street, town, *([country.name] if country else [])])
