"""Requests under the six rights: filing, steps, messages, answers (promise P34; GDPR Art. 12).

Every change goes through request_changes.py. Staff act on a request assigned to them; ``seen`` is
the revision that their page showed: Outdated is raised where something happened since.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.models.communication import Direction
from alko.models.request import (
    Change,
    DataRequest,
    RequestDetails,
    RequestEvent,
    RequestMessage,
    RequestState,
)
from alko.privacy import references
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle.retention import add_months
from alko.privacy.rights import deadlines
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.deadlines import Deadline
from alko.privacy.rights.request_changes import (
    ATTEMPTS,
    StepRefused,
    changed,
    date_evidence,
    day,
    moved,
    opened,
    resealed,
    stepped,
    tell,
    working,
)
from alko.privacy.vocabulary import Purpose

LONGEST_TEXT = 4_000
"""Characters of what a client writes: with a request, or as a message."""
MOST_MESSAGES = 200


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
    urgent: bool = False,
    note: str = "",
    reason: str | None = None,
    untold: bool = False,
) -> DataRequest:
    """File a request; an earlier open one about the same right is linked, never in the way.

    ``state`` is what it is at once: an erasure that was scheduled is in progress already. ``now``
    is its receipt, from which the due date is counted. With a ``number`` (its id) that exists
    already NotUniqueError is raised: whoever tries again after a crash looks for it first. ``note``
    goes with the first line of the timeline; ``reason`` is on what ground staff filed it.
    ``untold``: request_changes.tell, or after a crash the worker, still has to mail of it.
    """
    now = now or datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it is stored
    details = RequestDetails(
        words=words,
        ground=ground,
        events=[RequestEvent(on=day(now), state=RequestState.RECEIVED.value, note=note)],
        changes=list(changes),
    )
    for _ in range(ATTEMPTS):
        request = _drafted(client, right, details, now, channel, number)
        request.urgent, request.corrects = urgent, bool(details.changes)
        request.untold = untold or None
        if state is not RequestState.RECEIVED:
            moved(request, details, state, now)
        told = {"reference": request.reference, "right": right.value}
        ledger.append(
            client,
            Event.REQUEST_FILED,
            actor,
            Purpose.LEGAL,
            categories=["requests"],
            details=told,
            reason=reason,
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
    return opened(client, actor).record(DataRequest, reference=reference)


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


def later(request: DataRequest, months: int) -> datetime:
    """What would become of the due date if it were extended by so many months."""
    return add_months(request.due_at, months)


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
    return moved(request, details, RequestState.IN_PROGRESS, datetime.now(UTC))


def confirm_identity(
    client: ObjectId, actor: Actor, reference: str, how: str, *, seen: int | None = None
) -> DataRequest:
    """Somebody who asked from outside an account was identified, as told; StepRefused."""
    if not how.strip():
        raise StepRefused("how were they identified")

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        if request.state != RequestState.IDENTITY_CHECK:
            raise StepRefused("they are identified")
        return moved(request, details, RequestState.IN_PROGRESS, now, how)

    request = changed(client, actor, reference, Event.REQUEST_IDENTIFIED, {}, step, seen)
    tell(request)
    return request


def withdraw(client: ObjectId, actor: Actor, reference: str) -> DataRequest:
    """The client takes a request back; StepRefused once it is finished."""
    return move(client, actor, reference, RequestState.WITHDRAWN)


def write(
    client: ObjectId, actor: Actor, reference: str, body: str, *, seen: int | None = None
) -> DataRequest:
    """Add a message; StepRefused once the request is finished.

    The client's message answers a question that was asked; a message to the client is mailed as a
    link.
    """
    by_client = actor.kind == "client"

    def add(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        details = _with_message(request, details, body, now, by_client=by_client)
        if by_client and (request.state == RequestState.WAITING or _identifies(request)):
            return moved(request, details, working(request), now)
        return resealed(request, details)

    request = changed(client, actor, reference, Event.REQUEST_MESSAGE, {}, add, seen)
    if not by_client:
        tell(request)
    return request


def _with_message(
    request: DataRequest, details: RequestDetails, body: str, now: datetime, *, by_client: bool
) -> RequestDetails:
    if request.finished or len(details.messages) >= MOST_MESSAGES:
        raise StepRefused("no more messages can be added")
    direction = Direction.FROM_CLIENT if by_client else Direction.TO_CLIENT
    message = RequestMessage(on=day(now), direction=direction.value, body=body)
    return dataclasses.replace(details, messages=[*details.messages, message])


def _identifies(request: DataRequest) -> bool:
    """A phoned-in request is the client's own once they write about it, being signed in."""
    return request.state == RequestState.IDENTITY_CHECK and request.channel == "phone"


def move(
    client: ObjectId,
    actor: Actor,
    reference: str,
    state: RequestState,
    note: str = "",
    *,
    seen: int | None = None,
) -> DataRequest:
    """One step without further conditions: taken up, asked back, done, withdrawn."""
    if state in (RequestState.EXTENDED, RequestState.REFUSED) or (
        state is RequestState.WAITING and not note.strip()
    ):
        raise StepRefused("this step needs a reason that is told to the client")

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        if state is RequestState.DONE:
            _not_a_correction(details)
        return moved(request, details, state, now, note)

    return stepped(client, actor, reference, state, step, seen)


def answer(
    client: ObjectId, actor: Actor, reference: str, body: str, *, seen: int | None = None
) -> DataRequest:
    """The last message to the client, and with it the request is done; StepRefused."""

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        _not_a_correction(details)
        details = _with_message(request, details, body, now, by_client=False)
        return moved(request, details, RequestState.DONE, now)

    return stepped(client, actor, reference, RequestState.DONE, step, seen)


def _not_a_correction(details: RequestDetails) -> None:
    """Values that are to be corrected are approved or refused: see rectification (P27)."""
    if details.changes:
        raise StepRefused("a correction is done by approving it")


def refuse(
    client: ObjectId, actor: Actor, reference: str, reason: str, *, seen: int | None = None
) -> DataRequest:
    """Refuse with a reason; the page names the authority and the courts (GDPR Art. 12(4))."""
    if not reason.strip():
        raise StepRefused("a refusal needs a reason")

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        details = dataclasses.replace(details, reason=reason)
        return moved(request, details, RequestState.REFUSED, now, reason)

    return stepped(client, actor, reference, RequestState.REFUSED, step, seen)


def extend(
    client: ObjectId,
    actor: Actor,
    reference: str,
    months: int,
    reason: str,
    *,
    seen: int | None = None,
) -> DataRequest:
    """Extend once, with a reason that the client is told now; ExtensionRefused, StepRefused."""

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        later = deadlines.extended(deadline_of(request), months, reason, told_at=now)
        request.due_at, request.extended_at = later.due_at, now
        details = dataclasses.replace(details, reason=reason)
        return moved(request, details, RequestState.EXTENDED, now, reason)

    return stepped(client, actor, reference, RequestState.EXTENDED, step, seen)


def close(
    request: DataRequest, details: RequestDetails, state: RequestState, now: datetime, note: str
) -> None:
    """End a request that is saved by the one who calls, together with what it led to (see
    rectification); StepRefused."""
    moved(request, details, state, now, note)
    date_evidence(request)
