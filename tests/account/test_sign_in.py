"""Signing in and out: what the cookie is worth, and for how long."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from alko.demo.factories import Person
from alko.models import SignIn
from tests.account.conftest import Mails, link_in
from tests.portal import Page, Portal

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def attempt(portal: Portal, email: str, password: str, **more: object) -> Page:
    portal.get("/account/sign-in")
    return portal.submit("/account/sign-in", email=email, password=password, **more)


def test_the_right_password_leads_to_my_data(portal: Portal, person: Person) -> None:
    page = attempt(portal, person.contact.email, person.password)
    assert page.signed_in
    assert page.address == "/my-data"
    assert portal.get("/account/sign-in").address == "/my-data", "who is in need not sign in again"


def test_the_address_may_be_typed_in_capitals(portal: Portal, person: Person) -> None:
    assert attempt(portal, f" {person.contact.email.upper()} ", person.password).signed_in


def test_a_wrong_password_is_refused_and_the_address_kept(portal: Portal, person: Person) -> None:
    page = attempt(portal, person.contact.email, person.password + "x", remember=True)
    assert page.status == 422
    assert not page.signed_in
    assert page.errors == ["The email address or the password is wrong. Please check both."]
    data = page.form("/account/sign-in").data
    assert data["email"] == person.contact.email
    assert data["remember"]
    assert data["password"] == ""
    assert SignIn.objects(client=person.id).count() == 0


def test_a_password_is_taken_as_typed(portal: Portal, person: Person) -> None:
    assert attempt(portal, person.contact.email, f" {person.password}").status == 422


def test_who_was_on_the_way_somewhere_arrives_there(portal: Portal, person: Person) -> None:
    page = portal.get("/my-data/orders?page=1")
    assert page.address.startswith("/account/sign-in")
    page = portal.submit("/account/sign-in", email=person.contact.email, password=person.password)
    assert page.address == "/my-data/orders?page=1"


def test_the_way_is_not_lost_by_a_typing_mistake(portal: Portal, person: Person) -> None:
    portal.get("/my-data/orders")
    page = portal.submit("/account/sign-in", email=person.contact.email, password="wrong")
    assert page.status == 422
    page = portal.submit("/account/sign-in", email=person.contact.email, password=person.password)
    assert page.address == "/my-data/orders"


def test_the_cookie_of_a_visitor_is_worthless_after_signing_in(
    app: Flask, portal: Portal, person: Person
) -> None:
    """Whoever planted a session in the browser does not get in with it (session fixation)."""
    portal.get("/account/sign-in")
    planted = portal.client.get_cookie("alko_session")
    assert planted
    attempt(portal, person.contact.email, person.password)
    thief = Portal(app)
    thief.client.set_cookie("alko_session", planted.value)
    assert not thief.get("/").signed_in


def test_signing_out_ends_the_session_on_the_server(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    cookie = signed_in.client.get_cookie("alko_session")
    assert cookie
    signed_in.get("/my-data")
    page = signed_in.sign_out()
    assert page.address == "/"
    assert not page.signed_in
    assert "signed out" in page.text
    thief = Portal(app)
    thief.client.set_cookie("alko_session", cookie.value)
    assert thief.get("/my-data", follow=False).status == 303
    assert [one.state for one in SignIn.objects(client=person.id)] == ["ended"]


def test_signing_out_by_a_link_is_not_possible(signed_in: Portal) -> None:
    assert signed_in.get("/account/sign-out").status == 405
    assert signed_in.get("/").signed_in


def test_signing_out_twice_is_no_fault(portal: Portal) -> None:
    assert portal.post("/account/sign-out").status == 200


def test_only_a_wanted_cookie_outlives_the_browser(
    app: Flask, portal: Portal, person: Person
) -> None:
    attempt(portal, person.contact.email, person.password)
    assert portal.client.get_cookie("alko_remember") is None
    other = Portal(app)
    attempt(other, person.contact.email, person.password, remember=True)
    remembered = other.client.get_cookie("alko_remember")
    assert remembered
    assert remembered.http_only
    assert remembered.max_age == 30 * 24 * 60 * 60 or remembered.expires is not None

    other.client.delete_cookie("alko_session")  # the browser was closed
    assert other.get("/my-data").signed_in
    page = other.get("/account/two-factor")
    assert page.address.startswith("/account/confirm-password"), "remembered is not confirmed"

    other.sign_out()
    assert other.client.get_cookie("alko_remember") is None
    thief = Portal(app)
    thief.client.set_cookie("alko_remember", remembered.value)
    assert not thief.get("/").signed_in


def test_a_forged_remember_cookie_opens_nothing(app: Flask, person: Person) -> None:
    Portal(app).enter(person.id)
    for value in (str(person.id), f"{person.id}|{'0' * 128}", "x|y", "|"):
        forger = Portal(app)
        forger.client.set_cookie("alko_remember", value)
        page = forger.get("/my-data", follow=False)
        assert page.status == 303, value


def test_a_new_device_is_told_by_mail_and_a_known_one_is_not(
    app: Flask, person: Person, mails: Mails
) -> None:
    def sign_in(agent: str) -> int:
        portal = Portal(app)
        portal.get("/account/sign-in", User_Agent=agent)
        portal.submit(
            "/account/sign-in",
            email=person.contact.email,
            password=person.password,
            headers={"User-Agent": agent},
        )
        return len(mails(person.contact.email))

    first = sign_in(FIREFOX)
    assert sign_in(FIREFOX) == first
    assert sign_in(IPHONE) == first + 1
    newest = mails(person.contact.email)[0]
    assert newest["Subject"] == "A sign-in from a new device"
    assert link_in(newest) == "/account/sessions"
    assert sign_in(IPHONE) == first + 1


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "///evil.example", "\\evil"],
)
def test_who_is_signed_in_is_not_sent_elsewhere_by_a_link(signed_in: Portal, target: str) -> None:
    page = signed_in.get(f"/account/sign-in?next={quote(target)}", follow=False)
    assert page.headers["Location"] == "/my-data"


@pytest.mark.promise("P5")
def test_the_address_is_kept_truncated(portal: Portal, person: Person) -> None:
    portal.address = "198.51.100.77"
    attempt(portal, person.contact.email, person.password)
    page = portal.get("/account/sessions")
    assert "198.51.100.0" in page.main
    assert "198.51.100.77" not in page.html
    assert "198.51.100.77" not in portal.get("/my-data/sign-ins").html
