"""Unconfirmed registrations end after 48 hours, with everything that came with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from bson import ObjectId
from flask import Flask
from mongoengine import NotUniqueError

from alko.account import operations
from alko.database import connection
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.client import Client, Credentials, Registration, RegistrationDetails
from alko.models.communication import Mail
from alko.models.profile import Contact
from alko.privacy.accountability import ledger
from alko.privacy.identity import accounts
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.lifecycle import expired_registrations, retention

pytestmark = pytest.mark.usefixtures("app")

LONG_AGO = timedelta(hours=49)


def register(ago: timedelta) -> ObjectId:
    client = ObjectId()
    address = f"{client}@example.com"
    accounts.create_keys(client, ("account",))
    registered_at = datetime.now(UTC) - ago
    Registration.sealing(
        RegistrationDetails(email=address, password_hash="x"),
        id=client,
        client=client,
        recorded_at=registered_at,
        erase_after=retention.registration_ends(registered_at),
        email_index=accounts.email_index(address),
    ).save()
    outbox.write(MailKind.CONFIRM_REGISTRATION, client, address, {"link": "/account/confirm/x"})
    return client


def everything_of(client: ObjectId) -> dict[str, int]:
    """How many records there are of somebody, by collection."""
    counts = {
        name: connection.current().database[name].count_documents({"client": client})
        for name in connection.current().database.list_collection_names()
    }
    return {name: count for name, count in counts.items() if count}


def left_of(client: ObjectId) -> tuple[int, int, int]:
    """How many registrations, mails and keys there are."""
    return (
        Registration.raw().count_documents({"client": client}),
        Mail.raw().count_documents({"client": client}),
        len(connection.current().keyring.names(f"client/{client}/")),
    )


@pytest.mark.promise("P19", "P25")
def test_what_nobody_confirmed_goes_with_its_mail_and_keys(app: Flask) -> None:
    over, fresh = register(LONG_AGO), register(timedelta(hours=47))

    assert expired_registrations.remove() >= 1

    assert left_of(over) == (0, 0, 0)
    assert left_of(fresh) == (1, 1, 1)


@pytest.mark.promise("P19", "P25")
@pytest.mark.parametrize("how", ["address taken", "killed"])
def test_a_confirmation_that_opened_no_account_leaves_nothing(
    app: Flask, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contact and identity are stored before the account, and each look writes into a chain."""
    client = register(LONG_AGO)
    links = Links(app.config["SECRET_KEY"])
    failure = NotUniqueError if how == "address taken" else SystemExit
    with monkeypatch.context() as patch, pytest.raises((LinkInvalid, SystemExit)):
        patch.setattr(Client, "save", mock.Mock(side_effect=failure))
        operations.confirm_registration(links, links.make("registration", client), None)
    ledger.verify(client)
    kinds = {"registrations", "mails", "contacts", "identities", "ledger", "ledger_checkpoints"}
    assert everything_of(client).keys() == kinds

    expired_registrations.remove()

    assert everything_of(client) == {}
    assert left_of(client) == (0, 0, 0)


def test_a_confirmation_in_the_last_second_may_still_end(app: Flask) -> None:
    client = register(timedelta(hours=48, seconds=30))
    expired_registrations.remove()

    assert left_of(client) == (1, 1, 1)


def test_one_that_became_a_client_keeps_its_keys(app: Flask) -> None:
    client = register(LONG_AGO)
    contact = Contact(email=f"{client}@example.com")
    accounts.open_account(client, Credentials(password_hash="x"), contact)

    expired_registrations.remove()

    registrations, mails, keys = left_of(client)
    assert (registrations, mails) == (0, 1)
    assert keys == len(accounts.KEY_CLASSES)
    assert Client.raw().count_documents({"_id": client}) == 1


def test_it_is_all_or_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process fails after the records went and before the keys do."""
    client = register(LONG_AGO)

    class Broken(Exception):
        pass

    def fail(*_: object, **__: object) -> int:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(type(connection.current().keyring), "destroy", fail)
        with pytest.raises(Broken):
            expired_registrations.remove()
    assert left_of(client) == (1, 1, 1)

    expired_registrations.remove()
    assert left_of(client) == (0, 0, 0)
