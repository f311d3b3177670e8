"""Finding cases by what their writer gives, exactly: the reference, or the address (P16).

The address is compared by its blind index, so nothing is opened. Each search is in the searcher's
own chain, and whose case was found reads in theirs that it was.
"""

from __future__ import annotations

from typing import Any

from alko.models.contact import Case
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.permissions import Permission, StaffRole, may
from alko.privacy.identity import accounts
from alko.privacy.vocabulary import Purpose

LONGEST = 254
"""Characters of what is searched for."""
MOST = 20


def find(actor: Actor, wanted: str) -> list[str]:
    """The references of the cases this leads to, newest first. AccessDenied, LedgerUnavailable."""
    if actor.kind != "staff" or actor.id is None or not _may(actor):
        raise AccessDenied("only who works at the desk for messages searches for cases")
    by, query = _query(wanted.strip())
    newest = Case.raw().find(query, {"client": 1, "reference": 1}).sort("recorded_at", -1)
    found = list(newest.limit(MOST))
    told = {"by": by, "found": len(found)}
    ledger.append(actor.id, Event.CASES_SEARCHED, actor, Purpose.COMMUNICATION, details=told)
    for one in found:
        ledger.append(
            one["client"],
            Event.CASE_FOUND,
            actor,
            Purpose.COMMUNICATION,
            details={"by": by, "reference": one["reference"]},
        )
    return [str(one["reference"]) for one in found]


def _may(actor: Actor) -> bool:
    return may(StaffRole(actor.role), Permission.MESSAGES)


def _query(wanted: str) -> tuple[str, dict[str, Any]]:
    """By what it is searched, and how."""
    if "@" in wanted:
        return "email", {"email_index": accounts.email_index(wanted)}
    return "reference", {"reference": wanted.upper()}
