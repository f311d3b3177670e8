"""Finding clients by something they gave, exactly: an address, a phone number, a reference (P16).

Values are compared by their blind index, so nothing is opened. Each search is in the searcher's own
chain, and whoever was found reads in theirs that they were.
"""

from __future__ import annotations

from typing import Any

import phonenumbers
from bson import ObjectId

import alko.models as models
from alko.models.client import Client, ClientStatus
from alko.models.profile import ContactRecord
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door import grounds
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.grounds import NoSuchWork
from alko.privacy.door.permissions import Permission, StaffRole, may
from alko.privacy.identity import accounts
from alko.privacy.vocabulary import Purpose

LONGEST = 254
"""Characters of what is searched for."""
MOST = 5
"""So many clients are found at most: a family can share a phone."""


def find(actor: Actor, wanted: str) -> list[ObjectId]:
    """The clients this leads to, mostly one or none. AccessDenied, LedgerUnavailable."""
    if actor.kind != "staff" or actor.id is None:
        raise AccessDenied("only staff search for clients")
    if not may(StaffRole(actor.role), Permission.SEARCH):
        raise AccessDenied("this role does not search")
    by, candidates = _candidates(wanted.strip())
    active = {"_id": {"$in": candidates}, "status": ClientStatus.ACTIVE.value}
    found = [one["_id"] for one in Client.raw().find(active, {"_id": 1}).sort("_id", 1)]
    ledger.append(
        actor.id,
        Event.STAFF_SEARCHED,
        actor,
        Purpose.LEGAL,
        details={"by": by, "found": len(found)},
    )
    for client in found:
        ledger.append(client, Event.CLIENT_FOUND, actor, Purpose.LEGAL, details={"by": by})
    return found


def _candidates(wanted: str) -> tuple[str, list[ObjectId]]:
    """By what it was searched, and whose it is."""
    query: dict[str, Any]
    if "@" in wanted:
        query = {"email_index": accounts.email_index(wanted)}
        return "email", [one["_id"] for one in Client.raw().find(query, {"_id": 1})]
    if number := _phone(wanted):
        query = {"phone_index": accounts.index_of("phone", number)}
        rows = ContactRecord.raw().find(query, {"client": 1}).limit(MOST)
        return "phone", [one["client"] for one in rows]
    reference = wanted.upper()
    try:
        work, query = grounds.kind_of(reference), grounds.locate(reference)
    except NoSuchWork:
        return "reference", []
    rows = getattr(models, work.model).raw().find(query, {"client": 1})
    return "reference", [one["client"] for one in rows]


def _phone(wanted: str) -> str | None:
    """The number in international form; None for what is none, or lacks its country."""
    if wanted.startswith("00"):
        wanted = f"+{wanted[2:]}"
    try:
        number = phonenumbers.parse(wanted, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
