"""Entering an order that a client has made."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.database.keyring import KeyDestroyed
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.transaction import Order, OrderDetails, OrderStatus
from alko.privacy import references
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.door.grounds import Ground
from alko.privacy.identity import activity
from alko.privacy.vocabulary import Purpose

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
"""What a car may be paid in: money of 100 minor units."""


def allows(ground: Ground) -> bool:
    """Whether this ground lets a member enter an order: it serves the client, and opens orders."""
    return Purpose.SERVICE in ground.purposes and "orders" in ground.categories


def place(actor: Actor, client: ObjectId, token: ObjectId, details: OrderDetails) -> str:
    """Enter an order under the number its form carried, for ``actor``; returns what it is called.

    Sent again it is the same order. Raises AccessDenied; NoSuchRecord where the client has no
    account, or the token is another's.
    """
    if number := _placed(client, token):
        _tell(client, token, number)
        return number
    Dossier.open(
        client,
        actor,
        Purpose.SERVICE,
        categories=["orders"],
        event=Event.ORDER_PLACED,
        details={"record": str(token)},
    )
    now = datetime.now(UTC)
    # First, so that an account found unused a moment ago is not erased (see inactivity.py).
    activity.note(client, now)
    while True:
        try:
            made = Order.sealing(
                details,
                id=token,
                client=client,
                recorded_at=now,
                number=references.new("AC", now),
                assigned_to=actor.id,
                status=OrderStatus.ORDERED.value,
                untold=True,
            )
            made.validate()
            Order.raw().insert_one(made.to_mongo().to_dict())
        except KeyDestroyed:
            raise NoSuchRecord("orders") from None
        except DuplicateKeyError:
            if number := _placed(client, token):
                return number
            continue  # somebody has that reference
        _tell(client, token, made.number)
        return str(made.number)


def tell_all() -> int:
    """What a crash left untold, for the worker; returns how many orders there were."""
    found = list(Order.raw().find({"untold": True}, {"client": 1, "number": 1}))
    for one in found:
        _tell(one["client"], one["_id"], one["number"])
    return len(found)


def _tell(client: ObjectId, order: ObjectId, number: str) -> None:
    """One mail for each order that was entered, however often this is done."""
    with suppress(NoSuchRecord, KeyDestroyed):  # the account is gone, and with it the address
        notify(
            client, MailKind.ORDER_PLACED, {"link": f"/orders/{number}"}, f"order/{order}/placed"
        )
    Order.raw().update_one({"_id": order, "untold": True}, {"$unset": {"untold": 1}})


def details(
    *, make: str, model: str, model_year: int, colour: str, vin: str, price: int, currency: str
) -> OrderDetails:
    """The car and its price in cents."""
    return OrderDetails(
        make=make,
        model=model,
        model_year=model_year,
        colour=colour,
        vin=vin,
        price=price,
        currency=currency,
    )


def _placed(client: ObjectId, token: ObjectId) -> str | None:
    found = Order.raw().find_one({"_id": token}, {"client": 1, "number": 1})
    if found and found["client"] != client:
        raise NoSuchRecord("orders")
    return str(found["number"]) if found else None
