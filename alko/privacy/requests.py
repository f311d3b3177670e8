"""Requests under the six rights: filing, steps, messages, answers (promise P34; GDPR Art. 12).

Every change goes through one function that opens the request by the one door, checks that the step
is allowed, notes it in the timeline and writes the ledger. Staff act on a request assigned to them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database.records import ConcurrentChange
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.communication import Direction
from alko.models.document import PaperRecord
from alko.models.request import (
    FINISHED,
    TRANSITIONS,
    Change,
    DataRequest,
    RequestDetails,
    RequestEvent,
    RequestMessage,
    RequestState,
)
from alko.privacy import deadlines, ledger, references, retention
from alko.privacy.access import Actor
from alko.privacy.deadlines import Deadline
from alko.privacy.dossier import Dossier
from alko.privacy.events import Event
from alko.privacy.rights import Right
from alko.privacy.vocabulary import Purpose

ATTEMPTS = 5
LONGEST_TEXT = 4_000
"""Characters of what a client writes: with a request, or as a message."""
MOST_MESSAGES = 200


class StepRefused(ValueError):
    """The request is in a state from which this step does not lead on."""


def file(
    client: ObjectId,
    actor: Actor,
    right: Right,
    words: str = "",
    *,
    ground: str | None = None,
    changes: Iterable[Change] = (),
    state: RequestState = RequestState.RECEIVED,
    channel: str = "portal",
    number: ObjectId | None = None,
    now: datetime | None = None,
) -> DataRequest:
    """File a request; an earlier open one about the same right is linked, never in the way.

    ``state`` is what it is at once: an erasure that was scheduled is in progress already. ``now``
    is its receipt, from which the due date is counted. With a ``number`` (its id) that exists
    already NotUniqueError is raised: whoever tries again after a crash looks for it first.
    """
    now = now or datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it is stored
    details = RequestDetails(
        words=words,
        ground=ground,
        events=[RequestEvent(on=_day(now), state=RequestState.RECEIVED.value)],
        changes=list(changes),
    )
    for _ in range(ATTEMPTS):
        request = _drafted(client, right, details, now, channel, number)
        if state is not RequestState.RECEIVED:
            _move(request, details, state, now)
        told = {"reference": request.reference, "right": right.value}
        ledger.append(
            client, Event.REQUEST_FILED, actor, Purpose.LEGAL, categories=["requests"], details=told
        )
        try:
            return request.save()
        except NotUniqueError:
            if number and DataRequest.raw().find_one({"_id": number}, {"_id": 1}):
                raise
    raise RuntimeError("no free reference was found")


def _drafted(
    client: ObjectId,
    right: Right,
    details: RequestDetails,
    now: datetime,
    channel: str,
    number: ObjectId | None,
) -> DataRequest:
    earlier = DataRequest.raw().find_one(
        {"client": client, "right": right.value, "finished_at": None},
        {"_id": 1},
        sort=[("recorded_at", -1)],
    )
    return DataRequest.sealing(
        details,
        id=number or ObjectId(),
        client=client,
        recorded_at=now,
        reference=references.new("R", now),
        right=right.value,
        state=RequestState.RECEIVED.value,
        channel=channel,
        due_at=deadlines.deadline(now).due_at,
        earlier=earlier["_id"] if earlier else None,
    )


def read(client: ObjectId, actor: Actor, reference: str) -> tuple[DataRequest, RequestDetails]:
    """A request of this client with what is sealed in it; NoSuchRecord where there is none."""
    return _open(client, actor).record(DataRequest, reference=reference)


def reveal(client: ObjectId, actor: Actor, reference: str, field: str) -> None:
    """Note that the masked values of a correction are shown now; NoSuchRecord."""
    request, _ = read(client, actor, reference)
    details = {"field": field, "record": str(request.pk)}
    ledger.append(
        client,
        Event.VALUE_REVEALED,
        actor,
        Purpose.LEGAL,
        categories=["requests"],
        details=details,
    )


def deadline_of(request: DataRequest) -> Deadline:
    """The due date with the two dates it was chosen from."""
    first = deadlines.deadline(request.recorded_at)
    if request.extended_at is None:
        return first
    return dataclasses.replace(first, extended_to=request.due_at)


def reference_of(client: ObjectId, request: ObjectId | None) -> str | None:
    """The reference of another request of the same client."""
    found = request and DataRequest.raw().find_one(
        {"_id": request, "client": client}, {"reference": 1}
    )
    return str(found["reference"]) if found else None


def open_references(client: ObjectId, right: Right) -> list[str]:
    """The references of the client's open requests about a right."""
    found = DataRequest.raw().find(
        {"client": client, "right": right.value, "finished_at": None}, {"reference": 1}
    )
    return [str(one["reference"]) for one in found]


def identified(request: DataRequest, details: RequestDetails) -> RequestDetails:
    """The request of somebody who is identified now; sealed anew, to be saved by the caller."""
    return _move(request, details, RequestState.IN_PROGRESS, datetime.now(UTC))


def withdraw(client: ObjectId, actor: Actor, reference: str) -> DataRequest:
    """The client takes a request back; StepRefused once it is finished."""
    return move(client, actor, reference, RequestState.WITHDRAWN)


def write(client: ObjectId, actor: Actor, reference: str, body: str) -> DataRequest:
    """Add a message; StepRefused once the request is finished.

    The client's message answers a question that was asked; a message to the client is mailed as a
    link.
    """
    by_client = actor.kind == "client"

    def add(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        if request.finished or len(details.messages) >= MOST_MESSAGES:
            raise StepRefused("no more messages can be added")
        direction = Direction.FROM_CLIENT if by_client else Direction.TO_CLIENT
        message = RequestMessage(on=_day(now), direction=direction.value, body=body)
        details = dataclasses.replace(details, messages=[*details.messages, message])
        if by_client and request.state == RequestState.WAITING:
            return _move(request, details, _working(request), now)
        return _resealed(request, details)

    request = _changed(client, actor, reference, Event.REQUEST_MESSAGE, {}, add)
    if not by_client:
        _tell(request)
    return request


def move(
    client: ObjectId,
    actor: Actor,
    reference: str,
    state: RequestState,
    note: str = "",
) -> DataRequest:
    """One step without further conditions: taken up, asked back, done, withdrawn."""
    if state in (RequestState.EXTENDED, RequestState.REFUSED) or (
        state is RequestState.WAITING and not note.strip()
    ):
        raise StepRefused("this step needs a reason that is told to the client")

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        return _move(request, details, state, now, note)

    return _stepped(client, actor, reference, state, step)


def refuse(client: ObjectId, actor: Actor, reference: str, reason: str) -> DataRequest:
    """Refuse with a reason; the page names the authority and the courts (GDPR Art. 12(4))."""
    if not reason.strip():
        raise StepRefused("a refusal needs a reason")

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        details = dataclasses.replace(details, reason=reason)
        return _move(request, details, RequestState.REFUSED, now, reason)

    return _stepped(client, actor, reference, RequestState.REFUSED, step)


def extend(
    client: ObjectId,
    actor: Actor,
    reference: str,
    months: int,
    reason: str,
) -> DataRequest:
    """Extend once, with a reason that the client is told now; ExtensionRefused, StepRefused."""

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        later = deadlines.extended(deadline_of(request), months, reason, told_at=now)
        request.due_at, request.extended_at = later.due_at, now
        details = dataclasses.replace(details, reason=reason)
        return _move(request, details, RequestState.EXTENDED, now, reason)

    return _stepped(client, actor, reference, RequestState.EXTENDED, step)


Step = Callable[[DataRequest, RequestDetails, datetime], RequestDetails]


def _stepped(
    client: ObjectId,
    actor: Actor,
    reference: str,
    state: RequestState,
    step: Step,
) -> DataRequest:
    told = {"state": state.value}
    request = _changed(client, actor, reference, Event.REQUEST_MOVED, told, step)
    if actor.kind == "staff":
        _tell(request)
    return request


def _changed(
    client: ObjectId,
    actor: Actor,
    reference: str,
    event: Event,
    told: dict[str, Any],
    change: Step,
) -> DataRequest:
    dossier = _open(client, actor, event, {"reference": reference, **told})
    for attempt in range(ATTEMPTS):
        request: DataRequest
        request, details = dossier.record(DataRequest, reference=reference)
        change(request, details, datetime.now(UTC))
        try:
            _date_evidence(request)
            return request.save()
        except ConcurrentChange:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _date_evidence(request: DataRequest) -> None:
    """Papers that came with a request go 30 days after its end, as far as that is known (P22)."""
    ends = retention.documents_end(request.finished_at or request.due_at)
    PaperRecord.raw().update_many(
        {"client": request.client, "request": request.pk}, {"$set": {"erase_after": ends}}
    )


def close(
    request: DataRequest, details: RequestDetails, state: RequestState, now: datetime, note: str
) -> None:
    """End a request that is saved by the one who calls, together with what it led to (see
    rectification); StepRefused."""
    _move(request, details, state, now, note)
    _date_evidence(request)


def _move(
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
        state = _working(request)
    request.state = state.value
    if state in FINISHED:
        request.finished_at = now
        request.erase_after = retention.request_ends(now)
    event = RequestEvent(on=_day(now), state=state.value, note=note)
    return _resealed(request, dataclasses.replace(details, events=[*details.events, event]))


def _working(request: DataRequest) -> RequestState:
    """What a request is while it is worked on: extended once it was extended."""
    return RequestState.EXTENDED if request.extended_at else RequestState.IN_PROGRESS


def _resealed(request: DataRequest, details: RequestDetails) -> RequestDetails:
    request.seal(details)
    return details


def _tell(request: DataRequest) -> None:
    link = {"link": f"/rights/requests/{request.reference}"}
    notify(request.client, MailKind.REQUEST_NEWS, link)


def _open(
    client: ObjectId,
    actor: Actor,
    event: Event = Event.CATEGORY_SHOWN,
    details: dict[str, Any] | None = None,
) -> Dossier:
    return Dossier.open(
        client,
        actor,
        Purpose.LEGAL,
        categories=["requests"],
        event=event,
        details=details,
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
