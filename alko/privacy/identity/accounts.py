"""Opening an account: its keys first, then its records (promise P4, P11)."""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database import connection
from alko.database.keyring import key_name
from alko.models.client import Client, ClientStatus, Credentials
from alko.models.profile import Contact, ContactRecord, Identity, IdentityRecord
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.identity import email_address
from alko.privacy.vocabulary import Purpose

KEY_CLASSES = ("account", "documents", "technical", "correspondence", "ledger/open")
"""The keys every account has; a year's ledger key is made when an order closes."""


class AddressTaken(Exception):
    """There is an account with this email address."""


def email_index(email: str) -> str:
    """The blind index by which an account is found; one for all spellings of an address."""
    return connection.current().blind_index.of("email", email_address.comparable(email))


def create_keys(client: ObjectId, classes: tuple[str, ...] = KEY_CLASSES) -> None:
    """Make the client's keys; those that exist are left as they are."""
    connection.current().keyring.create(key_name(client, name) for name in classes)


def open_account(
    client: ObjectId,
    credentials: Credentials,
    contact: Contact,
    identity: Identity | None = None,
    *,
    opened_at: datetime | None = None,
    status: ClientStatus = ClientStatus.ACTIVE,
) -> ObjectId:
    """Create an account with its contact and identity; AddressTaken where there is one.

    The account itself is written last: a crash before leaves nothing that could sign in, and the
    same call again completes what is missing.
    """
    dated, opened_at = opened_at, opened_at or datetime.now(UTC)
    if Client.raw().find_one({"email_index": email_index(contact.email)}, {"_id": 1}):
        raise AddressTaken
    create_keys(client)
    identity = identity or Identity()
    for record in (
        ContactRecord.sealing(
            contact,
            client=client,
            recorded_at=opened_at,
            phone_index=index_of("phone", contact.phone),
        ),
        IdentityRecord.sealing(
            identity,
            client=client,
            recorded_at=opened_at,
            identification_index=index_of("identification", identity.identification_number),
        ),
    ):
        if not type(record).raw().find_one({"client": client}, {"_id": 1}):
            record.save()
    ledger.append(client, Event.ACCOUNT_OPENED, Actor.client(client), Purpose.SERVICE, at=dated)
    account = Client.sealing(
        credentials,
        id=client,
        client=client,
        recorded_at=opened_at,
        email_index=email_index(contact.email),
        status=status.value,
        last_active_at=opened_at,
    )
    try:
        account.save()
    except NotUniqueError:
        raise AddressTaken from None
    return client


def index_of_email(email: str) -> str | None:
    """The same for an address that may be unknown; None for an empty one."""
    return email_index(email) if email else None


def index_of(kind: str, value: str) -> str | None:
    """The blind index of a value; None for an empty one."""
    return connection.current().blind_index.of(kind, value) if value else None
