"""Searching the ledger for what was done: ids and codes, found by index, read a stretch at a time.

Each search is itself an entry, in the chain of the member who searched (P17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from alko.models.activity import BY_STAFF, LedgerEntry
from alko.privacy.accountability import chain, ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose

AT_A_TIME = 50
STAFF = "staff:"


@dataclass(frozen=True)
class Filters:
    """What to look for; what is None or empty does not narrow the search."""

    chain: ObjectId | None = None
    """Whose chain: the number of a client, or of a member of staff."""
    member: ObjectId | None = None
    """Who acted, where it was a member of staff."""
    reference: str = ""
    """Of a request, a case, an override, a breach."""
    actor: str = ""
    """As the ledger names actors, for instance ``staff:agent``; ``system`` is every job."""
    event: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Before this moment."""

    @property
    def names(self) -> list[str]:
        return [name for name, value in vars(self).items() if value]


@dataclass(frozen=True)
class Place:
    """Where a stretch ended, so that the next begins behind it."""

    at: datetime
    id: ObjectId

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1000)}-{self.id}"

    @classmethod
    def parsed(cls, raw: str) -> Place | None:
        """The place that a text names; None for a text that names none."""
        moment, _, number = raw.partition("-")
        if not (moment.isascii() and moment.isdecimal() and len(moment) < 15):
            return None
        try:
            return cls(datetime.fromtimestamp(int(moment) / 1000, UTC), ObjectId(number))
        except (InvalidId, ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Found:
    """One entry, without the sealed reason."""

    id: ObjectId
    chain: ObjectId
    seq: int
    at: datetime
    event: str
    purpose: str
    actor: str
    member: ObjectId | None
    categories: list[str]
    details: Mapping[str, Any]
    hash: str


def search(
    actor: Actor, filters: Filters, behind: Place | None = None
) -> tuple[list[Found], Place | None]:
    """Entries, the newest first, and where to go on; None where these are the last."""
    if actor.id is None:
        raise TypeError("the ledger is searched by people")
    told = {"by": filters.names}
    ledger.append(actor.id, Event.LEDGER_SEARCHED, actor, Purpose.SECURITY, details=told)
    by_staff = bool(filters.member) or filters.actor.startswith(STAFF)
    narrow = filters.chain or filters.reference or filters.event
    found = _stretch(_query(filters, behind), BY_STAFF if by_staff and not narrow else None)
    if by_staff:
        found += _stretch(_joined(filters, behind))
        found.sort(key=lambda one: (one.at, one.id), reverse=True)
    if len(found) <= AT_A_TIME:
        return found, None
    last = found[AT_A_TIME - 1]
    return found[:AT_A_TIME], Place(last.at, last.id)


def _stretch(query: Mapping[str, Any], index: str | None = None) -> list[Found]:
    """The newest entries of a query, one more than are shown at a time."""
    cursor = LedgerEntry.raw().find(query, {"sealed": 0, "signature": 0})
    cursor = cursor.sort([("recorded_at", -1), ("_id", -1)]).limit(AT_A_TIME + 1)
    return [_found(one) for one in (cursor.hint(index) if index else cursor)]


def _joined(filters: Filters, behind: Place | None) -> dict[str, Any]:
    """What staff did to a case before it joined the chain in which that is told."""
    query = _anybody(filters, behind)
    query["event"] = Event.CASE_EARLIER.value
    query["details.member"] = str(filters.member) if filters.member else {"$type": "string"}
    if filters.actor:
        query["details.actor"] = filters.actor
    if filters.event and filters.event != Event.CASE_EARLIER.value:
        query["details.event"] = filters.event
    if span := _span(filters):
        query["details.on"] = {name: chain.timestamp(at) for name, at in span.items()}
    return query


def _query(filters: Filters, behind: Place | None) -> dict[str, Any]:
    query = _anybody(filters, behind)
    if filters.event:
        query["event"] = filters.event
    if filters.actor == "system":
        query["actor"] = {"$regex": "^system:"}
    elif filters.actor:
        query["actor"] = filters.actor
    if filters.member:
        query["actor_id"] = filters.member
    elif filters.actor.startswith(STAFF):
        query["actor_id"] = {"$type": "objectId"}
    if span := _span(filters):
        query["recorded_at"] = {**query.get("recorded_at", {}), **span}
    return query


def _anybody(filters: Filters, behind: Place | None) -> dict[str, Any]:
    """Whose chain, about what, and behind which place: whoever it was, and whenever."""
    query: dict[str, Any] = {}
    if filters.chain:
        query["client"] = filters.chain
    if filters.reference:
        query["details.reference"] = filters.reference
    if behind:
        query["recorded_at"] = {"$lte": behind.at}
        query["$or"] = [
            {"recorded_at": {"$lt": behind.at}},
            {"recorded_at": behind.at, "_id": {"$lt": behind.id}},
        ]
    return query


def _span(filters: Filters) -> dict[str, datetime]:
    span: dict[str, datetime] = {}
    if filters.since:
        span["$gte"] = filters.since
    if filters.until:
        span["$lt"] = filters.until
    return span


def _found(one: Mapping[str, Any]) -> Found:
    details = one.get("details") or {}
    earlier = details.get("member") if one["event"] == Event.CASE_EARLIER.value else None
    return Found(
        id=one["_id"],
        chain=one["client"],
        seq=one["seq"],
        at=one["recorded_at"],
        event=one["event"],
        purpose=one["purpose"],
        actor=one["actor"],
        member=one.get("actor_id") or (ObjectId(earlier) if earlier else None),
        categories=list(one.get("categories") or ()),
        details=details,
        hash=one["hash"],
    )
