"""What people wrote to the privacy team of the demo: some known, some not, one in a hurry."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta

from bson import ObjectId

from alko.demo.accounts import OTHER_EMAIL
from alko.demo.drawings import roof_rack
from alko.demo.factories import Factory, Person
from alko.demo.stories import Happening, write_ledger
from alko.mail.kinds import MailKind
from alko.models.communication import Direction
from alko.models.contact import (
    AttachmentKind,
    Case,
    CaseChannel,
    CaseDetails,
    CaseKind,
    CaseState,
)
from alko.models.staff import StaffRole
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import cases
from alko.privacy.door.access import Actor, Job
from alko.privacy.rights.catalogue import Right

SOURCE = (
    b"From: =?x-nobody-knows?Q?=81=A0?=\r\nTo: contact@alkocars.com\r\n"
    b"Subject: =?utf-8?B?UmU6IG15IGNhcg\r\nContent-Type: multipart/mixed\r\n\r\n"
    b"Hello? The car you brought me hums at night. Please call me "
    b"back, my number is on the bill.\r\n"
)


@dataclass(frozen=True)
class Line:
    """A message; ``hours`` after the first one."""

    direction: Direction
    body: str
    hours: int = 0


@dataclass(frozen=True)
class Story:
    """A case, told by its messages."""

    name: str
    email: str
    subject: str
    hours_ago: int
    lines: tuple[Line, ...]
    kind: CaseKind = CaseKind.GENERAL
    channel: CaseChannel = CaseChannel.FORM
    state: CaseState = CaseState.OPEN
    urgent: bool = False
    confirmed: bool = True
    suggested: Right | None = None
    unreadable: bool = False
    taken: bool = False


def _from(body: str, hours: int = 0) -> Line:
    return Line(Direction.FROM_CLIENT, body, hours)


STORIES = (
    Story(
        name="Liesbeth Amarasinghe",
        email="liesbeth@mail.example",
        subject="URGENT - Privacy Request",
        hours_ago=5,
        lines=(
            _from(
                "Somebody has got into my mailbox. Please stop using my data until this is "
                "cleared, and tell me whether anyone asked you for it since Saturday."
            ),
        ),
        kind=CaseKind.PRIVACY,
        channel=CaseChannel.EMAIL,
        urgent=True,
        suggested=Right.RESTRICTION,
    ),
    Story(
        name="Teodor Vâlcan",
        email="teodor@mail.example",
        subject="Cars from Canada",
        hours_ago=50,
        lines=(_from("Hello, do you also import from Canada, and how long does that take?"),),
        confirmed=False,
    ),
    Story(
        name="Tomasz Quarshie-Lund",
        email=OTHER_EMAIL,
        subject="My old street",
        hours_ago=74,
        lines=(
            _from(
                "My address is wrong on the last invoice, it still has the old street. Please "
                "correct my address."
            ),
        ),
        kind=CaseKind.PRIVACY,
        channel=CaseChannel.EMAIL,
        confirmed=False,
        suggested=Right.CORRECTION,
    ),
    Story(
        name="Aurélie Nzinga",
        email="aurelie@mail.example",
        subject="Is my data with you?",
        hours_ago=40 * 24,
        lines=(
            _from("I asked for an offer two years ago. What data do you still hold about me?"),
            Line(Direction.TO_CLIENT, "None: an offer that was not taken is not kept.", 26),
        ),
        kind=CaseKind.PRIVACY,
        state=CaseState.CLOSED,
        taken=True,
        suggested=Right.ACCESS,
    ),
    Story(
        name="",
        email="",
        subject="",
        hours_ago=20,
        lines=(_from("(This mail could not be read. It is kept as it came.)"),),
        channel=CaseChannel.EMAIL,
        confirmed=False,
        unreadable=True,
    ),
)


RACK = Story(
    name="",
    email="",
    subject="Roof rack",
    hours_ago=150,
    lines=(
        _from("Can the roof rack on the enclosed drawing be mounted before the handover?"),
        Line(Direction.INTERNAL, "The workshop says yes, 45 minutes. Price is in the list.", 3),
        Line(Direction.TO_CLIENT, "Yes, it can. We have noted it with your order.", 4),
    ),
    channel=CaseChannel.EMAIL,
    state=CaseState.WAITING,
    taken=True,
)
"""The case in the dossier of client@demo.example."""


def fill(factory: Factory, agent: ObjectId) -> None:
    """Make the cases of people who are no clients; ``agent`` has some in hand."""
    for story in STORIES:
        with factory.gathering():
            case, first = _case(factory, story, None, agent)
        if story.unreadable:
            factory.attachment(case, first, "mail.eml", SOURCE, kind=AttachmentKind.SOURCE)
        write_ledger(case.client, _happenings(case, story, agent, StaffRole.AGENT))


def of_client(factory: Factory, person: Person, officer: ObjectId) -> list[Happening]:
    """Make the client's case with a file that came along; returns what goes into the ledger."""
    story = dataclasses.replace(RACK, name=person.identity.full_name, email=person.contact.email)
    with factory.gathering():
        case, first = _case(factory, story, person.id, officer)
    factory.attachment(case, first, "roof-rack.pdf", roof_rack())
    return _happenings(case, story, officer, StaffRole.OFFICER)


def _case(
    factory: Factory, story: Story, client: ObjectId | None, member: ObjectId
) -> tuple[Case, ObjectId]:
    """The case, and the number of its first message."""
    at = factory.now - timedelta(hours=story.hours_ago)
    ended = at + timedelta(hours=story.lines[-1].hours + 1)
    details = CaseDetails(
        name=story.name,
        email=story.email,
        subject=story.subject,
        token="" if client else factory.chance.randbytes(18).hex(),
    )
    case = factory.case(
        details,
        client=client,
        number=None if client else factory.correspondent(),
        kind=story.kind,
        channel=story.channel,
        state=story.state,
        received_at=at,
        urgent=story.urgent,
        confirmed=story.confirmed,
        closed_at=ended if story.state is CaseState.CLOSED else None,
        suggested=story.suggested,
        unreadable=story.unreadable,
        assigned_to=member if story.taken else None,
    )
    messages = [_message(factory, case, story, line) for line in story.lines]
    if story.email and not client:
        kind = MailKind.CASE_URGENT if story.urgent else MailKind.CASE_RECEIVED
        factory.mail(case.client, kind.value, story.email, at + timedelta(minutes=1))
    return case, messages[0]


def _message(factory: Factory, case: Case, story: Story, line: Line) -> ObjectId:
    by_writer = line.direction is Direction.FROM_CLIENT
    number: ObjectId = factory.message(
        case.client,
        story.subject if by_writer else "",
        line.body,
        direction=line.direction,
        channel="email" if by_writer and story.channel is CaseChannel.EMAIL else "portal",
        reference=case.reference,
        sent_at=case.recorded_at + timedelta(hours=line.hours),
    ).pk
    return number


def _happenings(case: Case, story: Story, member: ObjectId, role: StaffRole) -> list[Happening]:
    purpose, told = cases.purpose_of(case), {"reference": case.reference}
    writer = Actor.job(Job.CASES)
    staff = Actor.staff(member, role, case.reference)
    opened = {**told, "channel": case.channel}
    found = [
        Happening(case.recorded_at, Event.CASE_OPENED, writer, purpose, cases.CATEGORIES, opened)
    ]
    for line in story.lines[1:]:
        at = case.recorded_at + timedelta(hours=line.hours)
        note = line.direction is Direction.INTERNAL
        event = Event.CASE_NOTE if note else Event.CASE_MESSAGE
        reason = f"Assigned case: case {case.reference}"
        found.append(Happening(at, event, staff, purpose, cases.CATEGORIES, told, reason))
    return found
