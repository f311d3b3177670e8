"""The warnings to inactive clients (promise P20)."""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.profile import ContactRecord
from alko.privacy import inactivity
from alko.privacy.access import Actor, Job
from alko.privacy.dossier import Dossier, NoSuchRecord
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose


def look_after() -> tuple[int, int]:
    """Warn who must be warned today, and schedule the erasure of accounts that are over."""
    return inactivity.look_after(datetime.now(UTC), warn)


def warn(client: ObjectId) -> None:
    """Write one warning; a client whose address cannot be read any more is not reachable."""
    try:
        _, contact = Dossier.open(
            client,
            Actor.job(Job.MAIL),
            Purpose.COMMUNICATION,
            categories=["contact"],
            event=Event.ADDRESS_READ,
        ).record(ContactRecord)
    except (KeyDestroyed, NoSuchRecord):
        return
    link = {"link": "/account/sign-in"}
    outbox.write(MailKind.INACTIVITY_WARNING, client, contact.email, link)
