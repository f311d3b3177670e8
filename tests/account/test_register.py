"""Opening an account: nothing exists until the owner of the address confirms it."""

from __future__ import annotations

import pytest
from flask import Flask

from alko.demo.factories import Person
from alko.models import Client, Mail, Registration
from alko.privacy.identity import accounts
from alko.privacy.identity.tokens import Links
from tests.account.conftest import NEW_PASSWORD, Mails, link_in, new_address, text_of
from tests.portal import Page, Portal


def register(portal: Portal, address: str, password: str = NEW_PASSWORD) -> Page:
    portal.get("/account/register")
    return portal.submit("/account/register", email=address, password=password)


def has_account(address: str) -> bool:
    return Client.objects(email_index=accounts.email_index(address)).count() == 1


def waiting(address: str) -> int:
    return int(Registration.objects(email_index=accounts.email_index(address)).count())


def test_from_the_form_through_the_mail_to_the_first_sign_in(portal: Portal, mails: Mails) -> None:
    address = new_address()
    page = register(portal, address)
    assert page.address == "/account/registered"
    assert not portal.get("/").signed_in
    assert not has_account(address)
    assert waiting(address) == 1

    (mail,) = mails(address)
    assert mail["Subject"] == "Confirm your email address"
    link = link_in(mail)
    page = portal.get(link)
    assert page.status == 200
    assert not has_account(address), "a scanner that follows links confirms nothing"

    page = portal.submit(link)
    assert page.address == "/account/sign-in"
    assert "confirmed" in page.text
    assert has_account(address)
    assert waiting(address) == 0
    portal.sign_in(address, NEW_PASSWORD)
    assert portal.get("/my-data/contact").text.count(address) >= 1


@pytest.mark.promise("P14")
def test_the_mail_carries_a_link_and_no_data(portal: Portal, mails: Mails) -> None:
    address = new_address()
    register(portal, address)
    (mail,) = mails(address)
    everything = mail.as_string()
    assert NEW_PASSWORD not in everything
    assert address not in text_of(mail)
    assert address not in link_in(mail)


@pytest.mark.promise("P11")
def test_what_was_typed_is_stored_sealed(portal: Portal) -> None:
    address = new_address()
    register(portal, address)
    stored = Registration.raw().find_one({"email_index": accounts.email_index(address)})
    mail = Mail.raw().find_one({"client": stored["client"]})
    for document in (stored, mail):
        assert address.encode() not in repr(document).encode()
        assert NEW_PASSWORD not in repr(document)


def test_a_link_opens_one_account_once(portal: Portal, mails: Mails) -> None:
    address = new_address()
    register(portal, address)
    link = link_in(mails(address)[0])
    portal.get(link)
    portal.submit(link)
    portal.get(link)
    page = portal.submit(link)
    assert page.status == 404
    assert "does not work" in page.h1
    assert has_account(address)


def test_who_registers_the_address_of_another_does_not_know_their_password(
    app: Flask, portal: Portal, mails: Mails
) -> None:
    address, chosen = new_address(), "seven geese walk over the bridge"
    register(Portal(app), address, chosen)
    link = link_in(mails(address)[0])
    portal.get(link)
    for typed, complaint in (("", "Enter the password"), (NEW_PASSWORD, "not the password")):
        page = portal.submit(link, password=typed)
        assert page.status == 422
        assert complaint in page.errors[0]
    assert not has_account(address)

    page = portal.get(link)
    assert "/account/register" in page.links
    register(portal, address)
    own = next(found for mail in mails(address) if (found := link_in(mail)) != link)
    portal.get(own)
    assert portal.submit(own).address == "/account/sign-in"
    assert portal.sign_in(address, NEW_PASSWORD)
    portal.sign_out()
    portal.get("/account/sign-in")
    page = portal.submit("/account/sign-in", email=address, password=chosen)
    assert page.status == 422


def test_the_link_may_be_opened_on_another_device(app: Flask, portal: Portal, mails: Mails) -> None:
    address = new_address()
    register(portal, address)
    telephone = Portal(app)
    link = link_in(mails(address)[0])
    telephone.get(link)
    page = telephone.submit(link, password=NEW_PASSWORD)
    assert page.address == "/account/sign-in"
    telephone.sign_in(address, NEW_PASSWORD)


def test_of_two_registrations_of_an_address_the_first_confirmed_counts(
    portal: Portal, mails: Mails
) -> None:
    address = new_address()
    register(portal, address)
    first = link_in(mails(address)[0])
    register(portal, address, "another password of seven words")
    second = next(link for mail in mails(address) if (link := link_in(mail)) != first)
    portal.get(first)
    portal.submit(first)
    portal.get(second)
    assert portal.submit(second).status == 404
    portal.sign_in(address, NEW_PASSWORD)


def test_an_address_with_an_account_gets_the_same_answer_and_another_mail(
    portal: Portal, person: Person, mails: Mails
) -> None:
    unknown = register(portal, new_address())
    known = register(portal, person.contact.email)
    assert (known.status, known.address, known.main) == (
        unknown.status,
        unknown.address,
        unknown.main,
    )
    (mail,) = mails(person.contact.email)
    assert mail["Subject"] == "You already have an account"
    assert link_in(mail) == "/account/forgotten-password"
    portal.sign_in(person.contact.email, person.password)


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        (str.upper, True),
        (lambda address: f"  {address} ", True),
        (lambda address: address.replace("@", "+more@"), False),
    ],
)
def test_spellings_of_an_address_lead_to_one_account(
    portal: Portal, person: Person, mails: Mails, spelling: object, same: bool
) -> None:
    assert callable(spelling)
    typed = spelling(person.contact.email)
    before = Registration.objects().count()
    register(portal, typed)
    assert Registration.objects().count() == before + 1
    known = accounts.email_index(typed) == accounts.email_index(person.contact.email)
    assert known == same
    newest = Mail.objects().order_by("-recorded_at").first()
    assert newest.kind == ("already_registered" if same else "confirm_registration")


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("", "Choose a password"),
        ("short", "at least 12"),
        ("password1234", "common"),
        ("qwertyuiop123", "common"),
        ("iloveyou12345", "common"),
        ("x" * 129, "at most 128"),
    ],
)
def test_a_bad_password_is_refused_and_the_address_is_kept(
    portal: Portal, password: str, complaint: str
) -> None:
    address = new_address()
    page = register(portal, address, password)
    assert page.status == 422
    assert any(complaint in error for error in page.errors), page.errors
    form = page.form("/account/register")
    assert form.data["email"] == address
    assert form.data["password"] == "", "a password is never sent back"
    assert page.title.startswith("Error:")
    assert waiting(address) == 0


def test_a_password_made_of_the_address_is_refused(portal: Portal) -> None:
    page = register(portal, "wilhelmina.thistle@mail.example", "wilhelmina.thistle1")
    assert page.status == 422
    assert any("easy to guess" in error for error in page.errors), page.errors


@pytest.mark.parametrize("typed", ["nobody", "a@b", "a b@mail.example", "@mail.example", "a@@b.c"])
def test_what_is_no_address_is_named_and_kept(portal: Portal, typed: str) -> None:
    page = register(portal, typed)
    assert page.status == 422
    assert page.form("/account/register").data["email"] == typed


def test_forged_and_foreign_tokens_open_nothing(app: Flask, portal: Portal, mails: Mails) -> None:
    address = new_address()
    register(portal, address)
    token = link_in(mails(address)[0]).rpartition("/")[2]
    stored = Registration.objects(email_index=accounts.email_index(address)).get()
    links = Links(app.config["SECRET_KEY"])
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for forged in (
        changed,
        Links("another secret").make("registration", stored.client),
        links.make("already", stored.client),
        links.make("password", stored.client),
        "x",
    ):
        portal.get(f"/account/confirm/{forged}")
        assert portal.submit(f"/account/confirm/{forged}").status == 404
    assert not has_account(address)
