"""Forgotten, changed and confirmed passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from alko.demo.factories import Person
from alko.models import Mail
from alko.privacy.identity import tokens
from alko.privacy.identity.tokens import Links
from tests.account.conftest import NEW_PASSWORD, Mails, link_in, new_address
from tests.portal import Page, Portal


def ask(portal: Portal, address: str) -> Page:
    portal.get("/account/forgotten-password")
    return portal.submit("/account/forgotten-password", email=address)


def asked_link(portal: Portal, person: Person, mails: Mails) -> str:
    ask(portal, person.contact.email)
    newest = mails(person.contact.email)[0]
    assert newest["Subject"] == "Choose a new password"
    return link_in(newest)


def refused(app: Flask, person: Person, password: str) -> bool:
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.submit("/account/sign-in", email=person.contact.email, password=password)
    return page.status == 422


def test_a_mailed_link_sets_a_new_password_once_and_ends_all_sessions(
    app: Flask, portal: Portal, person: Person, mails: Mails
) -> None:
    elsewhere = Portal(app).enter(person.id)
    assert elsewhere.get("/my-data").signed_in
    link = asked_link(portal, person, mails)
    portal.get(link)
    page = portal.submit(link, password=NEW_PASSWORD)
    assert page.address == "/account/sign-in"
    assert not page.signed_in, "a link opens no session"
    assert elsewhere.get("/my-data", follow=False).status == 303
    assert mails(person.contact.email)[0]["Subject"] == "Your password was changed"

    portal.get(link)
    page = portal.submit(link, password="and yet another password here")
    assert page.status == 404
    assert "does not work" in page.h1
    assert refused(app, person, person.password)
    portal.sign_in(person.contact.email, NEW_PASSWORD)


def test_looking_at_the_link_changes_nothing(
    app: Flask, portal: Portal, person: Person, mails: Mails
) -> None:
    elsewhere = Portal(app).enter(person.id)
    assert portal.get(asked_link(portal, person, mails)).status == 200
    assert elsewhere.get("/my-data").signed_in


def test_a_weak_new_password_is_refused_and_the_link_still_works(
    portal: Portal, person: Person, mails: Mails
) -> None:
    link = asked_link(portal, person, mails)
    portal.get(link)
    page = portal.submit(link, password="password1234")
    assert page.status == 422
    assert portal.submit(link, password=NEW_PASSWORD).address == "/account/sign-in"


def test_an_older_link_dies_with_the_password_it_was_made_for(
    portal: Portal, signed_in: Portal, person: Person, mails: Mails
) -> None:
    link = asked_link(portal, person, mails)
    signed_in.get("/account/change-password")
    signed_in.submit(current_password=person.password, new_password=NEW_PASSWORD)
    portal.get(link)
    assert portal.submit(link, password="and yet another password here").status == 404


def test_nobody_is_told_whether_there_is_an_account(portal: Portal, mails: Mails) -> None:
    address = new_address()
    page = ask(portal, address)
    assert page.address == "/account/link-sent"
    assert "If there is an account" in page.main
    assert mails(address) == []
    newest = Mail.objects().order_by("-recorded_at").first()
    assert newest.status == "void"


def test_a_link_is_too_old_after_an_hour(
    app: Flask, portal: Portal, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = int((datetime.now(UTC) - timedelta(seconds=tokens.RESET_SECONDS + 1)).timestamp())
    with monkeypatch.context() as patched:
        patched.setattr(TimestampSigner, "get_timestamp", lambda _: late)
        token = Links(app.config["SECRET_KEY"]).make("password", person.id, "whatever")
    page = portal.get(f"/account/reset-password/{token}")
    assert page.status == 404
    assert "/account/forgotten-password" in page.links


def test_changing_the_password_ends_the_other_sessions_only(
    app: Flask, signed_in: Portal, person: Person, mails: Mails
) -> None:
    elsewhere = Portal(app).enter(person.id)
    signed_in.get("/account/change-password")
    page = signed_in.submit(current_password=person.password, new_password=NEW_PASSWORD)
    assert page.address == "/account/security"
    assert page.signed_in
    assert elsewhere.get("/my-data", follow=False).status == 303
    assert mails(person.contact.email)[0]["Subject"] == "Your password was changed"
    assert refused(app, person, person.password)
    assert not refused(app, person, NEW_PASSWORD)


def test_changing_needs_the_present_password(
    app: Flask, signed_in: Portal, person: Person, mails: Mails
) -> None:
    elsewhere = Portal(app).enter(person.id)
    signed_in.get("/account/change-password")
    page = signed_in.submit(current_password="guessed wrongly", new_password=NEW_PASSWORD)
    assert page.status == 422
    assert page.errors == ["This is not your current password."]
    assert elsewhere.get("/my-data").signed_in
    assert mails(person.contact.email) == []
    assert refused(app, person, NEW_PASSWORD)


@pytest.mark.parametrize("new", ["correct-horse-demo", "correct-horse-demo1", "123456789012"])
def test_a_new_password_is_neither_the_old_one_nor_common(
    signed_in: Portal, person: Person, new: str
) -> None:
    signed_in.get("/account/change-password")
    page = signed_in.submit(current_password=person.password, new_password=new)
    assert page.status == 422
    assert page.errors


FRESH = "/account/two-factor"


def test_what_is_delicate_asks_for_the_password_again(app: Flask, person: Person) -> None:
    portal = Portal(app).enter(person.id, fresh=False)
    page = portal.get(FRESH)
    assert page.address.startswith("/account/confirm-password?next=")
    page = portal.submit("/account/confirm-password", password="wrong")
    assert page.status == 422
    assert page.errors == ["This is not your password."]
    page = portal.submit("/account/confirm-password", password=person.password)
    assert page.address == FRESH
    assert portal.get(FRESH).address == FRESH, "for the next minutes it is not asked again"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)", "evil"],
)
def test_confirming_never_leads_to_another_site(app: Flask, person: Person, target: str) -> None:
    portal = Portal(app).enter(person.id, fresh=False)
    portal.get(f"/account/confirm-password?next={quote(target)}")
    page = portal.submit("/account/confirm-password", password=person.password, follow=False)
    assert page.status == 303
    assert page.headers["Location"] == "/my-data"


def test_a_confirmation_is_in_the_ledger(app: Flask, person: Person) -> None:
    portal = Portal(app).enter(person.id, fresh=False)
    portal.get("/account/confirm-password")
    portal.submit("/account/confirm-password", password=person.password)
    assert "The password was confirmed once more" in portal.get("/my-data/activity").main
