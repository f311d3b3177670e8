"""A deletion that staff decide, because it was not confirmed by the client's own password (P28).

Two people: one officer proposes it with a reason, another one, who has the request in hand by then,
approves or declines. An approval is claimed on the request first and executed after that; what a
crash leaves in between is completed by the worker.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.client import Client, ClientStatus
from alko.models.request import OPEN, DataRequest, Proposal, RequestDetails, RequestState
from alko.models.staff import StaffRole
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.identity import sign_ins
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle.erasure import NothingToErase
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.request_changes import StepRefused, changed, day, moved, resealed

IDENTIFIED = tuple(state for state in OPEN if state is not RequestState.IDENTITY_CHECK)


def can_be_proposed(request: DataRequest) -> bool:
    """Whether it asks for the deletion of an account, of which nothing is decided yet."""
    return (
        request.right == Right.DELETION
        and request.state in IDENTIFIED
        and request.proposed_by is None
        and has_account(request.client)
        and erasure.pending(request.client) is None
    )


def can_be_decided(request: DataRequest, member: ObjectId | None) -> bool:
    """Whether this member may approve or decline: somebody else proposed it."""
    return _waits(request) and request.approved_by is None and request.proposed_by != member


def can_be_taken_back(request: DataRequest, member: ObjectId | None) -> bool:
    return _waits(request) and request.approved_by is None and request.proposed_by == member


def _waits(request: DataRequest) -> bool:
    return request.state in IDENTIFIED and request.proposed_by is not None


def has_account(client: ObjectId) -> bool:
    """Whether it is a client's account; a stranger who wrote to us has none."""
    active = {"_id": client, "status": ClientStatus.ACTIVE.value}
    return Client.raw().find_one(active, {"_id": 1}) is not None


def propose(
    client: ObjectId,
    actor: Actor,
    reference: str,
    reason: str,
    *,
    at_once: bool,
    seen: int | None = None,
) -> DataRequest:
    """Propose to delete the account, now or in 14 days; StepRefused, Outdated, AccessDenied."""

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        _require(can_be_proposed(request))
        request.proposed_by, request.proposed_at_once = actor.id, at_once
        made = Proposal(on=day(now), reason=reason)
        return resealed(request, dataclasses.replace(details, proposals=[*details.proposals, made]))

    _check(client, actor, reference, can_be_proposed)
    return changed(client, actor, reference, Event.DELETION_PROPOSED, {}, step, seen)


def take_back(
    client: ObjectId, actor: Actor, reference: str, *, seen: int | None = None
) -> DataRequest:
    """Whoever proposed it thinks better of it; StepRefused, Outdated, AccessDenied."""

    def may(request: DataRequest) -> bool:
        return can_be_taken_back(request, actor.id)

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        _require(may(request))
        return _ended(request, details, "taken_back")

    _check(client, actor, reference, may)
    return changed(client, actor, reference, Event.DELETION_TAKEN_BACK, {}, step, seen)


def decline(
    client: ObjectId, actor: Actor, reference: str, why: str, *, seen: int | None = None
) -> DataRequest:
    """The second member finds that it should not be done; StepRefused, Outdated, AccessDenied."""

    def may(request: DataRequest) -> bool:
        return can_be_decided(request, actor.id)

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        _require(may(request))
        return _ended(request, details, "declined", why)

    _check(client, actor, reference, may)
    return changed(client, actor, reference, Event.DELETION_DECLINED, {}, step, seen)


def approve(
    client: ObjectId, actor: Actor, reference: str, *, seen: int | None = None
) -> datetime | None:
    """The second member approves, and the deletion is scheduled; returns when it begins.

    Raises StepRefused, Outdated, AccessDenied.
    """

    def may(request: DataRequest) -> bool:
        return can_be_decided(request, actor.id) and has_account(request.client)

    def step(request: DataRequest, details: RequestDetails, now: datetime) -> RequestDetails:
        _require(may(request))
        request.approved_by, request.approved_at = actor.id, now
        details = _with_outcome(details, "approved")
        if request.state in (RequestState.RECEIVED, RequestState.WAITING):
            return moved(request, details, RequestState.IN_PROGRESS, now)
        return resealed(request, details)

    _check(client, actor, reference, may)
    request = changed(client, actor, reference, Event.DELETION_APPROVED, {}, step, seen)
    with suppress(NothingToErase):  # the client was faster
        erasure.schedule(client, actor, at_once=bool(request.proposed_at_once))
    return _tell(request)


def complete_all() -> int:
    """Complete what was approved and then interrupted; returns how many were not scheduled yet."""
    approved = {"approved_by": {"$type": "objectId"}, "state": {"$in": [one.value for one in OPEN]}}
    completed = 0
    for request in DataRequest.objects(__raw__=approved).exclude("sealed"):
        # Also where the client cancelled it meanwhile: that is not undone.
        if not erasure.scheduled_since(request.client, request.approved_at):
            actor = Actor.staff(request.approved_by, StaffRole.OFFICER, request.reference)
            with suppress(NothingToErase):
                erasure.schedule(request.client, actor, at_once=bool(request.proposed_at_once))
                completed += 1
        _tell(request)
    return completed


def _tell(request: DataRequest) -> datetime | None:
    """The client's pages and one mail say when it begins; None where nothing is scheduled."""
    run = erasure.pending(request.client)
    if run is None:
        return None
    begins: datetime = run.execute_after
    sign_ins.set_erasure(request.client, begins)
    link = {"link": "/rights/deletion"}
    with suppress(NoSuchRecord, KeyDestroyed):
        event = f"deletion/{request.reference}"
        notify(request.client, MailKind.DELETION_DECIDED, link, event)
    return begins


def _check(
    client: ObjectId, actor: Actor, reference: str, may: Callable[[DataRequest], bool]
) -> None:
    """Before anything is opened or logged: only officers, and only what is possible now."""
    if actor.kind != "staff" or actor.role != StaffRole.OFFICER:
        raise AccessDenied("officers decide about deletions")
    found = DataRequest.objects(client=client, reference=reference).exclude("sealed").first()
    if found is None:
        raise NoSuchRecord("DataRequest")
    _require(may(found))


def _require(holds: bool) -> None:
    if not holds:
        raise StepRefused("this is not possible now")


def _ended(
    request: DataRequest, details: RequestDetails, outcome: str, answer: str = ""
) -> RequestDetails:
    request.proposed_by = request.proposed_at_once = None
    return resealed(request, _with_outcome(details, outcome, answer))


def _with_outcome(details: RequestDetails, outcome: str, answer: str = "") -> RequestDetails:
    *earlier, last = details.proposals
    ended = dataclasses.replace(last, outcome=outcome, answer=answer)
    return dataclasses.replace(details, proposals=[*earlier, ended])
