"""Orders, payments, invoices and deliveries: the transaction records (promise P21).

They are sealed under the key of the calendar year in which their order closes, so that each year's
key dies with its seven years; until then under ``ledger/open``. Money is integer minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from alko.database import records
from alko.database.records import SealedRecord


class OrderStatus(StrEnum):
    ORDERED = "ordered"
    IN_PRODUCTION = "in_production"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class TransactionRecord(SealedRecord):
    """Base of what belongs to an order."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}
    KEY_CLASS = "ledger"

    closed_year = IntField()
    """The calendar year (UTC) in which the order closed; absent while it is open."""

    def key_class(self) -> str:
        return f"ledger/{self.closed_year or 'open'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails(records.Personal):
    make: str
    model: str
    model_year: int
    colour: str
    vin: str
    price: int
    currency: str
    cancellation_reason: str = ""
    """Why it was cancelled; the client reads it."""


class Order(TransactionRecord):
    """``recorded_at`` is when it was placed, also of one that an import brings along: no day of
    delivery before it is taken, and its seven years are never reckoned from one (P21)."""

    meta = {
        "collection": "orders",
        "indexes": [
            ("client", "-recorded_at"),
            {"fields": ["number"], "unique": True},
            ("status", "recorded_at"),
            {"fields": ["untold"], "partialFilterExpression": {"untold": True}},
        ],
    }
    Personal = OrderDetails

    number = StringField(required=True)
    assigned_to = ObjectIdField()
    """The member of staff who looks after it."""
    status = StringField(required=True, choices=[status.value for status in OrderStatus])
    closed_at = DateTimeField()
    untold = BooleanField()
    """The client was not mailed yet that it was entered."""
    mail_preparation = BooleanField(default=False)
    mail_voyage = BooleanField(default=False)
    mail_formalities = BooleanField(default=False)
    mail_handover = BooleanField(default=True)
    """Of which milestones the client wants a mail; of the handover unless they say otherwise,
    because somebody must be there to take the car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDetails(records.Personal):
    amount: int
    currency: str
    method: str
    account_ending: str
    payer: str
    processor_reference: str


class Payment(TransactionRecord):
    meta = {
        "collection": "payments",
        "indexes": [("client", "-recorded_at"), "order"],
    }
    Personal = PaymentDetails

    order = ObjectIdField(required=True)
    receipt = ObjectIdField()
    """The paper that shows it, where the client sent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine(records.Personal):
    description: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDetails(records.Personal):
    buyer_name: str
    buyer_address: str
    lines: list[InvoiceLine] = field(default_factory=list)
    tax: int = 0
    total: int = 0
    currency: str = "EUR"


class Invoice(TransactionRecord):
    meta = {
        "collection": "invoices",
        "indexes": [
            ("client", "-recorded_at"),
            "order",
            {"fields": ["number"], "unique": True},
        ],
    }
    Personal = InvoiceDetails

    order = ObjectIdField(required=True)
    number = StringField(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent(records.Personal):
    milestone: str
    place: str
    at: str
    """ISO 8601 date; a day in the future is an expectation."""
    done: bool
    id: str = ""
    """The sender's own number of this report: a repeat is recognised by it."""
    reported_at: str = ""
    """ISO 8601 moment (UTC, milliseconds): of two reports the newer one counts."""
    reason: str = ""
    """Why it is later than expected before, in the sender's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetails(records.Personal):
    carrier: str
    vessel: str
    voyage: str
    from_port: str
    to_port: str
    handover_address: str
    events: list[DeliveryEvent] = field(default_factory=list)
    from_code: str = ""
    """UN/LOCODE of the port of loading, for instance ``KRUSN``."""
    to_code: str = ""


class Delivery(TransactionRecord):
    meta = {
        "collection": "deliveries",
        "indexes": [
            ("client", "-recorded_at"),
            "order",
            {
                "fields": ["carrier_code", "reference"],
                "unique": True,
                "partialFilterExpression": {"reference": {"$exists": True}},
            },
            {
                "fields": ["delivered_at"],
                "partialFilterExpression": {"delivered_at": {"$type": "date"}},
            },
            {"fields": ["pending"], "partialFilterExpression": {"pending.0": {"$exists": True}}},
        ],
    }
    Personal = DeliveryDetails

    order = ObjectIdField(required=True)
    delivered_at = DateTimeField()
    carrier_code = StringField()
    """Whose updates are taken (Settings.carrier_secrets); absent: staff only."""
    reference = StringField()
    """The carrier's number of the shipment."""
    pending = ListField(StringField())
    """What follows from stored events and is not done yet (alko/sales/operations.py)."""
