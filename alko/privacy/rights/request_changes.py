"""How a request changes: opened by the one door, one allowed step, noted in timeline and ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.database.records import ConcurrentChange
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.document import PaperRecord
from alko.models.request import (
    FINISHED,
    TRANSITIONS,
    DataRequest,
    RequestDetails,
    RequestEvent,
    RequestState,
)
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import Purpose

ATTEMPTS = 5

Step = Callable[[DataRequest, RequestDetails, datetime], RequestDetails]
"""Changes the request and returns its new details, sealed in it."""


class StepRefused(ValueError):
    """The request is in a state from which this step does not lead on."""


class Outdated(Exception):
    """Something happened to the request since the one who acts looked at it."""


def stepped(
    client: ObjectId,
    actor: Actor,
    reference: str,
    state: RequestState,
    step: Step,
    seen: int | None = None,
) -> DataRequest:
    """A step to another state, of which the client is told where staff take it."""
    told = {"state": state.value}
    request = changed(client, actor, reference, Event.REQUEST_MOVED, told, step, seen)
    if actor.kind == "staff":
        tell(request)
    return request


def changed(
    client: ObjectId,
    actor: Actor,
    reference: str,
    event: Event,
    told: dict[str, Any],
    change: Step,
    seen: int | None = None,
) -> DataRequest:
    """Change a request; with ``seen``, its revision on the page, only if it is still the same.

    Raises StepRefused, Outdated, NoSuchRecord, AccessDenied, ConcurrentChange.
    """
    dossier = opened(client, actor, event, {"reference": reference, **told})
    for attempt in range(ATTEMPTS):
        request: DataRequest
        request, details = dossier.record(DataRequest, reference=reference)
        if seen is not None and request.revision != seen:
            raise Outdated
        change(request, details, datetime.now(UTC))
        if actor.kind == "staff":
            request.untold = True
        try:
            date_evidence(request)
            return request.save()
        except ConcurrentChange:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def date_evidence(request: DataRequest) -> None:
    """Papers that came with a request go 30 days after its end, as far as that is known (P22)."""
    ends = retention.documents_end(request.finished_at or request.due_at)
    PaperRecord.raw().update_many(
        {"client": request.client, "request": request.pk}, {"$set": {"erase_after": ends}}
    )


def moved(
    request: DataRequest,
    details: RequestDetails,
    state: RequestState,
    now: datetime,
    note: str = "",
) -> RequestDetails:
    """Take one step and seal it with its line of the timeline; StepRefused."""
    if state not in TRANSITIONS[RequestState(request.state)]:
        raise StepRefused(f"from {request.state} no step leads to {state.value}")
    if state is RequestState.IN_PROGRESS:
        state = working(request)
    request.state = state.value
    if state in FINISHED:
        request.finished_at = now
        request.erase_after = retention.request_ends(now)
    event = RequestEvent(on=day(now), state=state.value, note=note)
    return resealed(request, dataclasses.replace(details, events=[*details.events, event]))


def working(request: DataRequest) -> RequestState:
    """What a request is while it is worked on: extended once it was extended."""
    return RequestState.EXTENDED if request.extended_at else RequestState.IN_PROGRESS


def resealed(request: DataRequest, details: RequestDetails) -> RequestDetails:
    request.seal(details)
    return details


def tell(request: DataRequest) -> None:
    """It was filed, or there is news: one mail with a link to its page, also after a crash."""
    kind = MailKind.REQUEST_NEWS if request.revision else MailKind.REQUEST_RECEIVED
    link = {"link": f"/rights/requests/{request.reference}"}
    event = f"request/{request.pk}/{request.revision}"
    with suppress(NoSuchRecord, KeyDestroyed):
        notify(request.client, kind, link, event)
    told = {"_id": request.pk, "revision": request.revision}
    DataRequest.raw().update_one(told, {"$unset": {"untold": 1}})


def tell_all() -> int:
    """Mail what a crash left untold; returns how many requests there were."""
    found = list(DataRequest.objects(untold=True).exclude("sealed"))
    for request in found:
        tell(request)
    return len(found)


def opened(
    client: ObjectId,
    actor: Actor,
    event: Event = Event.CATEGORY_SHOWN,
    details: dict[str, Any] | None = None,
) -> Dossier:
    """The dossier, opened for its requests."""
    return Dossier.open(
        client,
        actor,
        Purpose.LEGAL,
        categories=["requests"],
        event=event,
        details=details,
    )


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
