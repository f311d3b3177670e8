"""Service mail to a client's own address."""

from __future__ import annotations

from bson import ObjectId

from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.profile import ContactRecord
from alko.privacy.access import Actor, Job
from alko.privacy.dossier import Dossier
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose


def notify(client: ObjectId, kind: MailKind, context: dict[str, str]) -> None:
    """Write a service mail to the client's address."""
    _, contact = Dossier.open(
        client,
        Actor.job(Job.MAIL),
        Purpose.COMMUNICATION,
        categories=["contact"],
        event=Event.ADDRESS_READ,
    ).record(ContactRecord)
    outbox.write(kind, client, contact.email, context)
