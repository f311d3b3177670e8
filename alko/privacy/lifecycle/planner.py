"""What goes, what stays, which rule keeps it, until when (promises P24, P28; GDPR Art. 17).

One pure function over the inventory and what a dossier holds serves the simulator that the client
sees, the execution, the receipt and the retention sweep. It reads no database and opens no value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bson import ObjectId

from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Erasure
from alko.words import N_


class Occasion(StrEnum):
    """Why a plan is made."""

    REQUEST = "request"
    """The client asked for deletion: all goes that no law keeps."""
    EXPIRY = "expiry"
    """The retention sweep: what is due goes."""


class Why(StrEnum):
    """Why a record is kept; its words are in WHYS."""

    LEGAL_HOLD = "legal_hold"
    LEGAL_DUTY = "legal_duty"
    """A hold of which a law forbids to speak: what it keeps is said, and no more."""
    OPEN_ORDER = "open_order"
    TAX_LAW = "tax_law"
    NOT_DUE = "not_due"


WHYS: dict[Why, str] = {
    Why.LEGAL_HOLD: N_("A legal hold: it may be needed for a legal claim."),
    Why.LEGAL_DUTY: N_("A legal duty keeps it for now."),
    Why.OPEN_ORDER: N_("Your order is under way, and cannot be completed without it."),
    Why.TAX_LAW: N_("Tax law has us keep transaction records for seven full years."),
    Why.NOT_DUE: N_("Its retention rule has not ended yet."),
}


@dataclass(frozen=True)
class Held:
    """What the planner knows about one record: no personal value."""

    category: str
    id: ObjectId
    rule: Retention
    """The record's own rule: a payment receipt follows the transactions, not the documents."""
    erase_after: datetime | None = None
    open_order: bool = False
    """Whether it belongs to an order that is not closed."""
    hold_until: datetime | None = None
    """The end of a legal hold on this record or on the client."""
    hold_told: bool = True
    """Whether the client may know of that hold."""


@dataclass(frozen=True)
class Erased:
    """A record that goes, whole."""

    held: Held


@dataclass(frozen=True)
class Kept:
    """A record that stays: why, until when, and which of its fields go all the same."""

    held: Held
    why: Why
    until: datetime | None
    """None while an event must come first: the end of an order."""
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All of a dossier, divided in two."""

    occasion: Occasion
    erased: tuple[Erased, ...]
    kept: tuple[Kept, ...]


def plan(held: Iterable[Held], occasion: Occasion, now: datetime) -> Plan:
    """Divide records into those that go and those that stay; each is in exactly one part."""
    erased: list[Erased] = []
    kept: list[Kept] = []
    for record in held:
        decision = _decide(record, occasion, now)
        if isinstance(decision, Kept):
            kept.append(decision)
        else:
            erased.append(decision)
    return Plan(occasion, tuple(erased), tuple(kept))


def _decide(record: Held, occasion: Occasion, now: datetime) -> Erased | Kept:
    if record.hold_until is not None and record.hold_until > now:
        why = Why.LEGAL_HOLD if record.hold_told else Why.LEGAL_DUTY
        return Kept(record, why, record.hold_until)
    if occasion is Occasion.EXPIRY:
        due = record.erase_after is not None and record.erase_after <= now
        return Erased(record) if due else Kept(record, Why.NOT_DUE, record.erase_after)
    if record.open_order:
        return Kept(record, Why.OPEN_ORDER, None)
    if _law_keeps(record, now):
        return Kept(record, Why.TAX_LAW, record.erase_after, dropped_fields(record.category))
    return Erased(record)


def _law_keeps(record: Held, now: datetime) -> bool:
    if record.rule is not Retention.TRANSACTIONS:
        return False
    tax_record = CATEGORIES[record.category].erasure is Erasure.KEEP
    receipt = record.category == "documents"
    not_over = record.erase_after is None or record.erase_after > now
    return (tax_record or receipt) and not_over


def dropped_fields(slug: str) -> tuple[str, ...]:
    """The sealed fields of a kept record which the tax rule does not need."""
    chosen = CATEGORIES[slug]
    if chosen.erasure is not Erasure.KEEP:
        return ()
    return tuple(
        field.name
        for field in chosen.fields
        if field.sealed and chosen.erasure_of(field) is not Erasure.KEEP
    )
