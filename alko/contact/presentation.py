"""Cases in words, for the people who wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext

from alko.models.contact import Case
from alko.privacy import wording
from alko.privacy.correspondence import case_mails
from alko.privacy.correspondence.case_threads import Thread
from alko.privacy.door.dossier import Row
from alko.privacy.oversight import breaches
from alko.privacy.rights import deadlines, request_wording
from alko.rights import presentation as rights
from alko.vault.inspection.types import REFUSALS
from alko.words import N_

TONES = {"open": "info", "waiting": "warning", "closed": "success"}
NEXT_STEPS = {
    "open": N_("We read it and answer here; you are told by mail."),
    "waiting": N_("We answered. If something is missing, write below."),
    "closed": N_("It is closed. Write below if something is left, and it opens again."),
}


def day(moment: datetime) -> str:
    return wording.day(moment, get_locale())


def moment(value: datetime) -> str:
    return wording.moment(value.astimezone(UTC), get_locale())


def code(value: str) -> str:
    return wording.code(value, gettext)


def receipt_of(case: Case) -> dict[str, Any]:
    """What the session keeps for the receipt: reference, kind, time, and whether it was mailed."""
    return {
        "reference": case.reference,
        "kind": case.kind,
        "urgent": case.urgent,
        "at": case.recorded_at.isoformat(),
        "mailed": not case_mails.awaits_receipt(case),
    }


def receipt_words(kept: dict[str, Any]) -> dict[str, Any]:
    received = datetime.fromisoformat(kept["at"])
    found = deadlines.deadline(received)
    return {
        "kind": code(kept["kind"]),
        "urgent": kept["urgent"],
        "mailed": kept.get("mailed", True),
        "received": moment(received),
        "due": day(found.due_at),
        "reckoning": rights.reckoning(found),
    }


def case_lines(rows: Iterable[Row]) -> list[dict[str, str]]:
    """A client's own cases."""
    return [
        {
            "reference": row.values["reference"],
            "url": url_for("contact.case", reference=row.values["reference"]),
            "subject": row.values["subject"] or code(row.values["kind"]),
            "state": code(row.values["state"]),
            "tone": TONES[row.values["state"]],
            "received": day(row.recorded_at),
        }
        for row in rows
        if row.readable
    ]


def waiting_lines(cases: Iterable[Case]) -> list[dict[str, str]]:
    """Cases that say the client's address: without a word of what is in them."""
    return [
        {
            "reference": case.reference,
            "received": moment(case.recorded_at),
            "channel": code(case.channel),
            "join_url": url_for("contact.join", reference=case.reference),
        }
        for case in cases
    ]


def thread(found: Thread) -> dict[str, Any]:
    """A case with its messages and files, as its page shows it."""
    case = found.case
    deadline = deadlines.deadline(case.clock_began)
    return {
        "kind": code(case.kind),
        "urgent": case.urgent,
        "subject": found.details.subject,
        "state": code(case.state),
        "tone": TONES[case.state],
        "next_step": gettext(NEXT_STEPS[case.state]),
        "closed": case.closed,
        "received": moment(case.recorded_at),
        "due": day(case.due_at),
        "reckoning": rights.reckoning(deadline),
        "erased": day(case.erase_after) if case.erase_after else None,
        "messages": [_message(row, found) for row in found.messages],
        "request_made": _request(found),
        "breaches": _breaches(case),
    }


def _breaches(case: Case) -> list[dict[str, str]]:
    """What whoever has no account is told of breaches; a client reads it in their data."""
    told = breaches.told(case.client) if case.of_stranger else []
    return [
        {"reference": one.reference, "told_on": day(one.told_at), "statement": one.statement}
        for one in told
    ]


def _message(row: Row, found: Thread) -> dict[str, Any]:
    return {
        "direction": row.values["direction"],
        "who": code(row.values["direction"]),
        "when": moment(row.recorded_at),
        "body": row.values["body"] or gettext("This message was erased."),
        "files": [_file(one, found.case.reference) for one in found.files.get(row.id, [])],
    }


def _file(row: Row, reference: str) -> dict[str, Any]:
    refusal = row.values["refusal"]
    message, advice = REFUSALS.get(refusal, ("", "")) if refusal else ("", "")
    return {
        "name": row.values["filename"],
        "size": wording.size(row.values["size"], get_locale()),
        "url": None if refusal else url_for("contact.file", reference=reference, record=row.id),
        "source": row.values["kind"] == "source",
        "refusal": gettext(message) if message else "",
        "advice": gettext(advice) if advice else "",
    }


def _request(found: Thread) -> dict[str, Any] | None:
    """The request that was made of the case, followed here by whoever has no account."""
    request, details = found.request, found.request_details
    if request is None or details is None:
        return None
    return {
        "reference": request.reference,
        "right": code(request.right),
        "state": code(request.state),
        "tone": request_wording.TONES.get(request.state, "neutral"),
        "due": None if request.finished else day(request.due_at),
        "reason": details.reason if request.state in ("refused", "extended") else "",
        "steps": rights.steps(details.events, request.finished),
        "messages": rights.messages(details.messages),
        "url": None
        if found.case.of_stranger
        else url_for("rights.request_page", reference=request.reference),
    }
