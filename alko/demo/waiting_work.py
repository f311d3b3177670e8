"""A client whose car is being built and whose papers wait for a check, so that the desks for
orders and documents have work to show."""

from __future__ import annotations

from datetime import date, timedelta

from bson import ObjectId

from alko.demo import papers
from alko.demo.factories import Factory
from alko.demo.stories import postal_address
from alko.models.document import PaperKind, PaperRecord, PaperStatus
from alko.models.transaction import Order, OrderStatus


def tell(factory: Factory, agent: ObjectId) -> None:
    """One order and one paper in the agent's hands, one paper that nobody has yet."""
    person = factory.client("waiting", opened_at=factory.now - timedelta(days=40))
    name, born = person.identity.full_name, date.fromisoformat(person.identity.birth_date)
    order = factory.order(
        person.id, OrderStatus.IN_PRODUCTION, ordered_at=factory.now - timedelta(days=30)
    )
    licence = papers.driving_licence(name, "12AB34567", born, person.identity.nationality)
    billed = (factory.now - timedelta(days=35)).date()
    bill = papers.utility_bill(name, postal_address(person), billed)
    checking = factory.paper(
        person.id,
        PaperKind.DRIVING_LICENCE,
        licence,
        "driving-licence.jpg",
        order=order,
        received_at=factory.now - timedelta(days=3),
        status=PaperStatus.CHECKING,
    )
    factory.paper(
        person.id,
        PaperKind.RESIDENCE,
        bill,
        "electricity-bill.pdf",
        order=order,
        received_at=factory.now - timedelta(days=2),
        status=PaperStatus.RECEIVED,
    )
    for model, record in ((Order, order), (PaperRecord, checking)):
        free = {"_id": record.pk, "assigned_to": None}
        model.raw().update_one(free, {"$set": {"assigned_to": agent}})
