"""Restriction: on one of four grounds data is only stored, until that is settled (P31; Art. 18).

It takes effect at once: the one door looks at the flag on the account (see access.py). It is lifted
in two steps, so that the client is told before it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.client import Client
from alko.models.request import DataRequest, RequestState
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.identity import activity, sign_ins
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.privacy.sharing import telling
from alko.privacy.sharing.telling import About
from alko.privacy.vocabulary import Purpose
from alko.words import N_

NOTICE = timedelta(days=7)
"""How long before its end the client is told."""

GROUNDS: dict[str, str] = {
    "accuracy": N_("Something you hold about me is inaccurate; do not use it until it is checked."),
    "unlawful": N_("Its use is unlawful, but I do not want it erased."),
    "claims": N_("You no longer need it, but I do: for a legal claim."),
    "objected": N_("I objected, and it is being examined whose interest weighs more."),
}


@dataclass(frozen=True)
class Standing:
    """A restriction in force."""

    since: datetime
    ground: str
    ends: datetime | None
    """When it ends, once that was announced."""


def standing(client: ObjectId) -> Standing | None:
    """The client's restriction, if one is in force."""
    fields = {"restricted_at": 1, "restriction_ground": 1, "restriction_ends": 1}
    found = Client.raw().find_one({"_id": client, "restricted_at": {"$ne": None}}, fields)
    if found is None:
        return None
    return Standing(
        found["restricted_at"], found["restriction_ground"], found.get("restriction_ends")
    )


def restrict(client: ObjectId, actor: Actor, ground: str, words: str) -> DataRequest:
    """Restrict the use of everything held about the client, at once; returns the request."""
    put_in_force(client, actor, ground)
    return requests.file(
        client,
        actor,
        Right.RESTRICTION,
        words,
        ground=ground,
        state=RequestState.IN_PROGRESS,
    )


def put_in_force(client: ObjectId, actor: Actor, ground: str) -> None:
    """Restrict, on a request that is there already; ValueError for what is no ground."""
    if ground not in GROUNDS:
        raise ValueError(f"no such ground: {ground}")
    _log(client, actor, Event.RESTRICTED, {"ground": ground})
    now = datetime.now(UTC)
    telling.prepare(client, About.RESTRICTED, f"restricted/{now.isoformat()}/{client}")
    _set(client, {"restricted_at": now, "restriction_ground": ground, "restriction_ends": None})
    sign_ins.set_analytics(client, False)


def announce_end(client: ObjectId, actor: Actor) -> datetime | None:
    """Tell the client by mail when it ends; returns that moment, None where nothing is in force."""
    found = standing(client)
    if found is None:
        return None
    if found.ends is None:
        now = datetime.now(UTC)
        ends = now.replace(microsecond=0) + NOTICE
        _log(client, actor, Event.RESTRICTION_ANNOUNCED)
        event = f"restriction/{found.since.isoformat()}"
        notify(client, MailKind.RESTRICTION_ENDS, {"link": "/rights/restriction"}, event)
        _set(client, {"restriction_ends": ends})
        return ends
    return found.ends


def lift(client: ObjectId, actor: Actor) -> bool:
    """The client takes it back, at once; False where nothing is in force."""
    return _lift({"_id": client}, client, actor)


def lift_due(now: datetime) -> int:
    """Lift what was announced and has reached its end; returns how many."""
    ended = {"restriction_ends": {"$lte": now, "$type": "date"}}
    found = [one["_id"] for one in Client.raw().find(ended, {"_id": 1})]
    return sum(_lift({"_id": one, **ended}, one, Actor.job(Job.RETENTION)) for one in found)


def _lift(query: dict[str, Any], client: ObjectId, actor: Actor) -> bool:
    query = {**query, "restricted_at": {"$ne": None}}
    found = Client.raw().find_one(query, {"restricted_at": 1})
    if found is None:
        return False
    _log(client, actor, Event.RESTRICTION_LIFTED)
    gone = dict.fromkeys(("restricted_at", "restriction_ground", "restriction_ends"), None)
    telling.prepare(client, About.LIFTED, f"lifted/{found['restricted_at'].isoformat()}/{client}")
    activity.note(client, datetime.now(UTC))
    Client.raw().update_one(query, {"$set": gone, "$inc": {"revision": 1}})
    return True


def _set(client: ObjectId, values: dict[str, Any]) -> None:
    Client.raw().update_one({"_id": client}, {"$set": values, "$inc": {"revision": 1}})


def _log(
    client: ObjectId, actor: Actor, event: Event, details: dict[str, str] | None = None
) -> None:
    ledger.append(client, event, actor, Purpose.LEGAL, categories=["account"], details=details)
