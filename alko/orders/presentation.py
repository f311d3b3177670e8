"""From rows of a dossier to what the order's pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import vininfo
from babel.numbers import format_currency
from flask import url_for
from flask_babel import get_locale, gettext, ngettext

from alko.orders import chart
from alko.privacy import wording
from alko.privacy.door.dossier import Row
from alko.privacy.inventory import CATEGORIES
from alko.sales import tracking
from alko.sales.reading import OpenOrder
from alko.sales.tracking import Shown, Standing, Tracking, Who
from alko.words import N_

WHO: dict[Who, str] = {
    Who.CLIENT: N_("You"),
    Who.ALKO: N_("ALKO Cars"),
    Who.CARRIER: N_("The carrier"),
    Who.AUTHORITY: N_("The authorities, with ALKO Cars"),
}
TO_DO: dict[str, str] = {
    "paid": N_("Pay the balance"),
    "built": N_("Your car is built or bought"),
    "at_port": N_("It is brought to the port of loading"),
    "at_sea": N_("It is loaded and the ship leaves"),
    "arrived": N_("The ship arrives"),
    "customs": N_("Customs clear it"),
    "registration": N_("It is registered in your name"),
    "ready": N_("It is made ready for you"),
    "delivered": N_("You take it over"),
}
TONES = {"delivered": "success", "cancelled": "neutral", "shipped": "info"}
MAIL_LABELS: dict[str, tuple[str, str]] = {
    "preparation": (N_("Before the voyage"), N_("built or bought, at the port of loading")),
    "voyage": (N_("The voyage"), N_("at sea, arrived")),
    "formalities": (N_("Formalities"), N_("customs, registration")),
    "handover": (N_("The handover"), N_("ready, delivered")),
}


@dataclass(frozen=True)
class Item:
    """A line of the timeline (components/data.html)."""

    title: str
    when: str
    datetime: str
    text: str
    state: str


@dataclass(frozen=True)
class Upcoming:
    """What happens next, in words."""

    what: str
    who: str
    when: str
    yours: bool


@dataclass(frozen=True)
class TrackingView:
    """All that the tracking part of a page shows."""

    number: str
    version: str
    url: str
    news: str
    items: list[Item]
    upcoming: list[Upcoming]
    delays: list[str]
    chart: chart.Chart | None
    chart_text: str
    over: bool
    checked: str


@dataclass(frozen=True)
class Listed:
    """One order of the list."""

    number: str
    url: str
    car: str
    details: str
    status: str
    tone: str
    ordered: str
    price: str


def listed(row: Row) -> Listed:
    values = row.values
    number, status = values["number"], values["status"]
    return Listed(
        number=number,
        url=url_for("orders.show", number=number),
        car=car_name(row),
        details=", ".join(
            str(values[name]) for name in ("model_year", "colour") if values.get(name)
        ),
        status=code(status),
        tone=TONES.get(status, "warning"),
        ordered=day(row.recorded_at),
        price=money(values["price"], values["currency"]) if row.readable else "",
    )


def car_name(row: Row) -> str:
    """Make and model; the order's number where the key is gone."""
    if not row.readable:
        return gettext("Order %(number)s", number=row.values["number"])
    return f"{row.values['make']} {row.values['model']}"


def car_facts(row: Row) -> list[tuple[str, Any]]:
    named = {name: CATEGORIES["orders"].field(name) for name in ("make", "model", "model_year")}
    facts = [(gettext(field.label), row.values.get(name)) for name, field in named.items()]
    facts.append((gettext("Colour"), row.values.get("colour")))
    return facts


def vin_check(vin: str) -> tuple[str, str]:
    """A tone and a sentence about a vehicle identification number (ISO 3779).

    The ninth sign is a check digit in North America and in many cars made for export; in others
    it may be any sign, which is why a number without a right one is not called wrong.
    """
    try:
        number = vininfo.Vin(vin)
    except vininfo.VininfoException:
        return "warning", gettext("This is not a well-formed number. Please tell us.")
    if number.verify_checksum():
        return "success", gettext("Well-formed, and its check digit is right.")
    return "neutral", gettext("Well-formed; this maker's number carries no check digit.")


def tracked(opened: OpenOrder, today: date) -> Tracking:
    order, delivery = opened.order, opened.delivery
    return tracking.track(
        order.recorded_at.date(),
        money_of(opened),
        tracking.events_of(delivery.values) if delivery else [],
        today,
        cancelled=order.values["status"] == "cancelled",
    )


def money_of(opened: OpenOrder) -> tracking.Money:
    order = opened.order.values
    return tracking.money_of(
        order.get("price") or 0,
        order.get("currency") or "EUR",
        [one.values["total"] for one in opened.invoices if one.readable],
        [(one.values["amount"], one.recorded_at.date()) for one in opened.payments if one.readable],
    )


def tracking_view(opened: OpenOrder, today: date, now: datetime) -> TrackingView:
    """The picture, the list, and what is next."""
    found = tracked(opened, today)
    balance = money_of(opened)
    delivery = opened.delivery.values if opened.delivery and opened.delivery.readable else {}
    number = opened.known.number
    return TrackingView(
        number=number,
        version=opened.known.version,
        url=url_for("orders.tracking", number=number),
        news=_news(found, opened.order.values["status"]),
        items=[_item(one, delivery, balance) for one in found.steps],
        upcoming=[
            Upcoming(
                what=gettext(TO_DO[one.code])
                + (f": {money(balance.balance, balance.currency)}" if one.code == "paid" else ""),
                who=gettext(WHO[one.who]),
                when=gettext("expected %(day)s", day=day(one.on))
                if one.on
                else gettext("no date yet"),
                yours=one.who is Who.CLIENT,
            )
            for one in found.actions
        ],
        delays=[
            text
            for one in found.steps
            if (text := _delay(one)) and one.standing is not Standing.DONE
        ],
        chart=_chart(delivery, found),
        chart_text=_chart_text(delivery, found),
        over=opened.known.over,
        checked=f"{now:%H:%M} UTC",
    )


def _news(found: Tracking, status: str) -> str:
    """One sentence for the ears: where it is and what comes next."""
    if status == "cancelled":
        return gettext("This order was cancelled.")
    here = found.current
    if found.delivered:
        here = found.steps[-1]
    text = f"{code(here.code)}, {day(here.on)}." if here.on else f"{code(here.code)}."
    if found.actions:
        following = found.actions[-1]
        when = f", {gettext('expected %(day)s', day=day(following.on))}" if following.on else ""
        text += " " + gettext(
            "Next: %(what)s%(when)s.", what=gettext(TO_DO[following.code]), when=when
        )
    return text


def _item(one: Shown, delivery: Any, balance: tracking.Money) -> Item:
    return Item(
        title=code(one.code),
        when=_when(one),
        datetime=one.on.isoformat() if one.on else "",
        text=_text(one, delivery, balance),
        state=one.standing.value,
    )


def _when(one: Shown) -> str:
    if one.on is None:
        return "" if one.standing in (Standing.DONE, Standing.CURRENT) else gettext("No date yet")
    return gettext("Expected %(day)s", day=day(one.on)) if one.expected else day(one.on)


def _text(one: Shown, delivery: Any, balance: tracking.Money) -> str:
    parts = []
    if one.code == tracking.PAID:
        amounts = {
            "paid": money(balance.paid, balance.currency),
            "total": money(balance.total, balance.currency),
        }
        parts.append(gettext("%(paid)s of %(total)s", **amounts))
    if one.step and one.step.place:
        parts.append(one.step.place)
    if one.code == "at_sea" and delivery.get("vessel"):
        parts.append(_ship(delivery))
    if delay := _delay(one):
        parts.append(delay)
    return ". ".join(parts)


def _ship(delivery: Any) -> str:
    known = {name: delivery[name] for name in ("vessel", "voyage", "carrier")}
    if known["voyage"]:
        return gettext("%(vessel)s, voyage %(voyage)s, with %(carrier)s", **known)
    return gettext("%(vessel)s, with %(carrier)s", **known)


def _delay(one: Shown) -> str:
    step = one.step
    if step is None or not step.days_late:
        return ""
    text = ngettext(
        "%(num)d day later than first expected",
        "%(num)d days later than first expected",
        step.days_late,
    )
    return f"{text}: {step.reason}" if step.reason else text


def _chart(delivery: Any, found: Tracking) -> chart.Chart | None:
    if not delivery.get("from_code") or not delivery.get("to_code"):
        return None
    names = (delivery["from_port"], delivery["to_port"], delivery["vessel"])
    return chart.chart(delivery["from_code"], delivery["to_code"], names, found.at_sea)


def _chart_text(delivery: Any, found: Tracking) -> str:
    if not delivery:
        return ""
    way = gettext(
        "The sea route from %(start)s to %(end)s.",
        start=delivery["from_port"],
        end=delivery["to_port"],
    )
    if found.at_sea >= 1:
        return f"{way} {gettext('The voyage is over.')}"
    if found.at_sea <= 0:
        return f"{way} {gettext('The voyage has not begun.')}"
    percent = round(found.at_sea * 100)
    return f"{way} " + gettext(
        "%(vessel)s has about %(percent)d %% of it behind her, by the calendar.",
        vessel=delivery["vessel"],
        percent=percent,
    )


def payments(opened: OpenOrder) -> list[dict[str, str]]:
    shown = CATEGORIES["payments"].field("method")
    return [
        {
            "day": day(one.recorded_at),
            "method": wording.in_words(
                shown, one.values["method"], one.values, gettext, get_locale()
            ),
            "amount": money(one.values["amount"], one.values["currency"]),
        }
        for one in opened.payments
        if one.readable
    ]


def invoices(opened: OpenOrder) -> list[dict[str, str]]:
    return [
        {
            "number": one.values["number"],
            "day": day(one.recorded_at),
            "total": money(one.values["total"], one.values["currency"]),
            "url": url_for(
                "orders.invoice", number=opened.known.number, invoice=one.values["number"]
            ),
        }
        for one in opened.invoices
        if one.readable
    ]


def mail_choices(order: Row) -> list[dict[str, Any]]:
    return [
        {
            "name": group,
            "label": gettext(label),
            "hint": gettext(hint),
            "chosen": bool(order.values.get(f"mail_{group}")),
        }
        for group, (label, hint) in MAIL_LABELS.items()
    ]


def money(amount: int, currency: str) -> str:
    return str(format_currency(amount / 100, currency, locale=get_locale()))


def code(value: str) -> str:
    return wording.code(value, gettext)


def day(value: date) -> str:
    return wording.day(value, get_locale())


def papers(opened: OpenOrder) -> list[dict[str, str]]:
    """The order's papers: name, kind and state in words, and where each is opened."""
    return [
        {
            "name": row.values.get("filename") or gettext("A paper that can no longer be read"),
            "kind": wording.code(row.values["kind"], gettext),
            "state": wording.code(row.values["status"], gettext),
            "url": url_for("documents.show", record=str(row.id)),
        }
        for row in opened.papers
    ]
