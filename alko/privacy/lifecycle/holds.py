"""Legal holds: what a claim or a duty needs is not erased before the hold ends (GDPR Art. 17(3)).

Every hold has a reason and an end; it can be renewed, never without another end. The client sees it
(page, copy, ledger) unless a law forbids to tell: then its ledger entries are in the officer's own
chain. An erasure that was asked for meanwhile takes the rest, and what was held when it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

import alko.models as models
from alko.database import connection
from alko.database.records import CHANGED
from alko.models.client import Client, ClientStatus
from alko.models.hold import EVERYTHING, HoldReason, LegalHold
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.door.overrides import MINIMUM_REASON
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle.retention import hold_ends
from alko.privacy.vocabulary import Purpose
from alko.words import N_

LONGEST = timedelta(days=3 * 366)
"""The furthest end at one time: who needs longer renews it (P19: there is no "forever")."""


class HoldRefused(ValueError):
    """The hold cannot be placed or renewed like this. The message is a text to translate."""


class NoSuchHold(LookupError):
    """The client has no such hold, or it has ended."""


@dataclass(frozen=True)
class Hold:
    """A hold in force: ids and dates; the reason is read through the dossier (category holds)."""

    id: ObjectId
    covers: str
    """``held.everything``, or ``held.<category>`` of the one record."""
    record: ObjectId | None
    since: datetime
    until: datetime
    told: bool
    placed_by: ObjectId


def place(
    client: ObjectId,
    actor: Actor,
    until: datetime,
    reason: str,
    record: ObjectId | None = None,
    told: bool = True,
) -> ObjectId:
    """Hold one record, or all of the client's; returns the hold's id.

    Raises AccessDenied, HoldRefused (also once an erasure of the client has begun), NoSuchRecord;
    KeyDestroyed for a client who was erased.
    """
    officer = _officer(actor)
    _check_end(until)
    if len(reason.strip()) < MINIMUM_REASON:
        raise HoldRefused(N_("Say in a few words why this must be kept."))
    covers = EVERYTHING if record is None else _category_of(client, record)
    hold = LegalHold.sealing(
        HoldReason(reason=reason.strip()),
        id=ObjectId(),
        client=client,
        covers=f"held.{covers}",
        record=record,
        until=until,
        hold_until=until,
        erase_after=hold_ends(until),
        told=told,
        placed_by=officer,
    )
    hold.validate()
    stored = hold.to_mongo()
    _log(stored, actor, Event.HOLD_PLACED, until)

    def change(session: ClientSession) -> None:
        _refuse_while_erasing(client, session)
        LegalHold.raw().insert_one(stored, session=session)
        _mark(client, stored, session)

    _together(change)
    return ObjectId(hold.pk)


def renew(client: ObjectId, actor: Actor, hold: ObjectId, until: datetime) -> None:
    """Move the end of a hold in force. Raises AccessDenied, HoldRefused, NoSuchHold."""
    _officer(actor)
    _check_end(until)
    found = _in_force(client, hold)
    _log(found, actor, Event.HOLD_RENEWED, until)
    _end(found, {"until": until, "hold_until": until})


def lift(client: ObjectId, actor: Actor, hold: ObjectId) -> None:
    """End a hold now; what was to be erased meanwhile goes. Raises AccessDenied, NoSuchHold."""
    _officer(actor)
    found = _in_force(client, hold)
    _log(found, actor, Event.HOLD_LIFTED)
    now = datetime.now(UTC)
    _end(found, {"until": now, "hold_until": now, "lifted_at": now})
    erasure.take_the_rest(client)


def standing(client: ObjectId) -> list[Hold]:
    """The client's holds in force, the first to end first; those they may not know of included."""
    return [
        Hold(
            id=one["_id"],
            covers=one["covers"],
            record=one.get("record"),
            since=one["recorded_at"],
            until=one["until"],
            told=one["told"],
            placed_by=one["placed_by"],
        )
        for one in LegalHold.raw().find(_running(client), {"sealed": 0}).sort("until", 1)
    ]


def reason(client: ObjectId, actor: Actor, hold: ObjectId) -> str:
    """Why this is held, for an officer; logged where the hold itself is.

    Raises AccessDenied, NoSuchHold, KeyDestroyed.
    """
    officer, found = _officer(actor), _in_force(client, hold)
    opened = Dossier.open(
        client,
        actor,
        Purpose.LEGAL,
        categories=["holds"],
        event=Event.HOLD_READ,
        details={"hold": str(hold)},
        chain=None if found["told"] else officer,
    )
    _, inside = opened.record(LegalHold, id=hold)
    return str(inside.reason)


def held_clients(clients: Iterable[ObjectId], now: datetime) -> set[ObjectId]:
    """Those of these clients of whom everything is held."""
    wholly = {"client": {"$in": list(clients)}, "until": {"$gt": now}, "record": None}
    return {one["client"] for one in LegalHold.raw().find(wholly, {"client": 1})}


def _refuse_while_erasing(client: ObjectId, session: ClientSession) -> None:
    """What an erasure takes is decided once it has begun.

    Both write the account, so that of a hold and an erasure at the same moment one is first.
    """
    open_account = {"_id": client, "status": ClientStatus.ACTIVE.value}
    touched = Client.raw().update_one(open_account, {"$inc": {"revision": 1}}, session=session)
    if not touched.matched_count and Client.raw().find_one({"_id": client}, session=session):
        raise HoldRefused(N_("An erasure of this data has begun: it is too late to hold it."))


def keep(client: ObjectId, hold_until: datetime | None, now: datetime) -> bool:
    """Whether a hold keeps a record of the client: one of its own, or one of everything.

    A record that came after a hold of everything does not bear its end.
    """
    own = hold_until is not None and hold_until > now
    return own or bool(held_clients([client], now))


def _officer(actor: Actor) -> ObjectId:
    if actor.kind != "staff" or actor.role != StaffRole.OFFICER or actor.id is None:
        raise AccessDenied("only a privacy officer places and lifts legal holds")
    return actor.id


def _check_end(until: datetime) -> None:
    now = datetime.now(UTC)
    if until <= now:
        raise HoldRefused(N_("The end of a hold lies in the future."))
    if until > now + LONGEST:
        raise HoldRefused(N_("A hold ends within three years; it can be renewed then."))


def _category_of(client: ObjectId, record: ObjectId) -> str:
    mine = {"_id": record, "client": client}
    for slug, category in CATEGORIES.items():
        if getattr(models, category.model).raw().find_one(mine, {"_id": 1}):
            return slug
    raise NoSuchRecord("record")


def _running(client: ObjectId) -> dict[str, Any]:
    return {"client": client, "until": {"$gt": datetime.now(UTC)}}


def _in_force(client: ObjectId, hold: ObjectId) -> dict[str, Any]:
    found: dict[str, Any] | None = LegalHold.raw().find_one({**_running(client), "_id": hold})
    if found is None:
        raise NoSuchHold
    return found


def _end(found: dict[str, Any], values: dict[str, Any]) -> None:
    """Give a hold another end, and what it covers the end of whatever still covers it."""
    client = found["client"]
    values = {**values, "erase_after": hold_ends(values["until"])}

    def change(session: ClientSession) -> None:
        only = {"_id": found["_id"], "revision": found["revision"]}
        ended = {"$set": values, "$inc": {"revision": 1}, **CHANGED}
        LegalHold.raw().update_one(only, ended, session=session)
        for category in CATEGORIES.values():
            collection = getattr(models, category.model).raw()
            own = "$until" if category.model == LegalHold.__name__ else "$$REMOVE"
            reset = [{"$set": {"hold_until": own}}]
            marked = {"client": client, "hold_until": {"$ne": None}}
            collection.update_many(marked, reset, session=session)
        for one in list(LegalHold.raw().find(_running(client), {"sealed": 0}, session=session)):
            _mark(client, one, session)

    _together(change)


def _mark(client: ObjectId, hold: dict[str, Any], session: ClientSession) -> None:
    """Write the end into the records it covers, where everything that erases looks."""
    only = {"_id": hold["record"]} if hold.get("record") else {}
    slugs = [hold["covers"].removeprefix("held.")] if only else list(CATEGORIES)
    until = {"$max": {"hold_until": hold["until"]}}
    for slug in slugs:
        collection = getattr(models, CATEGORIES[slug].model).raw()
        collection.update_many({"client": client, **only}, until, session=session)


def _log(hold: dict[str, Any], actor: Actor, event: Event, until: datetime | None = None) -> None:
    details = {"hold": str(hold["_id"])}
    if until is not None:
        details["until"] = until.isoformat(timespec="seconds")
    chain: ObjectId = hold["client"] if hold["told"] else _officer(actor)
    ledger.append(chain, event, actor, Purpose.LEGAL, categories=["holds"], details=details)


def _together(change: Callable[[ClientSession], None]) -> None:
    with connection.current().client.start_session() as session:
        session.with_transaction(change)
