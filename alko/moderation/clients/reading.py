"""What there is about a client without opening anything: work items, standing; ids and dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

import alko.models as models
from alko.models.client import Client, ClientStatus
from alko.moderation.handing import whose
from alko.moderation.work.reading import SHOWN_AT_MOST, STILL_OPEN
from alko.privacy.door import grounds


@dataclass(frozen=True)
class Item:
    """An open work item of the client."""

    kind: str
    """Its beginning in alko/privacy/door/grounds.py: R, C, AC, paper."""
    reference: str
    holder: str
    """``me``, ``other`` or ``nobody``."""
    since: datetime

    @property
    def case(self) -> str:
        """How an actor names it as their ground."""
        plain = grounds.WORK[self.kind].field != "_id"
        return self.reference if plain else f"{self.kind}/{self.reference}"


def is_client(number: ObjectId) -> bool:
    """Whether there is an account of this number that is not being erased."""
    active = {"_id": number, "status": ClientStatus.ACTIVE.value}
    return Client.raw().find_one(active, {"_id": 1}) is not None


def open_work(client: ObjectId, member: ObjectId) -> list[Item]:
    """The client's open work items, oldest first; one query for each kind of work."""
    found = [item for kind in grounds.WORK for item in _of_kind(kind, client, member)]
    return sorted(found, key=lambda item: item.since)


def _of_kind(kind: str, client: ObjectId, member: ObjectId) -> Iterator[Item]:
    work = grounds.WORK[kind]
    fields = {work.field: 1, "recorded_at": 1, "assigned_to": 1}
    wanted = {"client": client, **STILL_OPEN[kind]}
    for one in getattr(models, work.model).raw().find(wanted, fields).limit(SHOWN_AT_MOST):
        holder = one.get("assigned_to")
        who = whose(holder, member)
        yield Item(kind, str(one[work.field]), who, one["recorded_at"])
