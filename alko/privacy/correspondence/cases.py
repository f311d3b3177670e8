"""Cases: what people write to us, and what is answered (promises P32-P35; GDPR Art. 12).

Every change goes through one function that opens the case by the one door, checks that the step is
allowed and writes the ledger; a message and what it does to its case are saved together. Whether
the writer's address is known to us changes nothing about the work that is done, nor the answer.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.database import connection
from alko.database.records import ConcurrentChange, retried, save_together
from alko.mail.kinds import MailKind
from alko.models.communication import Direction, Message, MessageDetails
from alko.models.contact import (
    Case,
    CaseChannel,
    CaseDetails,
    CaseKind,
    CaseState,
)
from alko.privacy import references
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import suggestions
from alko.privacy.correspondence.case_changes import URGENT_TARGET, hear, move
from alko.privacy.correspondence.case_mails import receipt, tell
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention
from alko.privacy.references import LENGTH, SIGNS
from alko.privacy.rights import deadlines
from alko.privacy.rights.requests import StepRefused
from alko.privacy.vocabulary import Purpose

REFERENCE = re.compile(rf"C-\d{{4}}-[{SIGNS}]{{{LENGTH}}}", re.ASCII)
KEY_CLASSES = ("account", "correspondence")
"""The keys of a correspondent: for the ledger's reasons and mails, and for all else."""
CATEGORIES = ("cases", "messages", "attachments")
"""What belongs to a case."""
ATTEMPTS = 5
MOST_MESSAGES = 500

Change = Callable[[Case, datetime], Message | None]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote."""

    body: str
    kind: CaseKind
    channel: CaseChannel
    name: str = ""
    email: str = ""
    subject: str = ""
    urgent: bool = False
    unreadable: bool = False
    acknowledged: bool = True
    """Whether a receipt may be mailed at all: not to lists, nor to what answers by itself."""
    mail_index: str | None = None
    """Blind index of the mail it came by."""


def open_case(
    actor: Actor,
    written: Written,
    *,
    client: ObjectId | None = None,
    number: ObjectId | None = None,
    now: datetime | None = None,
) -> Case:
    """Open a case of a client, or of a new correspondent.

    With a ``number`` (from number_of) the same call again returns the case that is there.
    """
    number = number or ObjectId()
    if (found := _by_number(number)) is not None:
        return tell(found)
    if client is None:
        accounts.create_keys(number, KEY_CLASSES)
    owner = client or number
    now = now or datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it is stored
    for _ in range(ATTEMPTS):
        case = _drafted(number, owner, written, now)
        told = {"reference": case.reference, "channel": case.channel}
        ledger.append(
            owner, Event.CASE_OPENED, actor, purpose_of(case), categories=CATEGORIES, details=told
        )
        try:
            save_together(case, _message(case, actor, written.body, now, written))
        except DuplicateKeyError:
            # Somebody opened the very same case meanwhile, or the reference is taken.
            if (found := _by_number(number)) is not None:
                return tell(found)
        else:
            return tell(case)
    raise RuntimeError("no free reference was found")


def _drafted(number: ObjectId, owner: ObjectId, written: Written, now: datetime) -> Case:
    token = secrets.token_urlsafe(24)
    details = CaseDetails(
        name=written.name, email=written.email, subject=written.subject, token=token
    )
    suggested = suggestions.right_in(f"{written.subject}\n{written.body}")
    return Case.sealing(
        details,
        id=number,
        client=owner,
        recorded_at=now,
        reference=references.new("C", now),
        kind=written.kind.value,
        urgent=written.urgent,
        state=CaseState.OPEN.value,
        channel=written.channel.value,
        due_at=deadlines.deadline(now).due_at,
        target_at=now + URGENT_TARGET if written.urgent else None,
        # Who is signed in, or on the phone with us, needs no confirmation by mail.
        confirmed_at=now if owner != number else None,
        unreadable=written.unreadable,
        email_index=accounts.index_of_email(written.email),
        token_hash=token_hash(token),
        suggested_right=suggested and suggested.value,
        pending=_receipt(written),
    )


def _receipt(written: Written) -> str | None:
    """The kind of mail that confirms the receipt, if any."""
    if not (written.email and written.acknowledged):
        return None
    return receipt(urgent=written.urgent)


def _by_number(number: ObjectId) -> Case | None:
    found: Case | None = Case.objects(id=number).exclude("sealed").first()
    return found


def number_of(kind: str, text: str) -> ObjectId:
    """The same number for the same text, by the keyed hash: what is sent twice is kept once."""
    return ObjectId(connection.current().blind_index.of(f"number/{kind}", text)[:24])


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(reference: str) -> Case:
    """A case with its clear fields alone; NoSuchRecord where there is none."""
    found: Case | None = Case.objects(reference=str(reference)).exclude("sealed").first()
    if found is None:
        raise NoSuchRecord(reference)
    return found


def correspondent(reference: str, hashed_token: str) -> Actor | None:
    """Who holds the token that was mailed for this case; None where it opens nothing (any more)."""
    wanted = {"reference": str(reference), "token_hash": str(hashed_token), "joining": None}
    found = Case.raw().find_one(wanted, {"client": 1})
    return Actor.client(found["client"]) if found and found["_id"] == found["client"] else None


def confirm(actor: Actor, reference: str) -> Case:
    """Note that the address is the writer's own: they came by the link that was mailed to it."""
    case = find(reference)
    if case.confirmed_at is not None:
        return case

    def note(case: Case, now: datetime) -> None:
        case.confirmed_at = case.confirmed_at or now

    return _changed(actor, reference, Event.CASE_CONFIRMED, {}, note)


def write(
    actor: Actor,
    reference: str,
    body: str,
    *,
    subject: str = "",
    mail: str | None = None,
    channel: str = "portal",
) -> Case:
    """Add a message. From the writer it opens the case (again); from staff it is an answer.

    The writer's words are heard anew each time: see hear. An answer is mailed as a link. ``mail``
    is the blind index of the mail that it came by: the same one again changes nothing. Raises
    StepRefused for an answer in a closed case.
    """
    by_staff = actor.kind == "staff"
    if mail and Message.raw().find_one({"mail_index": mail}, {"_id": 1}):
        return find(reference)

    def add(case: Case, now: datetime) -> Message:
        if by_staff and case.closed:
            raise StepRefused("the case is closed")
        if Message.raw().count_documents({"reference": reference}) >= MOST_MESSAGES:
            raise StepRefused("no more messages can be added")
        if not by_staff:
            hear(case, subject, body, now)
        else:
            case.pending = MailKind.CASE_NEWS.value
            if case.state != CaseState.WAITING:
                move(case, CaseState.WAITING, now)
            case.waiting_since = now
        message = _message(case, actor, body, now, subject=subject, channel=channel)
        message.mail_index = mail
        return message

    return _changed(actor, reference, Event.CASE_MESSAGE, {}, add)


def note(actor: Actor, reference: str, body: str) -> Case:
    """Add an internal note of staff; it belongs to the dossier and to every copy (P26)."""

    def add(case: Case, now: datetime) -> Message:
        return _message(case, actor, body, now, direction=Direction.INTERNAL)

    return _changed(actor, reference, Event.CASE_NOTE, {}, add)


def close(actor: Actor, reference: str, *, answered_by: datetime | None = None) -> Case:
    """Close the case, and tell the writer; StepRefused where it is closed.

    With ``answered_by`` only what was answered by then, and nothing was written to it since.
    """

    def step(case: Case, now: datetime) -> None:
        if answered_by and not (case.waiting_since and case.waiting_since <= answered_by):
            raise StepRefused("the case is not waiting, or not for so long")
        move(case, CaseState.CLOSED, now)
        case.pending = MailKind.CASE_NEWS.value

    return _changed(actor, reference, Event.CASE_MOVED, {"state": "closed"}, step)


def reopen(actor: Actor, reference: str) -> Case:
    """Open a closed case again; StepRefused where it is not closed."""

    def step(case: Case, now: datetime) -> None:
        if not case.closed:
            raise StepRefused("the case is not closed")
        move(case, CaseState.OPEN, now)

    return _changed(actor, reference, Event.CASE_MOVED, {"state": "open"}, step)


def purpose_of(case: Case) -> Purpose:
    """A privacy request is a legal duty, also while the use of the data is restricted (P31)."""
    return Purpose.LEGAL if case.kind == CaseKind.PRIVACY else Purpose.COMMUNICATION


def dossier_of(
    case: Case,
    actor: Actor,
    event: Event,
    told: dict[str, str] | None = None,
    categories: tuple[str, ...] = CATEGORIES,
) -> Dossier:
    """Open what belongs to a case. The portal's own work has one purpose for all of them."""
    return Dossier.open(
        case.client,
        actor,
        Purpose.COMMUNICATION if actor.kind == "system" else purpose_of(case),
        categories=categories,
        event=event,
        details={"reference": case.reference} if told is None else told,
    )


def _changed(
    actor: Actor, reference: str, event: Event, told: dict[str, str], change: Change
) -> Case:
    opened = find(reference)
    dossier_of(opened, actor, event, {"reference": reference, **told})

    def attempt() -> Case:
        case = find(reference)
        if case.joining or case.client != opened.client:
            raise ConcurrentChange("the case is being moved to another dossier")
        message = change(case, datetime.now(UTC))
        save_together(*([case] if message is None else [case, message]))
        return case

    return tell(retried(attempt))


def _message(
    case: Case,
    actor: Actor,
    body: str,
    now: datetime,
    written: Written | None = None,
    *,
    direction: Direction | None = None,
    subject: str = "",
    channel: str = "portal",
) -> Message:
    by_staff = actor.kind == "staff"
    usual = Direction.TO_CLIENT if by_staff and written is None else Direction.FROM_CLIENT
    if written:
        channel = "portal" if written.channel is CaseChannel.FORM else written.channel.value
    return Message.sealing(
        MessageDetails(subject=written.subject if written else subject, body=body),
        client=case.client,
        recorded_at=now,
        erase_after=retention.correspondence_ends(now),
        reference=case.reference,
        direction=(direction or usual).value,
        channel=channel,
        author=actor.id if by_staff else None,
        mail_index=written.mail_index if written else None,
    )
