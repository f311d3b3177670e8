"""What a member of staff does with a request in their hands."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.models.request import DataRequest, RequestState
from alko.models.staff import StaffRole
from alko.privacy.correspondence import cases
from alko.privacy.door import grounds
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.grounds import NoGround
from alko.privacy.rights import request_changes, requests, restriction
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.decided_deletion import has_account
from alko.privacy.rights.request_changes import StepRefused


def take_up(client: ObjectId, actor: Actor, reference: str, seen: int | None) -> None:
    requests.move(client, actor, reference, RequestState.IN_PROGRESS, seen=seen)


def ask(client: ObjectId, actor: Actor, reference: str, body: str, seen: int | None) -> None:
    """A question to the client: in the timeline, where they answer it. The due date stays."""
    requests.move(client, actor, reference, RequestState.WAITING, body, seen=seen)


def restrict(client: ObjectId, actor: Actor, reference: str, ground: str) -> None:
    """Put a restriction in force that was asked for from outside the account; StepRefused."""
    requests.read(client, actor, reference)
    if restriction.standing(client) is not None or not has_account(client):
        raise StepRefused("a restriction is in force, or there is no account")
    restriction.put_in_force(client, actor, ground)


def announce_end(client: ObjectId, actor: Actor, reference: str) -> datetime:
    """Tell the client when the restriction ends, and why it may is in the answer; StepRefused."""
    requests.read(client, actor, reference)
    ends = restriction.announce_end(client, actor)
    if ends is None:
        raise StepRefused("no restriction is in force")
    return ends


def phoned(
    client: ObjectId,
    actor: Actor,
    right: Right,
    words: str,
    called_at: datetime,
    how: str,
    key: str,
    *,
    identified: bool,
) -> DataRequest:
    """File what a client asked for by phone; its clock began with the call (P34).

    Any ground on which the member deals with this client will do: nothing is read. AccessDenied.
    ``key`` is the page's own: sent twice, it is one request, and one mail.
    """
    try:
        found = grounds.ground(actor.id, StaffRole(actor.role), actor.case, client)
    except NoGround as refusal:
        raise AccessDenied(str(refusal)) from None
    number = cases.number_of("phoned", f"{client} {actor.id} {key}") if key else ObjectId()
    if known := _by_number(number):
        return known
    try:
        request = requests.file(
            client,
            actor,
            right,
            words,
            state=RequestState.RECEIVED if identified else RequestState.IDENTITY_CHECK,
            channel="phone",
            number=number,
            now=called_at,
            note=how,
            reason=found.reason,
            untold=True,
        )
    except NotUniqueError:  # both at once
        known = _by_number(number)
        assert known is not None  # noqa: S101 - or its number would not be taken
        return known
    request_changes.tell(request)
    return request


def _by_number(number: ObjectId) -> DataRequest | None:
    found: DataRequest | None = DataRequest.objects(id=number).exclude("sealed").first()
    return found
