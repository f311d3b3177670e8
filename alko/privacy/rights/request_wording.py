"""Requests and plans in words, for both sides: the client's pages and the staff's show the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from babel import Locale

from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle.planner import WHYS, Plan, Why
from alko.privacy.rights.deadlines import Deadline
from alko.privacy.wording import Translate, code, day
from alko.words import N_

TONES = {"done": "success", "refused": "error", "waiting_for_client": "warning"}
"""The colour of a state; others are neutral."""


def reckoning(found: Deadline, translate: Translate, locale: Locale) -> list[str]:
    """How the due date was found, in sentences (P34)."""
    first = min(found.in_thirty_days, found.in_one_month)
    lines = [
        (N_("30 days after receipt: %(day)s"), found.in_thirty_days),
        (N_("One calendar month after receipt: %(day)s"), found.in_one_month),
        (N_("The earlier of the two counts: %(day)s"), first),
    ]
    if found.extended_to:
        lines.append((N_("Extended once, to: %(day)s"), found.extended_to))
    return [translate(text) % {"day": day(moment, locale)} for text, moment in lines]


STEPS: dict[str, str] = {
    "received": N_("It arrived, and the time to answer began."),
    "identity_check": N_("It must be certain who asks, before anything is told."),
    "in_progress": N_("Somebody took it up."),
    "waiting_for_client": N_("A question was asked; the due date stays."),
    "extended": N_("It takes longer: why, and until when, was written at once."),
    "done": N_("It was carried out or answered."),
    "refused": N_("It was not carried out; why, and who can check that, stands above."),
    "withdrawn": N_("It was taken back."),
}
"""What each step of a request means, where nobody wrote a note."""


def steps(
    events: Iterable[Any], finished: bool, translate: Translate, locale: Locale
) -> list[dict[str, str]]:
    """The timeline; the last step of an open request is where it stands now."""
    shown = [
        {
            "title": code(event.state, translate),
            "when": day(date.fromisoformat(event.on), locale),
            "datetime": event.on,
            "text": event.note or translate(STEPS[event.state]),
            "state": "done",
        }
        for event in events
    ]
    if shown and not finished:
        shown[-1]["state"] = "current"
    return shown


def plan_tables(found: Plan, translate: Translate, locale: Locale) -> dict[str, Any]:
    """The plan of a deletion by category: what goes, and what stays with its rule and its end."""
    going: dict[str, int] = defaultdict(int)
    for gone in found.erased:
        going[gone.held.category] += 1
    staying: dict[tuple[str, Why, datetime | None, tuple[str, ...]], int] = defaultdict(int)
    for kept in found.kept:
        staying[kept.held.category, kept.why, kept.until, kept.dropped] += 1
    return {
        "going": [(label(slug, translate), count) for slug, count in in_order(going)],
        "staying": [
            {
                "label": label(slug, translate),
                "count": count,
                "why": translate(WHYS[why]),
                "until": until(why, ends, translate, locale),
                "dropped": [translate(CATEGORIES[slug].field(name).label) for name in dropped],
            }
            for (slug, why, ends, dropped), count in sorted(
                staying.items(), key=lambda one: list(CATEGORIES).index(one[0][0])
            )
        ],
        "open_orders": sum(
            kept.held.category == "orders" and kept.why is Why.OPEN_ORDER for kept in found.kept
        ),
    }


def until(why: Why, ends: datetime | None, translate: Translate, locale: Locale) -> str:
    """The end of what is kept; of a hold that may not be spoken of, not even that."""
    if why is Why.LEGAL_DUTY:
        return translate(N_("that duty ends"))
    return day(ends, locale) if ends else translate(N_("the order is closed"))


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The categories that occur, in the order of the inventory."""
    return [(slug, counts[slug]) for slug in CATEGORIES if counts.get(slug)]


def label(slug: str, translate: Translate) -> str:
    """A category's name; a slug without one stands as it is."""
    return translate(CATEGORIES[slug].label) if slug in CATEGORIES else slug
