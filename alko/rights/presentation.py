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
from alko.privacy.lifecycle.planner import WHYS, Plan, Why
from alko.privacy.rights import request_wording
from alko.privacy.rights.catalogue import RIGHTS, Right
from alko.privacy.rights.deadlines import Deadline
from alko.privacy.sharing.disclosures import Holder
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
    "identity_check": N_(
        "We make sure that it is you who asks: a message from this page is enough."
    ),
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
    "files_removed": N_("They cannot read it; the encrypted files that go are removed there."),
}


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
            "tone": request_wording.TONES.get(row.values["state"], "neutral"),
            "received": day(row.recorded_at),
            "due": None if row.values["finished_at"] else day(row.values["due_at"]),
        }
        for row in rows
    ]


def reckoning(found: Deadline) -> list[str]:
    """How the due date was found, in sentences (P34)."""
    return request_wording.reckoning(found, gettext, get_locale())


def steps(events: Iterable[Any], finished: bool) -> list[dict[str, str]]:
    """The timeline; the last step of an open request is where it stands now."""
    return request_wording.steps(events, finished, gettext, get_locale())


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
    return request_wording.plan_tables(found, gettext, get_locale())


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
        "rows": [
            {**one, "label": request_wording.label(one["category"], gettext)}
            for one in receipt["categories"]
        ],
        "recipients": [
            {**one, "name": code(one["recipient"]), "how": gettext(TOLD_BY[one["how"]])}
            for one in receipt.get("recipients", [])
        ],
        "kept": [
            {
                "label": request_wording.label(slug, gettext),
                "count": count,
                "why": gettext(WHYS[Why(why)]),
                "until": request_wording.until(
                    Why(why),
                    datetime.fromisoformat(until) if until else None,
                    gettext,
                    get_locale(),
                ),
            }
            for (slug, why, until), count in kept.items()
        ],
    }
