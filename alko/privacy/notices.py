"""Which policy version was shown to a client, and when they read it: never a consent (P2, P36).

Whether a newer version waits to be read is repeated in each open sign-in (like the choice about
usage analysis), so that the notice on every page costs no look-up and ends on all devices at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.models.client import Client
from alko.models.consent import Notice
from alko.models.housekeeping import PolicyVersion
from alko.privacy import ledger, sign_ins
from alko.privacy.access import Actor
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose


def current_version() -> str | None:
    """The name of the newest published version."""
    newest = _newest()
    return newest.version if newest else None


def _newest() -> PolicyVersion | None:
    found: PolicyVersion | None = PolicyVersion.objects.only("version").order_by("-version").first()
    return found


def shown(client: ObjectId, actor: Actor, version: str) -> bool:
    """Record once that a version was shown; False where that is known. Returns if it was new."""
    if Notice.raw().find_one({"client": client, "version": version}, {"_id": 1}):
        return False
    _log(client, actor, Event.NOTICE_SHOWN, version)
    try:
        Notice(client=client, version=version).save(force_insert=True)
    except DuplicateKeyError:
        return False
    return True


def read(client: ObjectId, actor: Actor, version: str) -> None:
    """Record that the client says they read a version; a second time changes nothing."""
    shown(client, actor, version)
    unread = {"client": client, "version": version, "read_at": None}
    if Notice.raw().find_one(unread, {"_id": 1}):
        _log(client, actor, Event.NOTICE_READ, version)
        Notice.raw().update_one(unread, {"$set": {"read_at": datetime.now(UTC)}})
    if version == current_version():
        sign_ins.set_policy_unread(client, False)


def was_read(client: ObjectId, version: str) -> bool:
    found = Notice.raw().find_one({"client": client, "version": version}, {"read_at": 1})
    return bool(found and found.get("read_at"))
