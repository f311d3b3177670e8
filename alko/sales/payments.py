"""Recording what a client paid: exactly once, in the currency of the order, against a receipt."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alko.database.transactions import together
from alko.models.document import PaperKind, PaperRecord
from alko.models.transaction import Order, Payment, PaymentDetails
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose
from alko.sales import operations

_AMOUNT: Final = re.compile(
    r"(?P<whole>[0-9]{1,9}|[0-9]{1,3}(?:(?P<mark>[ .,'])[0-9]{3})(?:(?P=mark)[0-9]{3}){0,2})"
    r"[.,](?P<cents>[0-9]{2})"
)


class OrderClosed(Exception):
    """The order is over, or there is none; nothing was recorded."""


class Outdated(Exception):
    """Something about the order changed since the one who acts looked at what is left to pay."""


class NoSuchReceipt(LookupError):
    """The order has no such receipt."""


def minor_units(text: str) -> int:
    """Cents of an amount such as ``12,500.00``, ``12 500,00`` or ``12500.00``.

    ValueError for anything else: without its cents ``1.234`` could be two amounts.
    """
    found = _AMOUNT.fullmatch(text.replace("\u00a0", " ").replace("\u202f", " ").strip())
    if found is None or (found[2] in (".", ",") and found["whole"].count(text[-3])):
        raise ValueError("not an amount with its cents")
    return int(re.sub("[^0-9]", "", found["whole"])) * 100 + int(found["cents"])


def record(
    actor: Actor,
    client: ObjectId,
    order: ObjectId,
    payment: ObjectId,
    details: PaymentDetails,
    paid_at: datetime,
    receipt: ObjectId | None = None,
    *,
    seen: int,
) -> bool:
    """Record a payment under the number its form carried; False where it is recorded already.

    ``seen`` is the order's revision at which the balance was reckoned: of two payments at once
    one is recorded, and the other is looked at again. Raises OrderClosed, NoSuchReceipt, Outdated,
    AccessDenied.
    """
    if Payment.raw().find_one({"_id": payment}, {"_id": 1}):
        return False
    owned = {"client": client, "order": order}
    if Order.raw().find_one({"_id": order, "client": client, "closed_at": None}) is None:
        raise OrderClosed
    paper = {"_id": receipt, **owned, "kind": PaperKind.FINANCIAL.value}
    if receipt and PaperRecord.raw().find_one(paper, {"_id": 1}) is None:
        raise NoSuchReceipt
    Dossier.open(
        client,
        actor,
        Purpose.FINANCE,
        categories=["payments"],
        event=Event.PAYMENT_RECORDED,
        details={"record": str(payment)},
    )
    made = Payment.sealing(details, id=payment, recorded_at=paid_at, receipt=receipt, **owned)
    made.validate()
    stored = made.to_mongo().to_dict()

    def change(session: ClientSession) -> bool:
        still = {"_id": order, "client": client, "revision": seen}
        if (
            not Order.raw()
            .update_one(still, {"$inc": {"revision": 1}}, session=session)
            .matched_count
        ):
            return False
        Payment.raw().insert_one(stored, session=session)
        return True

    try:
        if not together(change):
            if Payment.raw().find_one({"_id": payment}, {"_id": 1}):
                return False
            raise Outdated
    except DuplicateKeyError:
        return False
    # An order that ended meanwhile has moved its records under the key of its year.
    closed = {"_id": order, "closed_at": {"$ne": None}}
    if found := Order.raw().find_one(closed, {"closed_at": 1}):
        operations.close(client, order, found["closed_at"])
    return True


def details(amount: int, currency: str, method: str, payer: str) -> PaymentDetails:
    """A payment that staff saw on a statement: no processor was part of it."""
    return PaymentDetails(
        amount=amount,
        currency=currency,
        method=method,
        account_ending="",
        payer=payer,
        processor_reference="",
    )
