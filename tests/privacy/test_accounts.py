"""Opening an account: keys first, the account last, so that a crash leaves nothing half open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.models import Client, ContactRecord, IdentityRecord
from alko.models.client import Credentials
from alko.models.profile import Contact, Identity
from alko.privacy.identity import accounts
from alko.privacy.identity.accounts import KEY_CLASSES, AddressTaken, open_account

pytestmark = pytest.mark.usefixtures("app")
CREDENTIALS = Credentials(password_hash="x")


def address() -> str:
    return f"{ObjectId()}@mail.example"


@pytest.mark.promise("P11")
def test_an_account_has_a_key_for_each_rule(app: Flask) -> None:
    client = open_account(ObjectId(), CREDENTIALS, Contact(email=address()))
    names = connection.current().keyring.names(f"client/{client}/")
    assert names == sorted(f"client/{client}/{one}" for one in KEY_CLASSES)


@pytest.mark.promise("P4")
def test_numbers_are_found_by_their_blind_index_only(app: Flask) -> None:
    number, phone = f"ID-{ObjectId()}", "+40712000111"
    client = open_account(
        ObjectId(),
        CREDENTIALS,
        Contact(email=address(), phone=phone),
        Identity(identification_number=number),
    )
    index = accounts.index_of("identification", number)
    stored = IdentityRecord.raw().find_one({"identification_index": index})
    assert stored["client"] == client
    assert number not in repr(stored)
    contact = ContactRecord.raw().find_one({"client": client})
    assert contact["phone_index"] == accounts.index_of("phone", "+40 712 000 111")
    assert phone not in repr(contact)
    assert accounts.index_of("phone", number) != accounts.index_of("identification", number)


def test_what_is_empty_has_no_index(app: Flask) -> None:
    assert accounts.index_of("phone", "") is None
    client = open_account(ObjectId(), CREDENTIALS, Contact(email=address()))
    assert ContactRecord.raw().find_one({"client": client}).get("phone_index") is None


@pytest.mark.parametrize(
    "typed",
    [
        "  x@demo.example ",
        "X@DEMO.example",
        "x@de\ufe00mo.example",
        "x@demo。example",
        "x@ｄｅｍｏ.example",
    ],
)
def test_all_spellings_of_an_address_have_one_index(app: Flask, typed: str) -> None:
    assert accounts.email_index(typed) == accounts.email_index("x@demo.example")


def test_what_is_no_address_has_an_index_of_its_own(app: Flask) -> None:
    indexes = {accounts.email_index(typed) for typed in ("", "x", "x@", "x@demo..example")}
    assert len(indexes) == 4


def test_an_address_belongs_to_one_account(app: Flask) -> None:
    email = address()
    open_account(ObjectId(), CREDENTIALS, Contact(email=email))
    for spelled in (email, email.upper(), f" {email} "):
        with pytest.raises(AddressTaken):
            open_account(ObjectId(), CREDENTIALS, Contact(email=spelled))


def test_of_several_at_once_one_gets_the_address(app: Flask) -> None:
    email = address()

    def attempt(_: int) -> bool:
        try:
            open_account(ObjectId(), CREDENTIALS, Contact(email=email))
        except AddressTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    assert Client.objects(email_index=accounts.email_index(email)).count() == 1


def test_after_a_crash_the_same_call_completes_what_is_missing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, contact = ObjectId(), Contact(email=address(), city="Constanța")

    class Crash(Exception):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(Client, "sealing", crash)
        with pytest.raises(Crash):
            open_account(number, CREDENTIALS, contact)
    assert Client.objects(id=number).count() == 0, "nobody can sign in to half an account"
    assert open_account(number, CREDENTIALS, contact) == number
    assert Client.objects(id=number).count() == 1
    assert ContactRecord.objects(client=number).count() == 1
    assert IdentityRecord.objects(client=number).count() == 1
