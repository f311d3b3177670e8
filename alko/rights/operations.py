"""What changes something for a client who exercises a right."""

from __future__ import annotations

from bson import ObjectId
from flask_babel import gettext

from alko.documents import uploading
from alko.documents.uploading import Outcome
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.request import DataRequest, RequestState
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import requests, restriction
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.requests import StepRefused


def file(client: ObjectId, actor: Actor, right: Right, words: str) -> DataRequest:
    """File a request and confirm its receipt by mail."""
    request = requests.file(client, actor, right, words)
    _confirm(request, MailKind.REQUEST_RECEIVED)
    return request


def add_evidence(client: ObjectId, actor: Actor, reference: str, file: uploading.File) -> Outcome:
    """Add a paper to an open request; NoSuchRecord. A finished one takes none: see the outcome."""
    request, details = requests.read(client, actor, reference)
    if request.finished or not details.changes:
        reason = gettext("This request takes no more papers.")
        return Outcome(file.filename or "", reason)
    return uploading.add_evidence(client, actor, request.pk, request.due_at, file)


def restrict(client: ObjectId, actor: Actor, ground: str, words: str) -> DataRequest:
    """Restrict at once, and confirm the request by mail."""
    request = restriction.restrict(client, actor, ground, words)
    _confirm(request, MailKind.REQUEST_RECEIVED)
    return request


def lift_restriction(client: ObjectId, actor: Actor) -> bool:
    """The client takes the restriction back, with its requests."""
    if not restriction.lift(client, actor):
        return False
    for reference in requests.open_references(client, Right.RESTRICTION):
        requests.withdraw(client, actor, reference)
    return True


def schedule_deletion(client: ObjectId, actor: Actor, *, at_once: bool) -> None:
    """Confirm the deletion; the request shows its way. NothingToErase where one is under way."""
    erasure.schedule(client, actor, at_once=at_once)
    run = erasure.pending(client)
    sign_ins.set_erasure(client, run.execute_after if run else None)
    request = requests.file(client, actor, Right.DELETION, state=RequestState.IN_PROGRESS)
    _confirm(request, MailKind.ERASURE_SCHEDULED, "/rights/deletion")


def cancel_deletion(client: ObjectId, actor: Actor) -> bool:
    """Cancel a deletion and withdraw its requests; False once it has begun."""
    if not erasure.cancel(client, actor):
        return False
    sign_ins.set_erasure(client, None)
    for reference in requests.open_references(client, Right.DELETION):
        requests.withdraw(client, actor, reference)
    return True


def withdraw(client: ObjectId, actor: Actor, reference: str) -> None:
    """Withdraw a request, and with a deletion's request the deletion. StepRefused."""
    request, _ = requests.read(client, actor, reference)
    if request.right == Right.DELETION and erasure.pending(client) is not None:
        if not cancel_deletion(client, actor):
            raise StepRefused("the deletion has begun")
        return
    restricts = request.right == Right.RESTRICTION and not request.finished
    if restricts and lift_restriction(client, actor):
        return
    requests.withdraw(client, actor, reference)


def _confirm(request: DataRequest, kind: MailKind, path: str | None = None) -> None:
    notify(request.client, kind, {"link": path or f"/rights/requests/{request.reference}"})
