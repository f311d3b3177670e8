"""Which policy version was shown to a client, and when they read it: never a consent (P2, P36).

Whether a newer version waits to be read is repeated in each open sign-in (like the choice about
usage analysis), so that the notice on every page costs no look-up and ends on all devices at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database.records import CHANGED
from alko.models.consent import Notice
from alko.models.housekeeping import PolicyVersion
from alko.models.technical import SignIn, SignInState
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose


def shown(client: ObjectId, actor: Actor, version: str) -> bool:
    """Record that a version was shown, once; returns whether that was new."""
    if Notice.raw().find_one({"client": client, "version": version}, {"_id": 1}):
        return False
    _log(client, actor, Event.NOTICE_SHOWN, version)
    try:
        Notice(client=client, version=version).save(force_insert=True)
    except NotUniqueError:
        return False
    return True


def read(client: ObjectId, actor: Actor, version: str) -> None:
    """Record that the client says they read a version; a second time changes nothing."""
    shown(client, actor, version)
    unread = {"client": client, "version": version, "read_at": None}
    if Notice.raw().find_one(unread, {"_id": 1}):
        _log(client, actor, Event.NOTICE_READ, version)
        Notice.raw().update_one(unread, {"$set": {"read_at": datetime.now(UTC)}})
    newest = _newest()
    if newest and version >= newest.version:
        _repeat(False, client=client)


def was_read(client: ObjectId, version: str) -> bool:
    found = Notice.raw().find_one({"client": client, "version": version}, {"read_at": 1})
    return bool(found and found.get("read_at"))


def is_due(client: ObjectId, opened_at: datetime) -> bool:
    """Whether a significant version that is newer than the account (opened then) waits to be read.

    Having read a later one counts as well.
    """
    newest = _newest()
    if newest is None or newest.id.generation_time <= opened_at:
        return False
    read = {"client": client, "version": {"$gte": newest.version}, "read_at": {"$ne": None}}
    return Notice.raw().find_one(read, {"_id": 1}) is None


def announce() -> None:
    """A new version was published: everybody who is signed in has something to read."""
    _repeat(True)


def _newest() -> PolicyVersion | None:
    """The newest version of which everybody is told."""
    significant = PolicyVersion.objects(significant__ne=False)
    found: PolicyVersion | None = significant.only("version").order_by("-version").first()
    return found


def _repeat(unread: bool, **whose: ObjectId) -> None:
    query = {"state": SignInState.OPEN.value, **whose}
    SignIn.raw().update_many(query, {"$set": {"policy_unread": unread}, **CHANGED})


def _log(client: ObjectId, actor: Actor, event: Event, version: str) -> None:
    details = {"version": version}
    ledger.append(client, event, actor, Purpose.LEGAL, categories=["notices"], details=details)
