"""How a car travels, as staff enter it: carrier, ship and ports, and whose reports are taken."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.database.records import retried
from alko.models.transaction import Delivery, Order
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose
from alko.sales import news


class ReferenceTaken(ValueError):
    """The carrier has another order's car under this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Ports have a name and, for the map, a UN/LOCODE; both codes or none are known.

    ``carrier_code`` and ``reference`` are what the carrier's reports are found by: both or none.
    """

    carrier: str = ""
    vessel: str = ""
    voyage: str = ""
    from_port: str = ""
    from_code: str = ""
    to_port: str = ""
    to_code: str = ""
    handover_address: str = ""
    carrier_code: str = ""
    reference: str = ""


CLEAR = ("carrier_code", "reference")
SEALED = tuple(one.name for one in dataclasses.fields(Shipment) if one.name not in CLEAR)


def enter(actor: Actor, client: ObjectId, order: ObjectId, shipment: Shipment) -> None:
    """Store how this order's car travels; the first news of an order opens its delivery.

    Raises OrderOver, AccessDenied, Restricted, ReferenceTaken.
    """
    if not Order.raw().find_one({"_id": order, "client": client, "closed_at": None}, {"_id": 1}):
        raise news.OrderOver
    delivery = news.delivery_of(actor, client, order)
    dossier = Dossier.open(
        client,
        actor,
        Purpose.SERVICE,
        categories=["deliveries"],
        event=Event.DELIVERY_UPDATED,
        details={"record": str(delivery)},
    )
    try:
        retried(lambda: _store(dossier, delivery, shipment))
    except DuplicateKeyError:
        raise ReferenceTaken from None


def _store(dossier: Dossier, delivery: ObjectId, shipment: Shipment) -> None:
    record, details = dossier.record(Delivery, id=delivery)
    for name in CLEAR:
        setattr(record, name, getattr(shipment, name) or None)
    record.seal(dataclasses.replace(details, **{one: getattr(shipment, one) for one in SEALED}))
    record.save()
