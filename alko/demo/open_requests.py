"""People who asked for something under their rights, so that the staff's desk has work to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.demo.factories import Factory, Person
from alko.demo.stories import Happening, write_ledger
from alko.models.client import Client
from alko.models.request import Change, Proposal, RequestDetails, RequestEvent, RequestState
from alko.models.staff import StaffRole
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.rights.catalogue import Right
from alko.privacy.vocabulary import Purpose

AGENT = "agent@demo.example"
OFFICER, SECOND_OFFICER = "officer@demo.example", "officer2@demo.example"


@dataclass(frozen=True)
class Asked:
    """A request as it stands on the day of the demo."""

    right: Right
    days_ago: float
    words: str
    state: RequestState = RequestState.IN_PROGRESS
    holder: str | None = None
    """Whose hands it is in, by address."""
    channel: str = "portal"
    urgent: bool = False
    extended: bool = False
    notes: dict[str, str] = field(default_factory=dict)
    """What the timeline says with a state."""
    restricted: str | None = None
    """The ground on which the use of the data is restricted."""
    misspelt: bool = False
    """Asks for another spelling of the name."""
    proposed_by: str | None = None


ASKED = (
    Asked(
        Right.ACCESS,
        1.1,
        "My lawyer needs a copy of everything by Friday, the notes of phone calls included.",
        RequestState.RECEIVED,
        urgent=True,
    ),
    Asked(
        Right.ACCESS,
        28.2,
        "Please add what the carrier noted about the scratch on the door.",
        RequestState.RECEIVED,
    ),
    Asked(
        Right.OBJECTION,
        26.4,
        "I do not want my purchase to be counted when you analyse which cars sell best.",
        holder=AGENT,
    ),
    Asked(
        Right.ACCESS,
        12.3,
        "Which of my papers did you pass on, and to whom?",
        RequestState.WAITING,
        AGENT,
        notes={"waiting_for_client": "Do you mean the papers of this year's car, or of both?"},
    ),
    Asked(
        Right.PORTABILITY,
        38.6,
        "I would like the delivery data in the format that my fleet software reads.",
        RequestState.EXTENDED,
        AGENT,
        extended=True,
        notes={"extended": "The carrier must hand over its part of the data first."},
    ),
    Asked(
        Right.CORRECTION,
        3.5,
        "My name is spelt with an accent, as in my passport.",
        RequestState.RECEIVED,
        OFFICER,
        misspelt=True,
    ),
    Asked(
        Right.RESTRICTION,
        9.2,
        "The mileage in your papers is wrong; do not use it until that is checked.",
        holder=OFFICER,
        restricted="accuracy",
    ),
    Asked(
        Right.DELETION,
        6.7,
        "Sold the car, moved abroad, and would like everything to be deleted.",
        holder=OFFICER,
        channel="phone",
        notes={"received": "Called back on the number of the account; knew the order's number."},
        proposed_by=SECOND_OFFICER,
    ),
    Asked(
        Right.DELETION,
        4.9,
        "A caller who gave the client's name asked for deletion.",
        RequestState.IDENTITY_CHECK,
        channel="phone",
        notes={"identity_check": "The number was withheld; asked to sign in and write from there."},
    ),
)


def tell(factory: Factory, staff: dict[str, ObjectId]) -> None:
    """Make the people and their requests; ``staff`` has the members by address."""
    people = [
        factory.client(f"asking-{number}", opened_at=factory.now - timedelta(days=300 + number))
        for number, _ in enumerate(ASKED)
    ]
    with factory.gathering():
        for person, asked in zip(people, ASKED, strict=True):
            request = factory.request(
                person.id,
                _details(factory, person, asked),
                right=asked.right,
                at=_asked_at(factory, asked),
                state=asked.state,
                extended_at=factory.now - timedelta(days=10) if asked.extended else None,
                channel=asked.channel,
                urgent=asked.urgent,
                assigned_to=staff[asked.holder] if asked.holder else None,
                **_proposal(asked, staff),
            )
            write_ledger(person.id, _happenings(factory, person, asked, request.reference, staff))
    for person, asked in zip(people, ASKED, strict=True):
        if asked.restricted:
            in_force = {
                "restricted_at": _asked_at(factory, asked),
                "restriction_ground": asked.restricted,
            }
            Client.raw().update_one({"_id": person.id}, {"$set": in_force})


def _asked_at(factory: Factory, asked: Asked) -> datetime:
    return factory.now - timedelta(days=asked.days_ago)


def _proposal(asked: Asked, staff: dict[str, ObjectId]) -> dict[str, Any]:
    if asked.proposed_by is None:
        return {}
    return {"proposed_by": staff[asked.proposed_by], "proposed_at_once": False}


def _details(factory: Factory, person: Person, asked: Asked) -> RequestDetails:
    at = _asked_at(factory, asked)
    states = [RequestState.RECEIVED]
    if asked.state in (RequestState.WAITING, RequestState.EXTENDED):
        states.append(RequestState.IN_PROGRESS)
    if asked.state is not RequestState.RECEIVED:
        states.append(asked.state)
    today = factory.now.date().isoformat()
    right_name = person.identity.full_name
    return RequestDetails(
        words=asked.words,
        ground=asked.restricted,
        reason=asked.notes.get("extended", ""),
        events=[
            RequestEvent(
                on=min((at + timedelta(days=2 * later)).date().isoformat(), today),
                state=state.value,
                note=asked.notes.get(state.value, ""),
            )
            for later, state in enumerate(states)
        ],
        changes=[Change(field="full_name", old=right_name, new=right_name.replace("e", "é", 1))]
        if asked.misspelt
        else [],
        proposals=[Proposal(on=today, reason=asked.notes["received"])] if asked.proposed_by else [],
    )


def _happenings(
    factory: Factory,
    person: Person,
    asked: Asked,
    reference: str,
    staff: dict[str, ObjectId],
) -> list[Happening]:
    at = _asked_at(factory, asked)
    phoned = asked.channel == "phone"
    officer = Actor.staff(staff[OFFICER], StaffRole.OFFICER)
    told = {"reference": reference}
    filed = Happening(
        at,
        Event.REQUEST_FILED,
        officer if phoned else Actor.client(person.id),
        Purpose.LEGAL,
        ("requests",),
        {**told, "right": asked.right.value},
    )
    later = at + timedelta(hours=3)
    given = Happening(later, Event.CASE_ASSIGNED, officer, Purpose.LEGAL, (), told)
    return [filed, given] if asked.holder else [filed]
