"""What changes something for whoever writes to us, signed in or not."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId

from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.profile import ContactRecord, IdentityRecord
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import cases, suggestions
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose


@dataclass(frozen=True)
class Writer:
    """Who writes: what they say of themselves, or what we know of a client."""

    name: str
    email: str
    client: ObjectId | None = None


@dataclass(frozen=True)
class Said:
    """What a form says."""

    kind: str
    urgent: bool
    subject: str
    message: str
    key: str


def known_writer(client: ObjectId) -> Writer:
    """The client's own name and address, as the form shows them."""
    dossier = Dossier.open(
        client,
        Actor.client(client),
        Purpose.COMMUNICATION,
        categories=["identity", "contact"],
        event=Event.CATEGORY_SHOWN,
    )
    _, identity = dossier.record(IdentityRecord)
    _, contact = dossier.record(ContactRecord)
    return Writer(identity.full_name, contact.email, client)


def send(writer: Writer, said: Said) -> Case:
    """Open a case with this message: in the client's dossier at once, or of a correspondent.

    The same work is done whether or not the address is known to us. Sent twice, it is one case.
    """
    written = cases.Written(
        body=said.message,
        kind=CaseKind(said.kind),
        channel=CaseChannel.FORM,
        name=writer.name,
        email=writer.email,
        subject=said.subject,
        urgent=said.urgent or suggestions.sounds_urgent(said.subject),
    )
    actor = Actor.client(writer.client) if writer.client else Actor.job(Job.CASES)
    number = cases.number_of("form", f"{writer.client} {writer.email} {said.key}")
    return cases.open_case(
        actor, written, client=writer.client, number=number if said.key else None
    )
