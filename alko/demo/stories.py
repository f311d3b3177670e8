"""Traits made of several records: a purchase that stands where its age says, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.demo import people
from alko.demo.factories import Factory, Person
from alko.demo.maker import in_milliseconds
from alko.models.activity import LedgerEntry
from alko.models.transaction import (
    Delivery,
    DeliveryDetails,
    DeliveryEvent,
    Invoice,
    InvoiceDetails,
    InvoiceLine,
    Order,
    OrderDetails,
    OrderStatus,
    Payment,
    PaymentDetails,
)
from alko.privacy import deliveries
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose

TRANSPORT = 145_000
HANDLING = 62_000
TAX_PERCENT = 20

CANCELLED = 10
PRODUCTION, BUILT, AT_PORT, DEPARTED, ARRIVED, CUSTOMS, REGISTRATION, READY, HANDED_OVER = (
    *(20, 60, 84, 86),
    *(118, 121, 126, 128, 130),
)
"""Days after the order."""
DELAY_TOLD = 93
DELAY = 4
DELAY_REASON = "Strong headwinds; the ship sails more slowly"
"""The one surprise of each voyage: told on that day, so many days."""


@dataclass(frozen=True)
class Voyage:
    carrier: str
    vessel: str
    voyage: str


@dataclass(frozen=True)
class Purchase:
    """An order with all that belongs to it so far."""

    order: Order
    car: OrderDetails
    invoice: Invoice
    total: int
    payments: list[Payment]
    delivery: Delivery | None


def purchase(
    factory: Factory,
    person: Person,
    ordered_at: datetime,
    *,
    car: OrderDetails | None = None,
    voyage: Voyage | None = None,
    numbers: tuple[str | None, str | None] = (None, None),
    cancelled: bool = False,
) -> Purchase:
    """A purchase as far as it has come by ``factory.now``: at sea from 86 to 118 days of age.

    ``numbers`` are those of the order and the invoice. A cancelled one closes after ten
    days (before them it is like any other).
    """
    chance, now = factory.chance, factory.now
    car = car or people.car(chance, ordered_at.year)
    voyage = voyage or _voyage(factory)

    def after(days: int) -> datetime:
        return ordered_at + timedelta(days=days)

    cancelled = cancelled and after(CANCELLED) <= now
    closes_at = after(CANCELLED if cancelled else HANDED_OVER)
    closed_at = closes_at if closes_at <= now else None
    order = factory.order(
        person.id,
        OrderStatus.CANCELLED if cancelled else _status(now - ordered_at),
        closed_at,
        ordered_at=ordered_at,
        number=numbers[0],
        details=car,
    )
    bill = _invoice(person, car)
    invoice = factory.invoice(order, bill, after(1), numbers[1])
    deposit = bill.total // 5
    instalments = [(deposit, "card", after(2))]
    if not cancelled:
        instalments.append((bill.total - deposit, "bank_transfer", after(DEPARTED + 3)))
    payments = [
        factory.payment(order, _payment(factory, person, amount, method), paid_at)
        for amount, method, paid_at in instalments
        if paid_at <= now
    ]
    delivery = None
    if not cancelled and after(BUILT) <= now:
        details = _delivery(person, car, voyage, ordered_at, now)
        delivery = factory.delivery(order, details, after(BUILT), closed_at)
    return Purchase(order, car, invoice, bill.total, payments, delivery)


def _status(age: timedelta) -> OrderStatus:
    if age.days >= HANDED_OVER:
        return OrderStatus.DELIVERED
    if age.days >= DEPARTED:
        return OrderStatus.SHIPPED
    return OrderStatus.IN_PRODUCTION if age.days >= PRODUCTION else OrderStatus.ORDERED


def _invoice(person: Person, car: OrderDetails) -> InvoiceDetails:
    lines = [
        InvoiceLine(description=f"{car.make} {car.model} ({car.model_year})", amount=car.price),
        InvoiceLine(description="Sea transport and insurance", amount=TRANSPORT),
        InvoiceLine(description="Customs handling and registration", amount=HANDLING),
    ]
    net = sum(line.amount for line in lines)
    tax = net * TAX_PERCENT // 100
    return InvoiceDetails(
        buyer_name=person.identity.full_name,
        buyer_address=postal_address(person),
        lines=lines,
        tax=tax,
        total=net + tax,
        currency=car.currency,
    )


def _payment(factory: Factory, person: Person, amount: int, method: str) -> PaymentDetails:
    return PaymentDetails(
        amount=amount,
        currency="EUR",
        method=method,
        account_ending=people.digits(factory.chance, "####"),
        payer=person.identity.full_name,
        processor_reference=people.digits(factory.chance, "PAY-####-####-##"),
    )


def _delivery(
    person: Person, car: OrderDetails, voyage: Voyage, ordered_at: datetime, now: datetime
) -> DeliveryDetails:
    port_from = people.departure_port(car.make)
    port_to = people.ARRIVAL_PORTS.get(person.contact.country, "Rotterdam")
    city = person.contact.city
    milestones = (
        ("built", port_from, BUILT),
        ("at_port", port_from, AT_PORT),
        ("at_sea", port_from, DEPARTED),
        ("arrived", port_to, ARRIVED),
        ("customs", port_to, CUSTOMS),
        ("registration", city, REGISTRATION),
        ("ready", city, READY),
        ("delivered", city, HANDED_OVER),
    )

    def report(number: str, name: str, place: str, day: int, told: int, **more: Any) -> None:
        """Note what the carrier told ``told`` days after the order, if it did so by now."""
        at, told_at = ordered_at + timedelta(days=day), ordered_at + timedelta(days=told)
        if told_at <= now:
            events.append(
                DeliveryEvent(
                    milestone=name,
                    place=place,
                    at=at.date().isoformat(),
                    id=number,
                    reported_at=deliveries.reported(told_at),
                    **more,
                )
            )

    events: list[DeliveryEvent] = []
    for place_in_row, (name, place, day) in enumerate(milestones):
        late = DELAY if day >= ARRIVED else 0
        report(f"plan-{place_in_row}", name, place, day - late, BUILT, done=False)
        if late:
            reason = DELAY_REASON if day == ARRIVED else ""
            delay = {"done": False, "reason": reason}
            report(f"delay-{place_in_row}", name, place, day, DELAY_TOLD, **delay)
        report(f"done-{place_in_row}", name, place, day, day, done=True)
    events.sort(key=lambda event: (event.reported_at, event.id))
    return DeliveryDetails(
        carrier=voyage.carrier,
        vessel=voyage.vessel,
        voyage=voyage.voyage,
        from_port=port_from,
        to_port=port_to,
        from_code=people.PORT_CODES[port_from],
        to_code=people.PORT_CODES[port_to],
        handover_address=postal_address(person),
        events=events,
    )


def _voyage(factory: Factory) -> Voyage:
    chance = factory.chance
    return Voyage(
        chance.choice(people.CARRIERS),
        chance.choice(people.VESSELS),
        people.digits(chance, "0##W"),
    )


def postal_address(person: Person) -> str:
    contact = person.contact
    return f"{contact.street}, {contact.postal_code} {contact.city}, {contact.country}"


@dataclass(frozen=True, order=True)
class Happening:
    """Something for the ledger, at its time."""

    at: datetime
    event: Event = field(compare=False)
    actor: Actor = field(compare=False)
    purpose: Purpose = field(compare=False)
    categories: tuple[str, ...] = field(default=(), compare=False)
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)
    reason: str | None = field(default=None, compare=False)


def write_ledger(client: ObjectId, happenings: Iterable[Happening]) -> None:
    """Append what is not yet in the client's ledger, in order of time."""
    known = {
        (entry["event"], entry["recorded_at"])
        for entry in LedgerEntry.raw().find({"client": client}, {"event": 1, "recorded_at": 1})
    }
    for one in sorted(happenings):
        at = in_milliseconds(one.at)
        if (one.event.value, at) not in known:
            ledger.append(
                client,
                one.event,
                one.actor,
                one.purpose,
                categories=one.categories,
                details=one.details,
                reason=one.reason,
                at=at,
            )
