"""What changes an order and its delivery. The actor's right to it was checked by the caller.

An event is stored first, together with what follows from it (``Delivery.pending``): a mail, the
order's new state, its closing. Each follow-up can be repeated, and is struck off once it is done,
so that a crash between any two writes loses nothing: whoever comes next (the same report sent
again, or the worker) goes on from there. A mail may then go out twice, never not at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.database import connection
from alko.database.keyring import KeyDestroyed
from alko.database.records import CHANGED, retried
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.document import PaperKind, PaperRecord
from alko.models.transaction import (
    Delivery,
    DeliveryEvent,
    Invoice,
    Order,
    OrderStatus,
    Payment,
)
from alko.privacy import deliveries
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.deliveries import Milestone
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts, activity
from alko.privacy.lifecycle import erasure, retention
from alko.privacy.vocabulary import Purpose

ABANDONED = timedelta(minutes=1)
"""After so long the worker takes over what somebody left undone."""

MAIL_GROUPS: dict[str, tuple[Milestone, ...]] = {
    "preparation": (Milestone.BUILT, Milestone.AT_PORT),
    "voyage": (Milestone.AT_SEA, Milestone.ARRIVED),
    "formalities": (Milestone.CUSTOMS, Milestone.REGISTRATION),
    "handover": (Milestone.READY, Milestone.DELIVERED),
}
"""The steps of which a client may want a mail; the order has a flag for each group."""

BEFORE = {
    OrderStatus.IN_PRODUCTION: (OrderStatus.ORDERED,),
    OrderStatus.SHIPPED: (OrderStatus.ORDERED, OrderStatus.IN_PRODUCTION),
}
"""The states from which news may move an order on: never back, never out of an end."""


class NoSuchShipment(LookupError):
    """The carrier has no such shipment."""


class BeforeOrder(ValueError):
    """No car is delivered before it was ordered; ``ordered_on`` is that day (UTC)."""

    def __init__(self, ordered_on: date) -> None:
        super().__init__("delivered before it was ordered")
        self.ordered_on = ordered_on


def shipment(carrier_code: str, reference: str) -> ObjectId:
    """The delivery that a carrier calls so; NoSuchShipment for anybody else's."""
    wanted = {"carrier_code": str(carrier_code), "reference": str(reference)}
    found = Delivery.raw().find_one(wanted, {"_id": 1})
    if found is None:
        raise NoSuchShipment
    return ObjectId(found["_id"])


def note(delivery: ObjectId, event: DeliveryEvent, actor: Actor) -> bool:
    """Store news of a delivery and do what follows; False where it was known already.

    Raises BeforeOrder, EventConflict, TooManyEvents (alko/privacy/deliveries.py), NoSuchShipment,
    KeyDestroyed. Safe to repeat, whatever happened the last time.
    """
    fields = {"client": 1, "order": 1, "closed_year": 1}
    found = Delivery.raw().find_one({"_id": delivery}, fields)
    if found is None:
        raise NoSuchShipment
    check_day(found["order"], event)
    purpose = Purpose.SERVICE
    if found.get("closed_year"):
        # What is kept is kept for the tax rule alone, and what is still reported corrects it (P21).
        purpose = Purpose.FINANCE if actor.kind == "staff" else Purpose.LEGAL
        actor = Actor.job(Job.CLOSING) if actor.kind == "system" else actor
    dossier = Dossier.open(
        found["client"],
        actor,
        purpose,
        categories=["deliveries"],
        event=Event.DELIVERY_UPDATED,
        details={"record": str(delivery)},
    )
    fresh = retried(lambda: _store(dossier, delivery, event))
    follow_up(delivery)
    return fresh


def check_day(order: ObjectId, event: DeliveryEvent) -> None:
    """Raises BeforeOrder: seven years reckoned from such a day could be over already (P21).

    Of the other steps any day is taken: a car may have been built before it was ordered.
    """
    if event.milestone != Milestone.DELIVERED or not event.done:
        return
    found = Order.raw().find_one({"_id": order}, {"recorded_at": 1})
    if found and date.fromisoformat(event.at) < (ordered_on := found["recorded_at"].date()):
        raise BeforeOrder(ordered_on)


def _store(dossier: Dossier, delivery: ObjectId, event: DeliveryEvent) -> bool:
    record, details = dossier.record(Delivery, id=delivery)
    before = deliveries.state_of(details.events)
    events = deliveries.with_event(details.events, event)
    if events == details.events:
        return False
    details.events[:] = events
    after = deliveries.state_of(events)
    record.delivered_at = after.delivered_at
    record.pending = [*record.pending, *_follow_ups(before, after, event.id)]
    record.seal(details)
    record.save()
    return True


def _follow_ups(before: deliveries.State, after: deliveries.State, cause: str) -> Iterable[str]:
    """What is to be done: the time it became due, what, of what, and which event caused it."""
    due = f"{int(time.time()):012d}"
    if after.delivered_at != before.delivered_at or after.order_status != before.order_status:
        yield f"{due}/order/{after.order_status.value}/{cause}"
    newest = [step for step in after.reached if step not in before.reached][-1:]
    yield from (f"{due}/mail/{milestone.value}/{cause}" for milestone in newest)


def follow_up(delivery: ObjectId) -> None:
    """Do what earlier events left to be done, and strike off each once it is."""
    wanted = {"client": 1, "order": 1, "pending": 1, "delivered_at": 1}
    found = Delivery.raw().find_one({"_id": delivery}, wanted)
    for task in found.get("pending") or () if found else ():
        _, kind, what, cause = task.split("/", 3)
        if kind == "mail":
            event = f"delivery/{found['order']}/{what}/{cause}"
            _tell(found["client"], found["order"], Milestone(what), event)
        elif found.get("delivered_at"):
            close(found["client"], found["order"], found["delivered_at"])
        else:
            _move_on(found["client"], found["order"], OrderStatus(what))
        done = {"$pull": {"pending": task}, "$inc": {"revision": 1}}
        Delivery.raw().update_one({"_id": delivery}, done)


def follow_up_all() -> int:
    """What a crash left undone, for the worker; returns how many deliveries there were."""
    latest = f"{int(time.time() - ABANDONED.total_seconds()):012d}"
    left = {"pending": {"$elemMatch": {"$gt": "", "$lt": latest}}}
    found = [one["_id"] for one in Delivery.raw().find(left, {"_id": 1})]
    for delivery in found:
        follow_up(delivery)
    return len(found)


def _tell(client: ObjectId, order: ObjectId, milestone: Milestone, event: str) -> None:
    group = next(name for name, members in MAIL_GROUPS.items() if milestone in members)
    found = Order.raw().find_one({"_id": order, "client": client, f"mail_{group}": True})
    if found is None:
        return
    try:
        link = f"/orders/{found['number']}/tracking"
        notify(client, MailKind.DELIVERY_UPDATE, {"link": link}, event)
    except (NoSuchRecord, KeyDestroyed):
        return  # the account is gone, and with it the address


def _move_on(client: ObjectId, order: ObjectId, status: OrderStatus) -> None:
    earlier = [state.value for state in BEFORE[status]]
    Order.raw().update_one(
        {"_id": order, "client": client, "status": {"$in": earlier}},
        {"$set": {"status": status.value}, "$inc": {"revision": 1}, **CHANGED},
    )


def close(client: ObjectId, order: ObjectId, ended_at: datetime) -> None:
    """Close an order that ended: its records move under that year's key and get their end (P21).

    The order itself comes last, so that a closed order means that all is done; repeating goes on
    where it stopped, and a corrected date moves everything once more. Identity papers are given
    their end, 30 days later (P22). A cancelled order stays so, and ended when it was cancelled;
    any other was delivered. None ends before it was placed, whatever day was reported.
    """
    fields = {"status": 1, "closed_at": 1, "recorded_at": 1}
    if found := Order.raw().find_one({"_id": order, "client": client}, fields):
        cancelled = found["status"] == OrderStatus.CANCELLED
        ended_at = found["closed_at"] if cancelled else ended_at
        ended_at = retention.order_ended(ended_at, found["recorded_at"])
        # While the order is open still: a crash leaves no account that counts as unused (P20).
        activity.note(client, ended_at)
    year = ended_at.astimezone(UTC).year
    accounts.create_keys(client, (f"ledger/{year}",))
    dossier = Dossier.open(
        client,
        Actor.job(Job.CLOSING),
        Purpose.LEGAL,
        categories=["orders", "payments", "invoices", "deliveries", "documents"],
        event=Event.ORDER_CLOSED,
        details={"record": str(order)},
    )
    delivery_done(client, order, ended_at)
    receipts = {"order": order, "kind": PaperKind.FINANCIAL.value}
    for model, where in (
        (Payment, {"order": order}),
        (Invoice, {"order": order}),
        (PaperRecord, receipts),
        (Delivery, {"order": order}),
        (Order, {"_id": order}),
    ):
        for found in model.raw().find({**where, "client": client}, {"_id": 1}):
            retried(lambda m=model, i=found["_id"]: _move(dossier, m, i, ended_at))  # type: ignore[misc]
    erasure.take_the_rest(client)


def delivery_done(client: ObjectId, order: ObjectId, ended_at: datetime) -> int:
    """Set the end of the order's identity papers, 30 days after its end (P22); returns how many.

    Call it after that end itself was stored: a paper that arrives meanwhile looks there.
    Safe to repeat.
    """
    of_order = {"client": client, "order": order, "kind": {"$ne": PaperKind.FINANCIAL.value}}
    ends = {"erase_after": retention.documents_end(ended_at)}
    return PaperRecord.raw().update_many(of_order, {"$set": ends, **CHANGED}).matched_count


def _move(dossier: Dossier, model: type[Any], number: ObjectId, closed_at: datetime) -> None:
    try:
        record, details = dossier.record(model, id=number)
    except (NoSuchRecord, KeyDestroyed):
        return  # erased meanwhile
    if model is Order and record.status == OrderStatus.CANCELLED:
        closed_at = record.closed_at
    ends = retention.transactions_end(closed_at)
    clear: dict[str, Any] = {"closed_year": closed_at.astimezone(UTC).year, "erase_after": ends}
    if model is Order and record.status != OrderStatus.CANCELLED:
        clear |= {"closed_at": closed_at, "status": OrderStatus.DELIVERED.value}
    if all(getattr(record, name) == value for name, value in clear.items()):
        return
    for name, value in clear.items():
        setattr(record, name, value)
    if record.kept_by:  # of an erased client: its keys are its own
        connection.current().keyring.create([record.key_name()])
    record.seal(details)
    record.save()


def choose_mails(client: ObjectId, number: str, chosen: Iterable[str]) -> list[str]:
    """Note of which steps of one order the client wants mails; returns the groups that changed.

    Raises NoSuchRecord where the client has no such order.
    """
    order = {"client": client, "number": str(number)}
    found = Order.raw().find_one(order, {f"mail_{group}": 1 for group in MAIL_GROUPS})
    if found is None:
        raise NoSuchRecord("orders")
    wanted = set(chosen)
    changed = [g for g in MAIL_GROUPS if bool(found.get(f"mail_{g}")) != (g in wanted)]
    for group in changed:
        ledger.append(
            client,
            Event.CHOICE_MADE,
            Actor.client(client),
            Purpose.COMMUNICATION,
            categories=["orders"],
            details={"choice": f"mail_{group}", "granted": group in wanted},
        )
    if changed:
        flags = {f"mail_{group}": group in wanted for group in changed}
        Order.raw().update_one(order, {"$set": flags, "$inc": {"revision": 1}, **CHANGED})
    return changed
