"""Entries of the register of breaches as its desk shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import get_locale, gettext, ngettext

from alko.models.oversight import Breach, BreachDetails
from alko.privacy import wording
from alko.privacy.door.dossier import Row
from alko.privacy.inventory import CATEGORIES
from alko.privacy.oversight import breach_clock, breaches
from alko.privacy.oversight.breach_clock import Clock, ClockState
from alko.words import N_

CLOCKS: dict[ClockState, tuple[str, str, str]] = {
    ClockState.RUNNING: (N_("The authority must be told within %(left)s"), "warning", "clock"),
    ClockState.OVERDUE: (N_("The authority was to be told %(left)s ago"), "error", "warning"),
    ClockState.TOLD: (N_("The authority was told in time"), "success", "check"),
    ClockState.TOLD_LATE: (N_("The authority was told %(left)s late"), "warning", "warning"),
    ClockState.SPARED: (N_("No risk: the authority is not told"), "neutral", "check"),
}


def line(row: Row, now: datetime) -> dict[str, Any]:
    """An entry as a row of a table."""
    values = row.values
    seen = breach_clock.clock(
        values["discovered_at"], now, values["authority_told_at"], values["authority_spared_at"]
    )
    return {
        "reference": values["reference"],
        "discovered": _moment(values["discovered_at"]),
        "clock": clock(seen),
        "told": bool(values["clients_told_at"]),
        "closed": bool(values["closed_at"]),
    }


def clock(seen: Clock) -> dict[str, str]:
    """The 72 hours as a badge."""
    sentence, tone, icon = CLOCKS[seen.state]
    return {
        "text": gettext(sentence, left=_span(abs(seen.left))),
        "tone": tone,
        "icon": icon,
        "due": _moment(seen.due_at),
    }


def entry(breach: Breach, details: BreachDetails, now: datetime) -> dict[str, Any]:
    """An entry with all its words."""
    named = [gettext(CATEGORIES[slug].label) for slug in breach.categories if slug in CATEGORIES]
    return {
        "reference": breach.reference,
        "discovered": _moment(breach.discovered_at),
        "entered": _moment(breach.recorded_at),
        "clock": clock(breaches.clock_of(breach, now)),
        "period": f"{_moment(breach.began_at)} – {_moment(breach.ended_at)}",
        "member": str(breach.member) if breach.member else "",
        "everybody": breach.everybody,
        "categories": ", ".join(named) or gettext("All"),
        "happened": _paragraphs(details.happened),
        "effects": _paragraphs(details.effects),
        "measures": _paragraphs(details.measures),
        "to_authority": _paragraphs(details.to_authority),
        "to_clients": _paragraphs(details.to_clients),
        "authority_told": _or_empty(breach.authority_told_at),
        "authority_spared": _or_empty(breach.authority_spared_at),
        "clients_told": _or_empty(breach.clients_told_at),
        "clients_spared": _or_empty(breach.clients_spared_at),
        "closed": _or_empty(breach.closed_at),
    }


def _paragraphs(words: str) -> list[str]:
    return [line for line in words.splitlines() if line.strip()]


def _span(left: timedelta) -> str:
    hours = int(left.total_seconds() // 3600)
    if hours >= 72:
        return str(ngettext("%(num)d day", "%(num)d days", hours // 24))
    if hours:
        return str(ngettext("%(num)d hour", "%(num)d hours", hours))
    return str(ngettext("%(num)d minute", "%(num)d minutes", int(left.total_seconds() // 60)))


def _or_empty(moment: datetime | None) -> str:
    return _moment(moment) if moment else ""


def _moment(moment: datetime) -> str:
    return wording.moment(moment, get_locale())
