"""From rows of a dossier to tasks and papers as the templates show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from babel.numbers import format_decimal
from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.documents import operations
from alko.documents.uploading import Outcome
from alko.privacy import wording
from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.inventory import category
from alko.privacy.lifecycle import retention
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.vocabulary import BASES, PURPOSES, RECIPIENTS
from alko.web.downloads import PREVIEWED
from alko.words import N_

FINANCIAL = "financial"
REASONS = {
    "identity": N_("We must know to whom we sell a car, and the registration office asks for it."),
    "driving_licence": N_("The car is insured and handed over to somebody who may drive it."),
    "residence": N_("The registration office asks where the car and its owner are at home."),
    FINANCIAL: N_("It shows that a payment was yours, and belongs to our books."),
}
"""The papers that an order needs, in the order in which they are asked for, and why."""
HINTS = {
    "identity": N_("Both sides of the card, or the page of the passport that has your picture."),
    "driving_licence": N_("Both sides, and any permit that goes with it."),
    "residence": N_("A utility bill or a lease, not older than three months."),
    FINANCIAL: N_("The receipt of your bank, for each payment you made."),
}
OVER = ("delivered", "cancelled")
STATES = {
    "missing": ("warning", "warning"),
    "received": ("info", "clock"),
    "checking": ("info", "eye"),
    "accepted": ("success", "check"),
    "rejected": ("error", "cross"),
    "not_needed": ("neutral", "check"),
    "unreadable": ("neutral", "lock"),
}
"""Tone and icon of each state; the words come from the same codes."""
WORDS = {
    "missing": N_("Missing"),
    "not_needed": N_("Not needed any more"),
    "unreadable": N_("Erased"),
}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class State:
    code: str

    @property
    def words(self) -> str:
        return gettext(WORDS[self.code]) if self.code in WORDS else code_words(self.code)

    @property
    def tone(self) -> str:
        return STATES[self.code][0]

    @property
    def icon(self) -> str:
        return STATES[self.code][1]


@dataclass(frozen=True)
class Paper:
    """One uploaded file."""

    id: str
    name: str
    kind: str
    kind_words: str
    state: State
    reason: str
    size: str
    bytes: int
    media_type: str
    received: str
    received_at: datetime
    erased: str
    readable: bool
    locked: str
    """Why the client may not replace or remove it; empty where that is allowed."""

    @property
    def url(self) -> str:
        return url_for("documents.show", record=self.id)

    @property
    def previewed(self) -> bool:
        return self.readable and self.media_type in PREVIEWED


@dataclass
class Task:
    """A paper that an order needs: why, who sees it, until when, and what was sent so far."""

    order: str
    kind: str
    name: str
    why: str
    hint: str
    erased: str
    wanted: bool
    """Whether files are taken for it now."""
    papers: list[Paper] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    """What became of the files that were just sent for it."""

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.order}"

    @property
    def state(self) -> State:
        """Of the paper that counts: one that was accepted, else the newest."""
        readable = [paper for paper in self.papers if paper.readable]
        if not readable:
            over = not self.wanted or (self.kind == FINANCIAL and self.order_over)
            return State("not_needed" if over else "missing")
        if any(paper.state.code == "accepted" for paper in readable):
            return State("accepted")
        return readable[0].state

    order_over: bool = False

    @property
    def asks(self) -> bool:
        """Whether the client has to do something."""
        return self.wanted and self.state.code in ("missing", "rejected")

    @property
    def refusals(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.refused]


@dataclass(frozen=True)
class OrderTasks:
    id: str
    number: str
    car: str
    state: str
    over: bool
    tasks: list[Task]

    @property
    def asking(self) -> int:
        return sum(task.asks for task in self.tasks)


@dataclass(frozen=True)
class Desk:
    """All that /documents shows."""

    orders: list[OrderTasks]
    others: list[Paper]
    """Papers that belong to no order (any more)."""

    @property
    def asking(self) -> int:
        return sum(order.asking for order in self.orders)

    def task(self, kind: str, order: str) -> Task | None:
        for one in self.orders:
            for task in one.tasks:
                if (task.kind, task.order) == (kind, order):
                    return task
        return None


def desk(dossier: Dossier) -> Desk:
    """The tasks of every order, newest first and open ones before those that are over."""
    orders = sorted(dossier.rows("orders"), key=_open_and_newest, reverse=True)
    owners = dossier.references("documents", "order")
    rows = sorted(dossier.rows("documents"), key=lambda row: row.recorded_at, reverse=True)
    by_order: dict[ObjectId, list[Row]] = {order.id: [] for order in orders}
    others: list[Row] = []
    for row in rows:
        by_order.get(owners.get(row.id), others).append(row)  # type: ignore[arg-type]
    return Desk(
        [_order(order, by_order[order.id]) for order in orders],
        [paper(row, None) for row in others],
    )


def _open_and_newest(order: Row) -> tuple[bool, datetime]:
    return order.values["status"] not in OVER, order.recorded_at


def _order(order: Row, rows: list[Row]) -> OrderTasks:
    over = order.values["status"] in OVER
    tasks = []
    for kind in REASONS:
        papers = [paper(row, order) for row in rows if row.values["kind"] == kind]
        task = Task(
            order=str(order.id),
            kind=kind,
            name=code_words(kind),
            why=gettext(REASONS[kind]),
            hint=gettext(HINTS[kind]),
            erased=papers[0].erased if papers else erased_when(kind, order),
            wanted=not over or (kind == FINANCIAL and order.values["status"] == "delivered"),
            papers=papers,
            order_over=over,
        )
        if papers or task.wanted:
            tasks.append(task)
    car = " ".join(str(order.values[name]) for name in ("make", "model") if order.values[name])
    return OrderTasks(
        id=str(order.id),
        number=str(order.values["number"]),
        car=car,
        state=code_words(order.values["status"]),
        over=over,
        tasks=tasks,
    )


def paper(row: Row, order: Row | None) -> Paper:
    """One paper; the order it belongs to says until when it is kept."""
    kind, status = row.values["kind"], row.values["status"]
    closed_at = order.values["closed_at"] if order else None
    why = operations.why_not_removable(kind, status, closed_at.year if closed_at else None)
    return Paper(
        id=str(row.id),
        name=row.values["filename"] or gettext("Erased"),
        kind=kind,
        kind_words=code_words(kind),
        state=State(status if row.readable else "unreadable"),
        reason=row.values["rejection_reason"] or "",
        size=wording.size(row.values["size"] or 0, get_locale()),
        bytes=row.values["size"] or 0,
        media_type=row.values["media_type"] or "",
        received=wording.moment(row.recorded_at, get_locale()),
        received_at=row.recorded_at,
        erased=_erased(row, kind),
        readable=row.readable,
        locked=gettext(why) if why else "",
    )


def _erased(row: Row, kind: str) -> str:
    if row.erase_after is not None:
        return gettext("on %(day)s", day=wording.day(row.erase_after, get_locale()))
    return gettext(RULES[_rule(kind)].until)


def erased_when(kind: str, order: Row) -> str:
    """When a paper of that kind is erased, as a date where the order is over."""
    closed_at = order.values["closed_at"]
    if closed_at is not None:
        financial = kind == FINANCIAL
        end = (
            retention.transactions_end(closed_at)
            if financial
            else retention.documents_end(closed_at)
        )
        if end is not None:
            return gettext("on %(day)s", day=wording.day(end, get_locale()))
    return gettext(RULES[_rule(kind)].until)


def _rule(kind: str) -> Retention:
    return Retention.TRANSACTIONS if kind == FINANCIAL else Retention.DOCUMENTS


def who_sees_it() -> str:
    """Who gets to see a paper: from the inventory's recipients."""
    outside = [gettext(RECIPIENTS[one]) for one in category("documents").recipients]
    who = gettext("The ALKO staff who handle your order; each look is in your activity log.")
    return f"{who} {gettext('Outside ALKO Cars: %(who)s.', who=', '.join(outside) or '–')}"


def lawful() -> str:
    """For what and on which basis papers are held, as the inventory has it."""
    chosen = category("documents")
    basis = BASES[chosen.basis]
    purposes = ", ".join(gettext(PURPOSES[one].name) for one in chosen.purposes)
    return f"{purposes} – {gettext(basis.name)} ({gettext(basis.text)})"


def code_words(code: str) -> str:
    return wording.code(code, gettext)


def room(count: int) -> str:
    """Limits in the unit people know them by; rounded down, so as not to promise too much."""
    tenths = count * 10 // MEGABYTE
    number = format_decimal(tenths / 10, locale=get_locale())
    return f"{number} MB"


def summary(outcomes: list[Outcome]) -> Mapping[str, list[str]]:
    """The names of the files that were stored, and of those that were there before."""
    return {
        "stored": [one.filename for one in outcomes if not one.refused and not one.held],
        "held": [one.filename for one in outcomes if one.held],
    }
