"""Orders as the desk shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from babel.numbers import format_currency
from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext
from wtforms.fields import SelectChoice

from alko.moderation.handing import whose
from alko.moderation.orders.reading import STATES, Listed, View
from alko.privacy import wording
from alko.sales import tracking
from alko.sales.reading import OpenOrder
from alko.words import N_

VIEWS: dict[View, str] = {
    View.ALL: N_("All open"),
    View.NOBODY: N_("Nobody's yet"),
    View.MINE: N_("Mine"),
}


def address(view: View, state: str, number: int = 1) -> str:
    asked: dict[str, Any] = {"view": view.value if view is not View.ALL else None}
    asked |= {"state": state or None, "page": number if number > 1 else None}
    return url_for("moderation.orders", **asked)


def filters(view: View, state: str) -> list[tuple[str, list[Any]]]:
    states: list[Any] = [(gettext("All states"), address(view, ""), not state)]
    states += [(code(one), address(view, one), one == state) for one in STATES]
    views = [(gettext(name), address(one, state), one is view) for one, name in VIEWS.items()]
    return [(gettext("Who has it"), views), (gettext("State"), states)]


def lines(rows: Iterable[Listed], member: ObjectId) -> list[dict[str, Any]]:
    return [head(row, member) for row in rows]


def head(row: Listed, member: ObjectId) -> dict[str, Any]:
    """What every member may see of an order."""
    return {
        "number": row.number,
        "url": url_for("moderation.order_page", number=row.number),
        "state": code(row.status),
        "ordered": wording.day(row.ordered_at, get_locale()),
        "holder": whose(row.holder, member),
        "open": row.status in STATES,
    }


def money_of(opened: OpenOrder) -> tracking.Money:
    order = opened.order.values
    return tracking.money_of(
        order.get("price") or 0,
        order.get("currency") or "EUR",
        [one.values["total"] for one in opened.invoices if one.readable],
        [(one.values["amount"], one.recorded_at.date()) for one in opened.payments if one.readable],
    )


def inside(opened: OpenOrder) -> dict[str, Any]:
    """Car, money and delivery, from an opened order."""
    values, due = opened.order.values, money_of(opened)
    return {
        "car": [
            (gettext("Car"), f"{values['make']} {values['model']}"),
            (gettext("Model year"), values["model_year"]),
            (gettext("Colour"), values["colour"]),
            (gettext("Vehicle identification number"), values["vin"]),
        ],
        "money": [
            (gettext("Price"), money(values["price"], due.currency)),
            (gettext("To pay"), money(due.total, due.currency)),
            (gettext("Paid"), money(due.paid, due.currency)),
            (gettext("Balance"), money(due.balance, due.currency)),
        ],
        "payments": [
            {
                "day": wording.day(one.recorded_at, get_locale()),
                "method": code(one.values["method"]),
                "amount": money(one.values["amount"], one.values["currency"]),
            }
            for one in opened.payments
            if one.readable
        ],
        "invoices": [
            {
                "number": one.values["number"],
                "day": wording.day(one.recorded_at, get_locale()),
                "total": money(one.values["total"], one.values["currency"]),
                "url": url_for(
                    "moderation.order_invoice",
                    number=opened.known.number,
                    invoice=one.values["number"],
                ),
            }
            for one in opened.invoices
            if one.readable
        ],
        "shipment": _shipment(opened.delivery.values if opened.delivery else {}),
        "steps": _steps(opened),
        "cancelled": values.get("cancellation_reason") or "",
    }


def receipts(opened: OpenOrder) -> list[SelectChoice]:
    """The order's receipts as choices."""
    papers = [row for row in opened.papers if row.readable and row.values["kind"] == "financial"]
    return [
        SelectChoice("", gettext("None")),
        *(SelectChoice(str(row.id), row.values["filename"]) for row in papers),
    ]


def _shipment(delivery: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of how the car travels."""
    ship = " · ".join(delivery[one] for one in ("vessel", "voyage") if delivery.get(one))
    ports = " → ".join(delivery[one] for one in ("from_port", "to_port") if delivery.get(one))
    known = [
        (gettext("Carrier"), delivery.get("carrier")),
        (gettext("Ship"), ship),
        (gettext("Ports"), ports),
        (gettext("Place of handover"), delivery.get("handover_address")),
        (gettext("The carrier's number of the shipment"), delivery.get("reference")),
    ]
    return [(name, value) for name, value in known if value]


def _steps(opened: OpenOrder) -> list[dict[str, Any]]:
    delivery = opened.delivery
    events = tracking.events_of(delivery.values) if delivery and delivery.readable else []
    from_state = tracking.track(
        opened.order.recorded_at.date(),
        money_of(opened),
        events,
        opened.order.recorded_at.date(),
        cancelled=opened.order.values["status"] == "cancelled",
    )
    return [_step(step) for step in from_state.state.steps]


def _step(step: Any) -> dict[str, Any]:
    when = wording.day(step.on, get_locale()) if step.on else gettext("No date yet")
    if step.on and not step.done:
        when = gettext("Expected %(day)s", day=when)
    return {
        "title": code(step.milestone.value),
        "when": when,
        "datetime": step.on.isoformat() if step.on else "",
        "text": ". ".join(part for part in (step.place, step.reason) if part),
        "state": "done" if step.done else "next",
    }


def money(amount: int, currency: str) -> str:
    return str(format_currency(amount / 100, currency, locale=get_locale()))


def code(value: str) -> str:
    return wording.code(value, gettext)
