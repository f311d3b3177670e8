"""Inactive accounts: three warnings, then erasure (promise P20).

Inactive is an account with no sign-in and no open order for 24 months; from when they count is in
privacy/identity/activity.py. However long no worker ran, a warning moves the end to no earlier than
it says: between the three lie at least 30 and 23 days, and seven follow the last.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.models.client import Client, ClientStatus
from alko.models.communication import Mail, MailStatus
from alko.models.transaction import Order
from alko.privacy.door.access import Actor, Job
from alko.privacy.lifecycle import clock, erasure
from alko.privacy.lifecycle.retention import INACTIVITY_MONTHS, add_months

WARNINGS = (60, 30, 7)
"""Days before the end at which the client is warned."""

FIELDS = dict.fromkeys(("status", "last_active_at", "warned", "warned_at"), 1)
Warn = Callable[[ObjectId, str], None]
"""Writes one mail to a client; the text names the warning, so that a repeat writes no second."""


def look_after(now: datetime, warn: Warn) -> tuple[int, int]:
    """Warn and schedule what is due; returns how many were warned and how many scheduled.

    A crash between a warning and its note repeats the step, and not the mail. An account that is
    over is claimed first: who signed in before that keeps it, and nobody signs in after. One that a
    crash left claimed is scheduled the next time. ClockDisagrees.
    """
    clock.check(now)
    warned = scheduled = 0
    for account in Client.raw().find(_inactive(now), FIELDS):
        client = account["_id"]
        if account["status"] == ClientStatus.ERASING:
            scheduled += _schedule(client)
            continue
        stage = next_warning(account, now)
        if (stage is None and not is_over(account, now)) or not _still_unused(account):
            continue
        if stage is not None:
            warn(client, f"inactivity/{account['last_active_at']:%Y-%m-%d}/{stage}")
            warned += _note(account, stage, now)
        elif _warnings_went_out(client, now) and _claim(account):
            scheduled += _schedule(client)
    return warned, scheduled


def ends(account: dict[str, Any]) -> datetime:
    """When an account ends if nobody signs in; no earlier than its last warning said."""
    end = add_months(account["last_active_at"], INACTIVITY_MONTHS)
    if given := account.get("warned"):
        end = max(end, account["warned_at"] + timedelta(days=min(given)))
    return end


def next_warning(account: dict[str, Any], now: datetime) -> int | None:
    """The warning that is due, in days before the end; None where none is."""
    missing = [days for days in WARNINGS if days not in (account.get("warned") or [])]
    if not missing or ends(account) - now > timedelta(days=missing[0]):
        return None
    return missing[0]


def is_over(account: dict[str, Any], now: datetime) -> bool:
    """Whether the end has come, and all warnings were given."""
    return set(WARNINGS) <= set(account.get("warned") or []) and ends(account) <= now


def _warnings_went_out(client: ObjectId, now: datetime) -> bool:
    """Whether no warning waits to be sent, and the last that was sent is seven days old.

    One that was given up after all attempts counts as given: an address that takes no mail must not
    keep an account for ever (P19).
    """
    mine = {"client": client, "kind": "inactivity_warning"}
    newest = Mail.raw().find_one(mine, {"status": 1, "sent_at": 1}, sort=[("recorded_at", -1)])
    if newest is None:
        return True
    sent_at = newest.get("sent_at")
    late = sent_at is not None and now - sent_at < timedelta(days=WARNINGS[-1])
    return newest["status"] != MailStatus.QUEUED.value and not late


def _inactive(now: datetime) -> dict[str, Any]:
    limit = add_months(now + timedelta(days=WARNINGS[0]), -INACTIVITY_MONTHS)
    # A day more, for months of unequal length; ends() decides.
    return {
        "status": {"$in": [ClientStatus.ACTIVE.value, ClientStatus.ERASING.value]},
        "last_active_at": {"$lte": limit + timedelta(days=1)},
        "restricted_at": None,
    }


def _as_read(account: dict[str, Any]) -> dict[str, Any]:
    """The account, if nobody signed in and nothing else made it used since it was read."""
    return {
        "_id": account["_id"],
        "status": ClientStatus.ACTIVE.value,
        "last_active_at": account["last_active_at"],
        "restricted_at": None,
    }


def _still_unused(account: dict[str, Any]) -> bool:
    """Whether the account is as it was read, has no open order and no erasure of its own."""
    client = account["_id"]
    opened = {"client": client, "closed_at": None}
    return (
        Client.raw().find_one(_as_read(account), {"_id": 1}) is not None
        and Order.raw().find_one(opened, {"_id": 1}) is None
        and erasure.pending(client) is None
    )


def _note(account: dict[str, Any], stage: int, now: datetime) -> int:
    given = {"$addToSet": {"warned": stage}, "$set": {"warned_at": now}}
    return int(Client.raw().update_one(_as_read(account), given).matched_count)


def _claim(account: dict[str, Any]) -> bool:
    erasing = {"$set": {"status": ClientStatus.ERASING.value}, "$inc": {"revision": 1}}
    return bool(Client.raw().update_one(_as_read(account), erasing).modified_count)


def _schedule(client: ObjectId) -> int:
    try:
        erasure.schedule(client, Actor.job(Job.RETENTION), at_once=True)
    except erasure.NothingToErase:
        return 0
    return 1
