"""Service mail to a client's own address."""

from __future__ import annotations

from bson import ObjectId

from alko.mail import outbox
from alko.mail.kinds import MailKind, job_of
from alko.models.profile import ContactRecord
from alko.privacy.access import Actor, Restricted
from alko.privacy.dossier import Dossier
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose


def notify(
    client: ObjectId, kind: MailKind, context: dict[str, str], event: str | None = None
) -> bool:
    """Write a service mail to the client's address; False where a restriction forbids it (P31).

    With an ``event`` one mail and no more: see outbox.write().
    """
    if event and outbox.written(client, event):
        return True
    try:
        dossier = Dossier.open(
            client,
            Actor.job(job_of(kind)),
            Purpose.COMMUNICATION,
            categories=["contact"],
            event=Event.ADDRESS_READ,
        )
    except Restricted:
        return False
    _, contact = dossier.record(ContactRecord)
    outbox.write(kind, client, contact.email, context, event=event)
    return True
