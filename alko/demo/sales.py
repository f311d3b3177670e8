"""Factories of what belongs to an order: the transaction records (P21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bson import ObjectId

from alko.demo import people
from alko.demo.maker import Maker, in_milliseconds
from alko.models.transaction import (
    Delivery,
    DeliveryDetails,
    Invoice,
    InvoiceDetails,
    Order,
    OrderDetails,
    OrderStatus,
    Payment,
    PaymentDetails,
    TransactionRecord,
)
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention

OfOrder = TypeVar("OfOrder", bound=TransactionRecord)


class SaleMaker(Maker):
    """Orders, payments, invoices and deliveries."""

    def order(
        self,
        client: ObjectId,
        status: OrderStatus = OrderStatus.ORDERED,
        closed_at: datetime | None = None,
        *,
        ordered_at: datetime | None = None,
        number: str | None = None,
        details: OrderDetails | None = None,
    ) -> Order:
        """An order; one that is closed lives under the key of its year (P21)."""
        order = self.new_id("order", client)
        ordered_at = in_milliseconds(ordered_at or (closed_at or self.now) - timedelta(days=150))
        if closed_at:
            accounts.create_keys(client, (f"ledger/{closed_at.astimezone(UTC).year}",))
        return self.keep(
            Order.sealing(
                details or people.car(self.chance, ordered_at.year),
                id=order,
                client=client,
                recorded_at=ordered_at,
                number=number or f"AC-{ordered_at.year}-{str(order)[-8:].upper()}",
                status=status.value,
                closed_at=closed_at and in_milliseconds(closed_at),
                **closing(closed_at),
            )
        )

    def payment(self, order: Order, details: PaymentDetails, paid_at: datetime) -> Payment:
        return self._of_order(Payment, order, details, paid_at)

    def invoice(
        self, order: Order, details: InvoiceDetails, issued_at: datetime, number: str | None = None
    ) -> Invoice:
        identifier = self.new_id("invoice", order.client)
        number = number or f"IN-{issued_at.year}-{str(identifier)[-8:].upper()}"
        return self._of_order(Invoice, order, details, issued_at, identifier, number=number)

    def delivery(
        self,
        order: Order,
        details: DeliveryDetails,
        opened_at: datetime,
        delivered_at: datetime | None = None,
    ) -> Delivery:
        """A delivery with its events (``details.events``)."""
        identifier = self.new_id("delivery", order.client)
        return self._of_order(
            Delivery,
            order,
            details,
            opened_at,
            identifier,
            delivered_at=delivered_at and in_milliseconds(delivered_at),
            carrier_code=details.carrier.partition(" ")[0].lower(),
            reference=f"SH-{str(identifier)[-8:].upper()}",
        )

    def _of_order(
        self,
        model: type[OfOrder],
        order: Order,
        details: Any,
        recorded_at: datetime,
        identifier: ObjectId | None = None,
        **clear: Any,
    ) -> OfOrder:
        return self.keep(
            model.sealing(
                details,
                id=identifier or self.new_id(model.__name__.lower(), order.client),
                client=order.client,
                order=order.pk,
                recorded_at=in_milliseconds(recorded_at),
                **closing(order.closed_at),
                **clear,
            )
        )


def closing(closed_at: datetime | None) -> dict[str, Any]:
    """The year and the end of what belongs to an order closed then."""
    return {
        "closed_year": closed_at.astimezone(UTC).year if closed_at else None,
        "erase_after": retention.transactions_end(closed_at),
    }
