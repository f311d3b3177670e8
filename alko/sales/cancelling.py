"""Cancelling an order that will not be delivered.

The order is cancelled first, with the reason, and then all that follows is done: the client is
told, and the records move under the key of the year (operations.close()). The order itself moves
last, so that a cancelled one without its year shows what a crash left undone.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.database.records import retried
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.transaction import Delivery, Order, OrderStatus
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.vocabulary import Purpose
from alko.sales import operations
from alko.sales.payments import OrderClosed

_UNFINISHED: dict[str, Any] = {"status": OrderStatus.CANCELLED.value, "closed_year": None}


def cancel(actor: Actor, client: ObjectId, order: ObjectId, reason: str) -> bool:
    """Cancel an open order for a reason that the client reads; False where it is cancelled already.

    Raises OrderClosed for one that was delivered, AccessDenied. Safe to repeat.
    """
    found = Order.raw().find_one({"_id": order, "client": client}, {"status": 1, "closed_at": 1})
    if found and found["status"] == OrderStatus.CANCELLED:
        _finish(client, order)
        return False
    delivered = {"order": order, "client": client, "delivered_at": {"$ne": None}}
    if found is None or found.get("closed_at") or Delivery.raw().find_one(delivered, {"_id": 1}):
        raise OrderClosed
    dossier = Dossier.open(
        client,
        actor,
        Purpose.SERVICE,
        categories=["orders"],
        event=Event.ORDER_CANCELLED,
        details={"record": str(order)},
    )
    try:
        fresh = retried(lambda: _store(dossier, order, reason))
    except (NoSuchRecord, KeyDestroyed):
        raise OrderClosed from None
    _finish(client, order)
    return fresh


def finish_all() -> int:
    """What a crash left undone, for the worker; returns how many orders there were."""
    latest = datetime.now(UTC) - operations.ABANDONED
    left = {**_UNFINISHED, "closed_at": {"$lt": latest}}
    found = [(one["client"], one["_id"]) for one in Order.raw().find(left, {"client": 1})]
    for client, order in found:
        _finish(client, order)
    return len(found)


def _store(dossier: Dossier, order: ObjectId, reason: str) -> bool:
    record, details = dossier.record(Order, id=order)
    if record.closed_at:
        if record.status == OrderStatus.CANCELLED:
            return False
        raise OrderClosed
    # The database keeps milliseconds; what is reckoned from this moment is compared with it.
    now = datetime.now(UTC)
    record.closed_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    record.status = OrderStatus.CANCELLED.value
    record.seal(dataclasses.replace(details, cancellation_reason=reason))
    record.save()
    return True


def _finish(client: ObjectId, order: ObjectId) -> None:
    wanted = {**_UNFINISHED, "_id": order, "client": client}
    found = Order.raw().find_one(wanted, {"number": 1, "closed_at": 1})
    if found is None:
        return
    try:
        link = {"link": f"/orders/{found['number']}"}
        notify(client, MailKind.ORDER_CANCELLED, link, f"order/{order}/cancelled")
    except (NoSuchRecord, KeyDestroyed):
        pass  # the account is gone, and with it the address
    operations.close(client, order, found["closed_at"])
