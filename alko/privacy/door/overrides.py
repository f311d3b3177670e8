"""Overrides: an officer opens a dossier without an assigned case, and the client is told (P16).

The typed reason is written into the client's ledger before anything is opened, a mail tells the
client of it, and every read under the override names it.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.client import Client, ClientStatus
from alko.models.staff import Override, StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.vocabulary import Purpose

LASTS = timedelta(minutes=30)
MINIMUM_REASON = 10
"""Characters of the typed reason; shorter ones explain nothing."""


class ReasonMissing(ValueError):
    """An override needs a reason in words."""


class NoSuchClient(LookupError):
    """There is no such account, or it is being erased."""


def begin(client: ObjectId, actor: Actor, reason: str) -> str:
    """Begin an override; returns its reference, on which the officer then acts.

    Raises ReasonMissing, AccessDenied (not an officer), NoSuchClient or LedgerUnavailable.
    """
    if actor.kind != "staff" or actor.role != StaffRole.OFFICER or actor.id is None:
        raise AccessDenied("this role has no overrides")
    if len(" ".join(reason.split())) < MINIMUM_REASON:
        raise ReasonMissing
    active = {"_id": client, "status": ClientStatus.ACTIVE.value}
    if Client.raw().find_one(active, {"_id": 1}) is None:
        raise NoSuchClient
    now = datetime.now(UTC)
    reference = f"O-{now.year}-{secrets.token_hex(4).upper()}"
    ledger.append(
        client,
        Event.OVERRIDE,
        actor,
        Purpose.LEGAL,
        details={"reference": reference},
        reason=reason.strip(),
    )
    with suppress(NoSuchRecord, KeyDestroyed):
        notify(client, MailKind.OVERRIDE_BEGUN, {"link": "/my-data/activity"})
    Override(
        client=client,
        staff=actor.id,
        recorded_at=now,
        erase_after=now + LASTS,
        until=now + LASTS,
        reference=reference,
    ).save()
    return reference


def end(client: ObjectId, actor: Actor, reference: str) -> bool:
    """End one's own override before its time; False where none is in force."""
    now = datetime.now(UTC)
    mine = {"reference": reference, "client": client, "staff": actor.id, "until": {"$gt": now}}
    if Override.raw().find_one(mine, {"_id": 1}) is None:
        return False
    told = {"reference": reference}
    ledger.append(client, Event.OVERRIDE_ENDED, actor, Purpose.LEGAL, details=told)
    Override.raw().update_one(mine, {"$set": {"until": now, "erase_after": now}})
    return True


def standing(client: ObjectId, member: ObjectId) -> Override | None:
    """The member's newest override of this client that is still in force."""
    found: Override | None = (
        Override.objects(client=client, staff=member, until__gt=datetime.now(UTC))
        .order_by("-until")
        .first()
    )
    return found
