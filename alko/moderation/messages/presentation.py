"""Cases as the staff's pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.models.contact import CaseState
from alko.moderation.handing import whose
from alko.moderation.messages.reading import Listed, Listing, View
from alko.privacy import wording
from alko.privacy.correspondence.case_threads import Thread
from alko.privacy.correspondence.cases import Case
from alko.privacy.door.dossier import Row
from alko.vault.inspection.types import REFUSALS
from alko.web.downloads import PREVIEWED
from alko.words import N_

VIEWS: dict[View, str] = {
    View.OPEN: N_("All open"),
    View.MINE: N_("Mine"),
    View.NOBODY: N_("Nobody's"),
    View.URGENT: N_("Urgent"),
    View.UNCONFIRMED: N_("Unconfirmed"),
    View.UNREADABLE: N_("Unreadable"),
    View.CLOSED: N_("Closed"),
}
TONES = {"open": "info", "waiting": "neutral", "closed": "success"}
HOUR = timedelta(hours=1)


def code(value: str) -> str:
    return wording.code(value, gettext)


def moment(value: datetime) -> str:
    return wording.moment(value.astimezone(UTC), get_locale())


def address(view: View, number: int = 1) -> str:
    asked: dict[str, Any] = {}
    if view is not View.OPEN:
        asked["view"] = view.value
    if number > 1:
        asked["page"] = number
    return url_for("moderation.messages", **asked)


def filters(chosen: View, found: Listing) -> list[tuple[Any, ...]]:
    """Links for the parts of the queue, with how much there is in each."""
    return [
        (gettext(name), address(view), view is chosen, *_count(view, found))
        for view, name in VIEWS.items()
    ]


def _count(view: View, found: Listing) -> tuple[int, ...]:
    return (found.counts[view],) if view in found.counts else ()


def lines(rows: Iterable[Listed], member: ObjectId, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "reference": row.reference,
            "url": url_for("moderation.message_page", reference=row.reference),
            "kind": code(row.right or row.kind),
            "suggested": code(row.suggested) if row.suggested and not row.right else "",
            "channel": code(row.channel),
            "state": code(row.state),
            "tone": TONES[row.state],
            "received": wording.day(row.recorded_at, get_locale()),
            "urgent": row.urgent,
            **_time_left(row, now),
            "confirmed": row.confirmed,
            "unreadable": row.unreadable,
            "holder": whose(row.holder, member),
        }
        for row in rows
    ]


def _time_left(case: Case | Listed, now: datetime) -> dict[str, int | None]:
    """Whole days and hours until it is late; None where it is answered or closed."""
    due = case.state == CaseState.OPEN
    return {
        "left": (case.due_at - now) // timedelta(days=1) if due else None,
        "hours": (case.target_at - now) // HOUR if due and case.target_at else None,
    }


def head(case: Case, member: ObjectId, now: datetime) -> dict[str, Any]:
    """What every member may see of a case: clear fields."""
    return {
        "reference": case.reference,
        "kind": code(case.kind),
        "state": code(case.state),
        "tone": TONES[case.state],
        "closed": case.closed,
        "urgent": case.urgent,
        **_time_left(case, now),
        "facts": [
            (gettext("Received"), moment(case.recorded_at)),
            (gettext("How it came"), code(case.channel)),
            (gettext("Answer due"), wording.day(case.due_at, get_locale())),
            (gettext("Whose"), _whose(case)),
        ],
        "unreadable": case.unreadable,
        "suggested": code(case.suggested_right) if case.suggested_right else "",
        "right": code(case.right) if case.right else "",
        "holder": whose(case.assigned_to, member),
    }


def _whose(case: Case) -> str:
    if not case.of_stranger:
        return gettext("A client's, in their dossier")
    if case.confirmed_at:
        return gettext("Not a known client's; the address is confirmed")
    return gettext("Not a known client's; the address is not confirmed")


def inside(found: Thread) -> dict[str, Any]:
    """What only the one who has the case in hand sees."""
    return {
        "name": found.details.name or gettext("No name given"),
        "email": found.details.email,
        "subject": found.details.subject,
        "client": None if found.case.of_stranger else found.case.client,
        "request": found.request.reference if found.request else None,
        "messages": [_message(row, found) for row in found.messages],
    }


def _message(row: Row, found: Thread) -> dict[str, Any]:
    who = {
        "from_client": gettext("The writer"),
        "to_client": gettext("ALKO Cars"),
        "internal": gettext("Note of our staff"),
    }
    return {
        "id": str(row.id),
        "direction": row.values["direction"],
        "who": who[row.values["direction"]],
        "when": moment(row.recorded_at),
        "channel": code(row.values["channel"]),
        "unverified": row.values["channel"] == "email" and not row.values["sender_verified"],
        "body": row.values["body"] or "",
        "files": [_file(one, found.case.reference) for one in found.files.get(row.id, [])],
    }


def _file(row: Row, reference: str) -> dict[str, Any]:
    refusal = row.values["refusal"]
    source = row.values["kind"] == "source"
    endpoint = "moderation.message_source" if source else "moderation.message_file"
    return {
        "name": gettext("The mail as it came") if source else row.values["filename"],
        "size": wording.size(row.values["size"], get_locale()),
        "url": None if refusal else url_for(endpoint, reference=reference, record=row.id),
        "picture": not source and row.values["media_type"] in PREVIEWED,
        "refusal": gettext(REFUSALS[refusal][0]) if refusal in REFUSALS else "",
    }
