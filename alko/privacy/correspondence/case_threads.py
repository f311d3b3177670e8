"""Reading a case: who wrote, what was written both ways, which files came along."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from alko.models.communication import Direction
from alko.models.contact import Attachment, AttachmentDetails, Case, CaseDetails
from alko.models.request import DataRequest, RequestDetails
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import cases, suggestions
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import NoSuchRecord, Row
from alko.privacy.rights.catalogue import Right

SHOWN_AT_MOST = cases.MOST_MESSAGES


@dataclass(frozen=True)
class Thread:
    """A case with all that belongs to it; messages in the order they were written."""

    case: Case
    details: CaseDetails
    messages: list[Row]
    files: dict[ObjectId, list[Row]]
    """By message."""
    request: DataRequest | None = None
    request_details: RequestDetails | None = field(default=None, repr=False)


def read(actor: Actor, reference: str) -> Thread:
    """The case as this actor may see it; AccessDenied, NoSuchRecord, KeyDestroyed.

    Internal notes are shown here to staff alone; their subject finds them among the messages that
    we hold about them, and in the copy (P26).
    """
    case = cases.find(reference)
    wanted = (*cases.CATEGORIES, "requests") if case.request else cases.CATEGORIES
    dossier = cases.dossier_of(case, actor, Event.CASE_READ, categories=wanted)
    case, details = dossier.record(Case, reference=reference)
    where: dict[str, object] = {"reference": reference}
    files = dossier.page("attachments", where=where, size=SHOWN_AT_MOST).rows
    messages_of = dossier.references("attachments", "message")
    if actor.kind != "staff":
        where["direction"] = {"$ne": Direction.INTERNAL.value}
    rows = dossier.page("messages", where=where, size=SHOWN_AT_MOST).rows
    grouped: dict[ObjectId, list[Row]] = {}
    for file in reversed(files):
        grouped.setdefault(messages_of[file.id], []).append(file)
    request, told = None, None
    if case.request:
        request, told = dossier.record(DataRequest, id=case.request)
    return Thread(case, details, rows[::-1], grouped, request, told)


@dataclass(frozen=True)
class Asked:
    """Words of the writer, and when we received them."""

    body: str
    at: datetime


def asking(actor: Actor, case: Case, right: Right) -> Asked:
    """The writer's first words that sound like this right; where none do, those that the case
    began with, or with which it was opened anew."""
    dossier = cases.dossier_of(case, actor, Event.CASE_READ)
    where = {"reference": case.reference, "direction": Direction.FROM_CLIENT.value}
    rows = dossier.page("messages", where=where, size=SHOWN_AT_MOST).rows[::-1]
    words = [Asked(str(row.values["body"] or ""), row.recorded_at) for row in rows]
    like = (
        one
        for one, row in zip(words, rows, strict=True)
        if suggestions.right_in(f"{row.values['subject'] or ''}\n{one.body}") is right
    )
    since = (one for one in words if one.at >= case.clock_began)
    return next(like, None) or next(since, Asked("", case.clock_began))


def file(actor: Actor, reference: str, record: ObjectId) -> tuple[Attachment, AttachmentDetails]:
    """A file that is kept, to be opened; NoSuchRecord where this case has none of that number."""
    case = cases.find(reference)
    dossier = cases.dossier_of(
        case, actor, Event.ATTACHMENT_OPENED, {"record": str(record)}, ("attachments",)
    )
    found, details = dossier.record(Attachment, id=record, reference=reference)
    if not found.vault_key:
        raise NoSuchRecord("nothing of this file was kept")
    return found, details
