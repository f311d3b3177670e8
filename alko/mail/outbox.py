"""The outbox: a mail is written here by whoever needs one, and sent by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.mail.kinds import MAILS, MailKind, checked_context
from alko.models.communication import Mail, MailDetails, MailStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention
from alko.privacy.rights import marketing
from alko.privacy.vocabulary import Purpose


def write(
    kind: MailKind,
    client: ObjectId,
    to: str,
    context: Mapping[str, str],
    *,
    void: bool = False,
    under: str = Mail.KEY_CLASS,
    event: str | None = None,
    about: str | None = None,
) -> ObjectId:
    """Queue one mail and return its id; sealed under the client's key of the class ``under``.

    ``client`` may also be the id of a registration that has this key. A ``void`` mail costs the
    same reads and writes and is never sent: it stands where there is no account, so that nobody
    can tell from the answer's timing. Of the address and the links a void mail keeps nothing.
    ``about`` is the reference of the case that an answer to this mail belongs to.

    ``event`` names what the mail tells of (ids and codes) for callers that may be interrupted and
    begin anew: a second call for the same client and event returns the mail of the first.

    Marketing to who did not opt in, or to an address that unsubscribed, raises MarketingRefused.
    Raises WrongContext, KeyDestroyed (no such key) or LedgerUnavailable; nothing is queued then.
    """
    checked = checked_context(kind, context)
    if MAILS[kind].marketing:
        marketing.check(client, accounts.email_index(to))
    if event and (known := written(client, event)):
        return known
    now = datetime.now(UTC)
    mail = Mail.sealing(
        MailDetails(to="") if void else MailDetails(to=to, context=dict(checked)),
        client=client,
        recorded_at=now,
        erase_after=retention.correspondence_ends(now),
        kind=kind.value,
        under=under,
        event=event,
        about=about,
        status=(MailStatus.VOID if void else MailStatus.QUEUED).value,
        next_attempt_at=None if void else now,
    )
    ledger.append(
        client,
        Event.MAIL_WRITTEN,
        Actor.job(Job.MAIL),
        Purpose.COMMUNICATION,
        categories=["mails"],
        details={"kind": kind.value},
    )
    try:
        mail.save()
    except NotUniqueError:
        known = written(client, event) if event else None
        if known is None:
            raise
        return known  # another process was faster
    return ObjectId(mail.pk)


def written(client: ObjectId, event: str) -> ObjectId | None:
    """The mail that tells this client of this event, if it was written already."""
    found = Mail.raw().find_one({"event": event, "client": client}, {"_id": 1})
    return found["_id"] if found else None
