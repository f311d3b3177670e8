"""One mail to many: resumable, without repeating, in bounded memory (promise P36).

A campaign walks through its clients in the order of their ids, in small batches, and remembers the
last. After a crash a part of a batch is done again, which writes nothing twice: each mail has the
campaign's event (see outbox.write). It waits while many mails wait to be sent, so that a mail which
somebody asked for a moment ago is never stuck behind thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail import outage, service
from alko.mail.kinds import MailKind
from alko.models.client import Client, ClientStatus
from alko.models.communication import Mail
from alko.models.housekeeping import Campaign
from alko.models.oversight import BreachNotice
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.rights import marketing
from alko.privacy.rights.marketing import MarketingRefused

BATCH = 100
MOST_WAITING = 500
"""So many mails may wait to be sent before a campaign writes more."""

EVERYBODY = "everybody"
READERS = "readers"
"""Clients who want marketing."""
OF_BREACH = "breach/"


def audience_of_breach(breach: ObjectId) -> str:
    """Those who have a notice of this breach."""
    return f"{OF_BREACH}{breach}"


@dataclass(frozen=True)
class Progress:
    """How far a campaign is. ``mails`` counts those written by their state."""

    event: str
    begun_at: datetime
    finished_at: datetime | None
    clients: int
    """To how many it goes."""
    written: int
    unreachable: int
    mails: dict[str, int]


@dataclass(frozen=True)
class Told:
    """Evidence: which client was written to, and what became of it."""

    client: ObjectId
    status: str
    written_at: datetime
    sent_at: datetime | None


def begin(
    event: str, kind: MailKind, link: str, begun_at: datetime, audience: str = EVERYBODY
) -> None:
    """Start a campaign; one that was started before goes on as it is."""
    fresh = {
        "kind": kind.value,
        "link": link,
        "audience": audience,
        "begun_at": begun_at,
        "cursor": None,
        "written": 0,
        "unreachable": 0,
        "finished_at": None,
    }
    _campaigns().update_one({"event": event}, {"$setOnInsert": fresh}, upsert=True)


def advance(stopping: Callable[[], bool] = lambda: False) -> int:
    """Write mails of the campaigns that are not finished; returns how many clients were reached.

    Ends when all are finished, when enough mails wait to be sent, or when ``stopping`` says so.
    """
    reached = 0
    for campaign in _campaigns().find({"finished_at": None}).sort("begun_at", 1):
        while not stopping() and _room():
            batch = _audience(campaign, BATCH)
            if not batch:
                now = datetime.now(UTC)
                _campaigns().update_one({"_id": campaign["_id"]}, {"$set": {"finished_at": now}})
                break
            told = sum(_tell(client, campaign) for client in batch)
            _note(campaign, batch, told)
            reached += told
    return reached


def _tell(client: ObjectId, campaign: dict[str, Any]) -> bool:
    link = {"link": campaign["link"]}
    try:
        return service.notify(client, MailKind(campaign["kind"]), link, campaign["event"])
    except (KeyDestroyed, NoSuchRecord, MarketingRefused):
        return False


def _note(campaign: dict[str, Any], batch: list[ObjectId], told: int) -> None:
    """Remember the batch, unless another process did so before."""
    mine = {"_id": campaign["_id"], "cursor": campaign["cursor"]}
    counts = {"written": told, "unreachable": len(batch) - told}
    _campaigns().update_one(mine, {"$set": {"cursor": batch[-1]}, "$inc": counts})
    campaign["cursor"] = batch[-1]


def _room() -> bool:
    """A mail that its own recipient's server put off does not hold up the others."""
    waiting = outage.due(datetime.now(UTC))
    return int(Mail.raw().count_documents(waiting, limit=MOST_WAITING)) < MOST_WAITING


def _audience(campaign: dict[str, Any], limit: int) -> list[ObjectId]:
    """The next clients after the cursor, in the order of their numbers."""
    if campaign["audience"] == READERS:
        return marketing.readers(campaign["cursor"], limit)
    source, query, name = _where(campaign)
    if campaign["cursor"]:
        query[name] = {"$gt": campaign["cursor"]}
    found = source.find(query, {name: 1}).sort(name, 1).limit(limit)
    if name == "_id":
        # Any other index would have the whole audience sorted for each batch.
        found = found.hint("_id_")
    return [one[name] for one in found]


def _where(campaign: dict[str, Any]) -> tuple[Any, dict[str, Any], str]:
    """Where the clients of a campaign are found: collection, query, and the field that names them.

    Everybody are all who had an account then; who came later saw the new text first.
    """
    audience: str = campaign["audience"]
    if audience == EVERYBODY:
        there = {
            "status": ClientStatus.ACTIVE.value,
            "recorded_at": {"$lt": campaign["begun_at"]},
        }
        return Client.raw(), there, "_id"
    breach = ObjectId(audience.removeprefix(OF_BREACH))
    return BreachNotice.raw(), {"breach": breach}, "client"


def progress(event: str) -> Progress | None:
    """How far the campaign is; None where there is none."""
    found = _campaigns().find_one({"event": event})
    if found is None:
        return None
    by_state = [{"$match": {"event": event}}, {"$group": {"_id": "$status", "count": {"$sum": 1}}}]
    return Progress(
        event,
        found["begun_at"],
        found["finished_at"],
        _size(found),
        found["written"],
        found["unreachable"],
        {group["_id"]: group["count"] for group in Mail.raw().aggregate(by_state)},
    )


def _size(campaign: dict[str, Any]) -> int:
    if campaign["audience"] == READERS:
        return marketing.count_readers()
    source, query, _ = _where(campaign)
    return int(source.count_documents(query))


def evidence(event: str, skip: int, limit: int) -> list[Told]:
    """Who was written to, in the order of their numbers; the mails are kept for 24 months."""
    fields = {"client": 1, "status": 1, "recorded_at": 1, "sent_at": 1}
    found = Mail.raw().find({"event": event}, fields).sort("client", 1).skip(skip).limit(limit)
    return [
        Told(one["client"], one["status"], one["recorded_at"], one.get("sent_at")) for one in found
    ]


def _campaigns() -> Any:
    return Campaign._get_collection()
