"""Requests, plans and receipts in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.deadlines import Deadline
from alko.privacy.disclosures import Holder
from alko.privacy.inventory import CATEGORIES
from alko.privacy.planner import WHYS, Plan, Why
from alko.privacy.rights import RIGHTS, Right
from alko.words import N_


@dataclass(frozen=True)
class Practice:
    """A right in practice: what one can do at once, how long it takes, what it needs."""

    does: str
    takes: str
    needs: str


PRACTICE: dict[Right, Practice] = {
    Right.ACCESS: Practice(
        N_("Everything we hold is shown under “My data”, and the copy has all of it."),
        N_("At once. If a person must add something: at most 30 days."),
        N_("Your password."),
    ),
    Right.CORRECTION: Practice(
        N_("Correct each detail yourself, or tell us what is wrong elsewhere."),
        N_("Contact details at once; what a person must look at within 30 days."),
        N_("What is wrong, and how it should be."),
    ),
    Right.DELETION: Practice(
        N_("First you see a plan: what goes, what stays, which rule keeps it, until when."),
        N_("Now, or in 14 days if you want time to think; you can cancel until it begins."),
        N_("Your password, and three typed words."),
    ),
    Right.PORTABILITY: Practice(
        N_("The copy is structured and machine-readable, with a published schema."),
        N_("At once. If a person must add something: at most 30 days."),
        N_("Your password."),
    ),
    Right.OBJECTION: Practice(
        N_("Switches end what is optional; against anything else you object with a request."),
        N_("A switch works at once; a request is answered within 30 days."),
        N_("For other purposes: a word about your situation."),
    ),
    Right.RESTRICTION: Practice(
        N_("Your data is then only stored, until a question about it is settled."),
        N_("It takes effect at once; the question behind it is settled within 30 days."),
        N_("One of the four grounds of the law."),
    ),
}
NEXT_STEPS: dict[str, str] = {
    "received": N_("The privacy team reads it and takes it up."),
    "identity_check": N_("We make sure that it is you who asks."),
    "in_progress": N_("We are working on it, and write to you here."),
    "waiting_for_client": N_("We asked you something: please answer below. The date stays."),
    "extended": N_("We need longer, for the reason below, and go on working on it."),
    "done": N_("Nothing more; it is done."),
    "refused": N_("We refused it, for the reason below. You can have that checked."),
    "withdrawn": N_("Nothing more; you withdrew it."),
}
HOW_CORRECTED: dict[str, str] = {
    "identity": N_("A person looks at it first; old and new stand side by side meanwhile."),
    "contact": N_("At once. A new email address is confirmed from its own mailbox first."),
}
TOLD_BY: dict[str, str] = {
    "notice": N_("We write to them to erase it as well, as your deletion begins."),
    "files_removed": N_("They cannot read it; the encrypted files are removed there."),
}
TONES = {"done": "success", "refused": "error", "waiting_for_client": "warning"}


def day(moment: datetime | date) -> str:
    return wording.day(moment, get_locale())


def code(value: str) -> str:
    return wording.code(value, gettext)


def rights_list() -> list[dict[str, Any]]:
    """The six, for the first page."""
    return [
        {
            "right": right,
            "name": gettext(RIGHTS[right].name),
            "text": gettext(RIGHTS[right].text),
            "article": gettext(RIGHTS[right].article),
            "url": url_for("rights.one_right", right=right.value),
            "does": gettext(PRACTICE[right].does),
            "takes": gettext(PRACTICE[right].takes),
            "needs": gettext(PRACTICE[right].needs),
        }
        for right in Right
    ]


def request_lines(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The client's requests, newest first."""
    return [
        {
            "reference": row.values["reference"],
            "url": url_for("rights.request_page", reference=row.values["reference"]),
            "right": code(row.values["right"]),
            "state": code(row.values["state"]),
            "tone": TONES.get(row.values["state"], "neutral"),
            "received": day(row.recorded_at),
            "due": None if row.values["finished_at"] else day(row.values["due_at"]),
        }
        for row in rows
    ]


def reckoning(found: Deadline) -> list[str]:
    """How the due date was found, in sentences (P34)."""
    lines = [
        gettext("30 days after receipt: %(day)s", day=day(found.in_thirty_days)),
        gettext("One calendar month after receipt: %(day)s", day=day(found.in_one_month)),
        gettext(
            "The earlier of the two counts: %(day)s",
            day=day(min(found.in_thirty_days, found.in_one_month)),
        ),
    ]
    if found.extended_to:
        lines.append(gettext("Extended once, to: %(day)s", day=day(found.extended_to)))
    return lines


def steps(events: Iterable[Any], finished: bool) -> list[dict[str, str]]:
    """The timeline; the last step of an open request is where it stands now."""
    shown = [
        {
            "title": code(event.state),
            "when": day(date.fromisoformat(event.on)),
            "datetime": event.on,
            "text": event.note,
            "state": "done",
        }
        for event in events
    ]
    if shown and not finished:
        shown[-1]["state"] = "current"
    return shown


def messages(found: Iterable[Any]) -> list[dict[str, str]]:
    return [
        {
            "who": code(message.direction),
            "when": day(date.fromisoformat(message.on)),
            "body": message.body,
            "direction": message.direction,
        }
        for message in found
    ]


def plan_tables(found: Plan) -> dict[str, Any]:
    """The plan of a deletion by category: what goes, and what stays with its rule and its end."""
    going: dict[str, int] = defaultdict(int)
    for gone in found.erased:
        going[gone.held.category] += 1
    staying: dict[tuple[str, Why, datetime | None, tuple[str, ...]], int] = defaultdict(int)
    for kept in found.kept:
        staying[kept.held.category, kept.why, kept.until, kept.dropped] += 1
    return {
        "going": [(label(slug), count) for slug, count in in_order(going)],
        "staying": [
            {
                "label": label(slug),
                "count": count,
                "why": gettext(WHYS[why]),
                "until": _until(why, until),
                "dropped": [gettext(CATEGORIES[slug].field(name).label) for name in dropped],
            }
            for (slug, why, until, dropped), count in sorted(
                staying.items(), key=lambda one: list(CATEGORIES).index(one[0][0])
            )
        ],
        "open_orders": sum(
            kept.held.category == "orders" and kept.why is Why.OPEN_ORDER for kept in found.kept
        ),
    }


def holder_lines(found: Iterable[Holder]) -> list[dict[str, Any]]:
    """The companies that got data, and how each is told when it is erased (GDPR Art. 19)."""
    return [
        {
            "company": one.company,
            "recipient": code(one.recipient.value),
            "data": ", ".join(code(detail) for detail in sorted(one.data)),
            "last": day(one.last),
            "how": gettext(TOLD_BY["notice" if one.can_read else "files_removed"]),
        }
        for one in found
    ]


def _until(why: Why, until: datetime | None) -> str:
    """The end of what is kept; of a hold that may not be spoken of, not even that."""
    if why is Why.LEGAL_DUTY:
        return gettext("that duty ends")
    return day(until) if until else gettext("the order is closed")


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(slug, counts[slug]) for slug in CATEGORIES if counts.get(slug)]


def label(slug: str) -> str:
    return gettext(CATEGORIES[slug].label) if slug in CATEGORIES else slug


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    return wording.moment(datetime.fromisoformat(text).astimezone(UTC), get_locale())


def receipt_tables(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt's plan and result side by side."""
    kept: dict[tuple[str, str, str | None], int] = defaultdict(int)
    for one in receipt["kept"]:
        kept[one["category"], one["why"], one["until"]] += 1
    return {
        "confirmed": day(datetime.fromisoformat(receipt["confirmed_at"]).astimezone(UTC)),
        "finished": _moment(receipt["finished_at"]),
        "keys_destroyed": _moment(receipt["keys_destroyed_at"]),
        "copies_replaced": _moment(receipt["copies_replaced_at"]),
        "copies_unreadable": _moment(receipt["copies_unreadable_at"]),
        "rows": [{**one, "label": label(one["category"])} for one in receipt["categories"]],
        "recipients": [
            {**one, "name": code(one["recipient"]), "how": gettext(TOLD_BY[one["how"]])}
            for one in receipt.get("recipients", [])
        ],
        "kept": [
            {
                "label": label(slug),
                "count": count,
                "why": gettext(WHYS[Why(why)]),
                "until": _until(Why(why), datetime.fromisoformat(until) if until else None),
            }
            for (slug, why, until), count in kept.items()
        ],
    }
