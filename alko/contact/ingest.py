"""A mail to contact@alkocars.com becomes a case, or a message of one (promises P32, P35).

Everything that is stored has a number that follows from the mail, so that the same mail again, also
after a crash, completes what is missing and doubles nothing. What cannot be read is kept sealed.
"""

from __future__ import annotations

import dataclasses
import io
import re
from dataclasses import dataclass
from email.message import Message as Mime
from typing import BinaryIO, cast

from bson import ObjectId
from bson.errors import InvalidId

from alko.contact import attachments, authentication, automatic, mime, sameness
from alko.contact.mime import ParsedMail, Unreadable
from alko.database import connection
from alko.database.records import CHANGED
from alko.models.communication import Mail, Message
from alko.models.contact import Case, CaseChannel, CaseKind, Intake, IntakeCount
from alko.privacy.correspondence import cases, suggestions
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.identity import accounts
from alko.privacy.rights.requests import StepRefused
from config import Settings

ACTOR = Actor.job(Job.CASES)
HEAD = 1024 * 1024
"""Bytes that are read of a mail which is too large to be taken apart."""
PRIVACY = re.compile(r"\b(privacy|gdpr|data protection|personal data)\b")
NO_TEXT = "(No text could be read in this mail. It is kept as it came.)"
UNREAD = "(This mail could not be read. It is kept as it came.)"


@dataclass(frozen=True)
class _Mail:
    """A mail on its way in."""

    data: bytes
    rest: BinaryIO | None
    """What was not read, of a mail that is too large."""
    parsed: ParsedMail | None
    index: str
    """The same for the same mail, and for no other."""
    answerable: bool
    """Whether a machine may answer it."""
    verified: bool
    """Whether our mail server vouches for its sender's domain."""

    @property
    def keeps_source(self) -> bool:
        return self.parsed is None or self.parsed.doubtful or self.rest is not None

    def source(self) -> BinaryIO:
        if self.rest is None:
            return io.BytesIO(self.data)
        return cast(BinaryIO, _Chained(self.data, self.rest))

    def number(self, part: str) -> ObjectId:
        return cases.number_of(f"mail/{part}", self.index)


def take_in(source: BinaryIO, settings: Settings, envelope_sender: str | None = None) -> Intake:
    """Take one mail in. Errors of the database, the vault or the ledger mean: try again."""
    data = source.read(settings.max_mail_bytes + 1)
    rest = source if len(data) > settings.max_mail_bytes else None
    message, parsed = _parsed(data[:HEAD] if rest else data)
    if message is not None and (
        automatic.is_automatic(message, envelope_sender) or _is_ours(parsed)
    ):
        return _counted(Intake.AUTOMATIC)
    if parsed and parsed.sender.lower() == automatic.own_address_of(settings.mail_from):
        # A group that puts its own address in the writer's place: there is nobody to answer.
        parsed = dataclasses.replace(parsed, sender="")
    trusted = settings.mail_authserv_id
    answerable = message is not None and automatic.may_be_answered(message)
    verified = bool(
        message and parsed and authentication.is_verified(message, trusted, parsed.sender)
    )
    index = connection.current().blind_index.of("mail", sameness.mark_of(data))
    mail = _Mail(data, rest, parsed, index, answerable, verified)
    case, outcome = _case(mail)
    if verified:
        _note_verified(mail)
    _keep_files(case, mail)
    return _counted(outcome)


def _case(mail: _Mail) -> tuple[Case, Intake]:
    """The case that the mail belongs to, with the mail in it."""
    known = Message.objects(mail_index=mail.index).exclude("sealed").first()
    if known is not None:
        return cases.tell(cases.find(known.reference)), Intake.REPEATED
    answered = _answered(mail.parsed) if mail.parsed else None
    if answered is not None and (case := _reply(answered, mail)) is not None:
        return case, Intake.REPLIED
    return _opened(mail), Intake.OPENED if mail.parsed else Intake.UNREADABLE


def _parsed(data: bytes) -> tuple[Mime | None, ParsedMail | None]:
    try:
        return mime.parse(data)
    except Unreadable:
        return None, None


def _is_ours(parsed: ParsedMail | None) -> bool:
    """Whether it is a mail of the portal itself that came back."""
    return parsed is not None and _mail_of(parsed.message_id) is not None


def _mail_of(message_id: str) -> dict[str, str] | None:
    try:
        number = ObjectId(message_id.lstrip("<").partition("@")[0])
    except InvalidId:
        return None
    return Mail.raw().find_one({"_id": number}, {"about": 1})


def _answered(parsed: ParsedMail) -> Case | None:
    """The case that it answers: only where it comes from the case's own address."""
    references = cases.REFERENCE.findall(parsed.subject.upper())
    mails = [mail for one in parsed.answers if (mail := _mail_of(one))]
    references += [mail["about"] for mail in mails if mail.get("about")]
    sender = accounts.index_of_email(parsed.sender)
    for reference in dict.fromkeys(references):
        try:
            case = cases.find(reference)
        except NoSuchRecord:
            continue
        if sender is not None and case.email_index == sender:
            return case
    return None


def _reply(case: Case, mail: _Mail) -> Case | None:
    """Add the mail to its case; None where the case takes no more."""
    parsed = mail.parsed
    assert parsed is not None  # noqa: S101 - what answers was read
    try:
        return cases.write(
            ACTOR,
            case.reference,
            parsed.body or NO_TEXT,
            subject=parsed.subject,
            mail=mail.index,
            channel="email",
        )
    except StepRefused:
        return None


def _opened(mail: _Mail) -> Case:
    parsed = mail.parsed
    if parsed is None:
        written = cases.Written(
            body=UNREAD,
            kind=CaseKind.GENERAL,
            channel=CaseChannel.EMAIL,
            urgent=suggestions.sounds_urgent(_first_subject(mail.data)),
            unreadable=True,
            mail_index=mail.index,
        )
    else:
        urgent = suggestions.sounds_urgent(parsed.subject)
        words = f"{parsed.subject}\n{parsed.body}"
        private = urgent or suggestions.right_in(words) or PRIVACY.search(words.casefold())
        written = cases.Written(
            body=parsed.body or NO_TEXT,
            kind=CaseKind.PRIVACY if private else CaseKind.GENERAL,
            channel=CaseChannel.EMAIL,
            name=parsed.name,
            email=parsed.sender,
            subject=parsed.subject,
            urgent=urgent,
            unreadable=not parsed.sender,
            acknowledged=mail.answerable,
            mail_index=mail.index,
        )
    return cases.open_case(ACTOR, written, number=mail.number("case"))


def _note_verified(mail: _Mail) -> None:
    """Until this is noted the message counts as not verified, also after a crash."""
    unknown = {"mail_index": mail.index, "sender_verified": {"$ne": True}}
    noted = {"$set": {"sender_verified": True}, "$inc": {"revision": 1}, **CHANGED}
    Message.raw().update_one(unknown, noted)


def _keep_files(case: Case, mail: _Mail) -> None:
    message = Message.objects(mail_index=mail.index).exclude("sealed").get()
    files = mail.parsed.files if mail.parsed and mail.rest is None else ()
    for place, file in enumerate(files):
        attachments.keep_file(ACTOR, case, message, mail.number(f"file/{place}"), file)
    if mail.keeps_source or case.unreadable or attachments.any_refused(message):
        attachments.keep_source(ACTOR, case, message, mail.number("source"), mail.source())


def _counted(outcome: Intake) -> Intake:
    one_more = {"$inc": {"count": 1}}
    IntakeCount._get_collection().update_one({"outcome": outcome.value}, one_more, upsert=True)
    return outcome


def _first_subject(data: bytes) -> str:
    """What stands behind "Subject:" in a mail that could not be read otherwise."""
    found = re.search(rb"^subject:([^\r\n]{0,500})", data[:HEAD], re.IGNORECASE | re.MULTILINE)
    return found[1].decode("latin-1") if found else ""


class _Chained(io.RawIOBase):
    """First what was read already, then the rest of the stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
