"""A new email address: confirmed from its own mailbox before it takes the old one's place (P27)."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.database.records import retried
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.client import Client
from alko.models.profile import Contact, ContactRecord
from alko.models.request import Change
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts, tokens
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.rights import choices, rectification, suppression
from alko.privacy.vocabulary import Purpose

USE = "email"
PERIOD = timedelta(seconds=tokens.REGISTRATION_SECONDS)


def ask(links: Links, client: ObjectId, actor: Actor, email: str) -> bool:
    """Write to the new address; a later call replaces this one. False: it is the present one.

    The same is done whether or not the address has an account: only its owner finds out.
    """
    dossier = Dossier.open(
        client, actor, Purpose.SERVICE, categories=["contact"], event=Event.NEW_ADDRESS_ASKED
    )
    _, contact = dossier.record(ContactRecord)
    if accounts.email_index(email) == accounts.email_index(contact.email):
        return False
    until = datetime.now(UTC) + PERIOD
    retried(lambda: _note(dossier, email, until))
    link = {"link": f"/account/confirm-email/{links.make(USE, client, email)}"}
    outbox.write(MailKind.CONFIRM_EMAIL, client, email, link)
    return True


def _note(dossier: Dossier, email: str, until: datetime | None) -> None:
    record, contact = dossier.record(ContactRecord)
    record.seal(dataclasses.replace(contact, new_email=email))
    record.new_email_until = until
    record.save()


def confirm(links: Links, token: str) -> None:
    """The address's owner confirms: it counts from now on, and the former one is told.

    Raises LinkInvalid where the link is too old, was used, was replaced, or the address has an
    account meanwhile.
    """
    client, bound = links.read(USE, token, tokens.REGISTRATION_SECONDS)
    try:
        contact, until = _held(client)
    except (NoSuchRecord, KeyDestroyed):
        raise LinkInvalid from None
    new, former = contact.new_email, contact.email
    if not new or until is None or tokens.fingerprint(new) != bound or _taken(new):
        raise LinkInvalid
    # What was unsubscribed stays so, and from a list too long nobody gets a mail too many.
    if suppression.covers(accounts.email_index(former)):
        suppression.add(suppression.hash_of(accounts.email_index(new)))
    # Before the change: a crash in between lets the former address know too much, never too little.
    link = {"link": "/account/forgotten-password"}
    # Each change is told of: the same address may be asked for again at another time.
    event = f"email/{bound}/{until:%Y%m%d%H%M%S%f}"
    outbox.write(MailKind.EMAIL_CHANGED, client, former, link, event=event)
    try:
        change = Change(field=rectification.BY_MAIL, old=former, new=new)
        rectification.apply_now(client, Actor.client(client), [change])
    except accounts.AddressTaken:
        raise LinkInvalid from None
    unsubscribed = suppression.covers(accounts.email_index(new))
    if unsubscribed and choices.granted(client, "marketing"):
        # Nothing would be sent there: the pages must not say otherwise.
        choices.decide(client, Actor.client(client), "marketing", False, "new_address")


def works(links: Links, token: str) -> bool:
    """Whether a link is genuine and young enough (the rest shows when it is used)."""
    try:
        links.read(USE, token, tokens.REGISTRATION_SECONDS)
    except LinkInvalid:
        return False
    return True


def _held(client: ObjectId) -> tuple[Contact, datetime | None]:
    """The client's contact, and until when a new address may be confirmed."""
    dossier = Dossier.open(
        client,
        Actor.client(client),
        Purpose.SERVICE,
        categories=["contact"],
        event=Event.NEW_ADDRESS_CONFIRMED,
    )
    record, contact = dossier.record(ContactRecord)
    return contact, record.new_email_until


def _taken(email: str) -> bool:
    query = {"email_index": accounts.email_index(email)}
    return Client.raw().find_one(query, {"_id": 1}) is not None


def forget_unconfirmed(now: datetime) -> int:
    """Forget new addresses that nobody confirmed in time; returns how many (P19)."""
    over = {"new_email_until": {"$lte": now, "$type": "date"}}
    found = [one["client"] for one in ContactRecord.raw().find(over, {"client": 1})]
    for client in found:
        dossier = Dossier.open(
            client,
            Actor.job(Job.RETENTION),
            Purpose.LEGAL,
            categories=["contact"],
            event=Event.NEW_ADDRESS_FORGOTTEN,
        )
        retried(lambda dossier=dossier: _note(dossier, "", None))  # type: ignore[misc]
    return len(found)
