"""While the mail server cannot be reached the outbox waits: no mail is opened, no attempt counted.

Only a mail that waited for days in vain is given up, so that nothing is tried for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alko.database.records import CHANGED
from alko.models.communication import Mail, MailStatus
from alko.models.housekeeping import Outage

PAUSE = timedelta(minutes=2)
"""The worker asks a server that is away no more often than this."""

PATIENCE = timedelta(days=5)
"""A mail of this age is given up, if the server has been away for as long."""

SERVER = "mail server"


@dataclass(frozen=True)
class Away:
    """Since when the mail server cannot be reached, and when it is asked again."""

    since: datetime
    ask_at: datetime


def current() -> Away | None:
    """The outage under way; None where the server answered when it was last needed."""
    found = _outages().find_one({"what": SERVER})
    return Away(found["since"], found["ask_at"]) if found else None


def note(now: datetime) -> None:
    """The server could not be reached: it is given a pause."""
    _outages().update_one(
        {"what": SERVER},
        {"$set": {"ask_at": now + PAUSE}, "$setOnInsert": {"since": now}},
        upsert=True,
    )


def over() -> None:
    """The server answers."""
    _outages().delete_one({"what": SERVER})


def due(now: datetime) -> dict[str, Any]:
    """Which mails wait to be sent now."""
    return {"status": MailStatus.QUEUED.value, "next_attempt_at": {"$lte": now}}


def give_up_old(now: datetime) -> int:
    """Give up what waited too long for a server that is away; returns how many."""
    away = current()
    if away is None or away.since > now - PATIENCE:
        return 0
    old = {**due(now), "recorded_at": {"$lte": now - PATIENCE}}
    dead = {"status": MailStatus.DEAD.value, "next_attempt_at": None}
    update = {"$set": dead, "$inc": {"revision": 1}, **CHANGED}
    return int(Mail.raw().update_many(old, update).modified_count)


def _outages() -> Any:
    return Outage._get_collection()
