"""Mail to a client's own address, or to the one that a correspondent gave."""

from __future__ import annotations

from bson import ObjectId

from alko.mail import outbox
from alko.mail.kinds import MAILS, MailKind, job_of
from alko.models.contact import Case
from alko.models.profile import ContactRecord
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Restricted
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.rights import marketing
from alko.privacy.vocabulary import Purpose


def notify(
    client: ObjectId,
    kind: MailKind,
    context: dict[str, str],
    event: str | None = None,
    *,
    about: str | None = None,
) -> bool:
    """Write a mail to the client's address; False where a restriction forbids it (P31).

    With an ``event`` one mail and no more, ``about`` names a case: see outbox.write(). A
    correspondent gets news of their case instead: a request of theirs is followed there.
    """
    if event and outbox.written(client, event):
        return True
    if MAILS[kind].marketing:
        marketing.check_client(client)  # before the address is read
    try:
        _, contact = _open(client, kind, "contact").record(ContactRecord)
    except Restricted:
        return False
    except NoSuchRecord:
        case = Case.objects(id=client).exclude("sealed").first()
        if case is None:
            raise
        notify_about(case, MailKind.CASE_NEWS, event)
        return True
    outbox.write(kind, client, contact.email, context, event=event, about=about)
    return True


def notify_about(case: Case, kind: MailKind, event: str | None = None) -> None:
    """Write news of a case to whoever it belongs to: a client, or a correspondent's address."""
    page = f"/contact/{case.reference}"
    if not case.of_stranger:
        notify(case.client, kind, {"link": page}, event, about=case.reference)
        return
    _, details = _open(case.client, kind, "cases").record(Case, id=case.pk)
    if details.email:
        link = {"link": f"{page}/open/{details.token}"}
        outbox.write(kind, case.client, details.email, link, event=event, about=case.reference)


def _open(client: ObjectId, kind: MailKind, category: str) -> Dossier:
    return Dossier.open(
        client,
        Actor.job(job_of(kind)),
        Purpose.COMMUNICATION,
        categories=[category],
        event=Event.ADDRESS_READ,
    )
