"""Inactive accounts: three warnings, then erasure (promise P20).

Inactive is an account with no sign-in and no open order for 24 months. Nothing is erased earlier
than seven days after the last warning was written, however long no worker ran.
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

Warn = Callable[[ObjectId, str], None]
"""Writes one mail to a client; the text names the warning, so that a repeat writes no second."""


def look_after(now: datetime, warn: Warn) -> tuple[int, int]:
    """Warn and schedule what is due; returns how many were warned and how many scheduled.

    A crash between a warning and its note repeats the step, and not the mail. ClockDisagrees.
    """
    clock.check(now)
    warned = scheduled = 0
    for account in Client.raw().find(
        _inactive(now), {"last_active_at": 1, "warned": 1, "warned_at": 1}
    ):
        if Order.raw().find_one({"client": account["_id"], "closed_at": None}, {"_id": 1}):
            continue
        stage = next_warning(account, now)
        if stage is not None:
            warn(account["_id"], f"inactivity/{account['last_active_at']:%Y-%m-%d}/{stage}")
            _note(account["_id"], stage, now)
            warned += 1
        elif is_over(account, now) and _warnings_went_out(account["_id"], now):
            scheduled += _schedule(account["_id"])
    return warned, scheduled


def ends(account: dict[str, Any]) -> datetime:
    """When an account ends if nobody signs in."""
    return add_months(account["last_active_at"], INACTIVITY_MONTHS)


def next_warning(account: dict[str, Any], now: datetime) -> int | None:
    """The warning that is due, in days before the end; None where none is, or one was today."""
    given = account.get("warned") or []
    if given and now - account["warned_at"] < timedelta(days=1):
        return None
    missing = [days for days in WARNINGS if days not in given]
    if not missing or ends(account) - now > timedelta(days=missing[0]):
        return None
    return missing[0]


def is_over(account: dict[str, Any], now: datetime) -> bool:
    """Whether the end has come, all warnings were given, and the last one seven days ago."""
    given = account.get("warned") or []
    all_given = set(WARNINGS) <= set(given)
    return (
        ends(account) <= now
        and all_given
        and now - account["warned_at"] >= timedelta(days=WARNINGS[-1])
    )


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
        "status": ClientStatus.ACTIVE.value,
        "last_active_at": {"$lte": limit + timedelta(days=1)},
        "restricted_at": None,
    }


def _note(client: ObjectId, stage: int, now: datetime) -> None:
    Client.raw().update_one(
        {"_id": client}, {"$addToSet": {"warned": stage}, "$set": {"warned_at": now}}
    )


def _schedule(client: ObjectId) -> int:
    try:
        erasure.schedule(client, Actor.job(Job.RETENTION), at_once=True)
    except erasure.NothingToErase:
        return 0
    return 1
