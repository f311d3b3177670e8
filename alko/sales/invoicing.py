"""Issuing invoices: numbers that follow each other without gaps, year by year."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.models.transaction import Invoice, InvoiceDetails
from alko.privacy import ledger
from alko.privacy.access import Actor
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose

ATTEMPTS = 200
DIGITS = 6


class NumberingFailed(Exception):
    """Too many invoices at once; nothing was issued."""


def issue(
    client: ObjectId,
    order: ObjectId,
    details: InvoiceDetails,
    actor: Actor,
    *,
    at: datetime | None = None,
) -> Invoice:
    """Store an invoice under the next number of its year, for instance ``IN-2026-000042``.

    A number exists only together with its invoice: it is the last one plus one, and of two who
    want the same the database refuses the second, who takes the next. Invoices are erased from the
    oldest on, seven years later, which opens no gap among those that are there.
    Raises NumberingFailed, KeyDestroyed.
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
            id=ObjectId(),
            client=client,
            order=order,
            recorded_at=now,
            number=f"{prefix}{following:0{DIGITS}d}",
        )
        try:
            Invoice.raw().insert_one(invoice.to_mongo().to_dict())
        except DuplicateKeyError:
            continue
        ledger.append(
            client,
            Event.INVOICE_ISSUED,
            actor,
            Purpose.FINANCE,
            categories=["invoices"],
            details={"record": str(invoice.pk)},
        )
        return invoice
    raise NumberingFailed
