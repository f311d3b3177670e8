"""News of a delivery from staff. An order has no delivery before its first news: that opens it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.models.transaction import Delivery, DeliveryDetails, DeliveryEvent, Order, OrderStatus
from alko.privacy import deliveries
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.grounds import NoGround, ground
from alko.privacy.door.permissions import StaffRole
from alko.sales import operations


class OrderOver(Exception):
    """The order was cancelled or has ended; nothing was noted."""


def note(
    actor: Actor,
    client: ObjectId,
    order: ObjectId,
    token: ObjectId,
    *,
    milestone: str,
    place: str,
    day: date,
    done: bool,
    reason: str,
) -> bool:
    """Note a step under the number its form carried; False where it is noted already.

    It counts as reported when the form was shown. Raises OrderOver, AccessDenied, and what
    operations.note() raises. What is refused opens no delivery.
    """
    event = DeliveryEvent(
        milestone=milestone,
        place=place,
        at=day.isoformat(),
        done=done,
        id=f"staff-{token}",
        reported_at=deliveries.reported(token.generation_time),
        reason=reason,
    )
    operations.check_day(order, event)
    return operations.note(delivery_of(actor, client, order), event, actor)


def delivery_of(actor: Actor, client: ObjectId, order: ObjectId) -> ObjectId:
    """The order's delivery, opened where it has none yet. OrderOver, AccessDenied."""
    of_order = {"client": client, "order": order}
    found = Delivery.raw().find_one(of_order, {"_id": 1}, sort=[("recorded_at", -1)])
    status = (Order.raw().find_one({"_id": order, "client": client}, {"status": 1}) or {})["status"]
    if status == OrderStatus.CANCELLED or (found is None and status == OrderStatus.DELIVERED):
        raise OrderOver
    if found:
        return ObjectId(found["_id"])
    try:
        ground(actor.id, StaffRole(actor.role), actor.case, client)
    except NoGround as refusal:
        raise AccessDenied(str(refusal)) from None
    empty = DeliveryDetails(
        carrier="", vessel="", voyage="", from_port="", to_port="", handover_address=""
    )
    # It has the order's own number, so that of two who open it at once one does.
    made = Delivery.sealing(empty, id=order, **of_order)
    with suppress(DuplicateKeyError):
        Delivery.raw().insert_one(made.to_mongo().to_dict())
    return order
