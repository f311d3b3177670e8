"""Attempts are counted in the database, so all workers share the count; no address is in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from alko import create_app
from alko.database import connection
from alko.demo.factories import Factory, Person
from config import Settings
from tests.account.conftest import NEW_PASSWORD, Mails, new_address
from tests.portal import Page, Portal

Limited = Callable[..., Flask]


@pytest.fixture
def limited(app: Flask) -> Iterator[Limited]:
    """Another process of the same portal, with other rates; counting begins at none."""
    settings: Settings = app.config["ALKO"]
    counts = f"{settings.database}_limits"

    def make(**rates: str) -> Flask:
        return create_app(dataclasses.replace(settings, **rates))

    connection.current().client.drop_database(counts)
    yield make
    connection.current().client.drop_database(counts)
    connection.connect(settings)


def attempt(portal: Portal, email: str, password: str = "wrong") -> Page:  # noqa: S107
    portal.get("/account/sign-in")
    return portal.submit("/account/sign-in", email=email, password=password)


def test_after_some_attempts_a_page_asks_to_wait(limited: Limited, person: Person) -> None:
    portal = Portal(limited(rate_sign_in="3 per minute"))
    for _ in range(3):
        assert attempt(portal, new_address()).status == 422
    page = attempt(portal, person.contact.email, person.password)
    assert page.status == 429
    assert page.h1 == "Too many attempts"
    assert "wait" in page.main
    assert not page.signed_in
    typed = page.form("/account/sign-in").data
    assert typed["email"] == person.contact.email and typed["password"] == ""
    assert person.password not in page.html
    assert portal.get("/account/sign-in").status == 200, "looking at the form is not an attempt"


def test_all_processes_share_the_count(limited: Limited, person: Person) -> None:
    first, second = (limited(rate_sign_in="3 per minute") for _ in range(2))
    portal = Portal(first)
    for _ in range(3):
        attempt(portal, new_address())
    elsewhere = Portal(second)
    elsewhere.address = portal.address
    assert attempt(elsewhere, person.contact.email, person.password).status == 429


def test_somebody_else_is_not_held_up(limited: Limited, person: Person) -> None:
    app = limited(rate_sign_in="3 per minute")
    portal = Portal(app)
    for _ in range(4):
        attempt(portal, new_address())
    assert attempt(Portal(app), person.contact.email, person.password).signed_in


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "::ffff:203.0.113.8", False),
    ],
)
def test_a_line_counts_as_one_caller_whatever_address_it_uses(
    limited: Limited, first: str, second: str, same: bool
) -> None:
    app = limited(rate_sign_in="2 per minute")
    for address, expected in ((first, 422), (first, 422), (second, 429 if same else 422)):
        portal = Portal(app)
        portal.address = address
        assert attempt(portal, new_address()).status == expected


def test_one_account_cannot_be_tried_from_many_places(limited: Limited, person: Person) -> None:
    app = limited(rate_account_everywhere="3 per hour")
    for number in range(4):
        spelled = person.contact.email.upper() if number % 2 else f" {person.contact.email}"
        page = attempt(Portal(app), spelled)
        assert page.status == (422 if number < 3 else 429), number


@pytest.mark.parametrize(
    "spell",
    [
        lambda address: address.replace(".example", "。example"),
        lambda address: address.replace("mail.", "ma\ufe00il."),
        lambda address: " " * 300 + address,
    ],
    ids=["another full stop", "an invisible character", "spaces"],
)
def test_another_spelling_is_no_way_around_it(
    limited: Limited, person: Person, spell: Callable[[str], str]
) -> None:
    app = limited(rate_account_everywhere="2 per hour")
    spelled = spell(person.contact.email)
    assert attempt(Portal(app), spelled).status == 422
    assert attempt(Portal(app), person.contact.email).status == 422
    assert attempt(Portal(app), spelled, person.password).status == 429


def test_only_failures_count_at_an_account(limited: Limited, person: Person) -> None:
    app = limited(rate_account="2 per hour", rate_account_everywhere="2 per hour")
    email = person.contact.email
    for _ in range(3):
        assert attempt(Portal(app), email, person.password).signed_in
        forger = Portal(app)
        assert forger.post("/account/sign-in", {"email": email}, token=False).status == 400
        assert attempt(forger, email, "").status == 422
    assert attempt(Portal(app), email).status == 422


def test_a_stranger_in_another_place_locks_nobody_out(limited: Limited, person: Person) -> None:
    app = limited(rate_account="2 per hour")
    stranger = Portal(app)
    seen = [attempt(stranger, person.contact.email).status for _ in range(3)]
    assert seen == [422, 422, 429]
    assert attempt(Portal(app), person.contact.email, person.password).signed_in


def test_a_device_that_signed_in_before_has_counts_of_its_own(
    limited: Limited, person: Person
) -> None:
    app = limited(rate_account="2 per hour", rate_account_everywhere="3 per hour")
    email = person.contact.email
    known = Portal(app)
    attempt(known, email, person.password)
    known.sign_out()
    neighbour = Portal(app)
    neighbour.address = known.address
    strangers = [attempt(neighbour, email) for _ in range(3)]
    strangers += [attempt(Portal(app), email) for _ in range(2)]
    assert [page.status for page in strangers] == [422, 422, 429, 422, 429]
    assert attempt(Portal(app), email, person.password).status == 429
    assert attempt(known, email, person.password).signed_in
    known.sign_out()
    assert [attempt(known, email).status for _ in range(3)] == [422, 422, 429]


def test_a_device_knows_only_accounts_that_were_opened_on_it(
    limited: Limited, person: Person
) -> None:
    app = limited(rate_account_everywhere="2 per hour")
    own = Factory().client()
    stranger = Portal(app)
    attempt(stranger, own.contact.email, own.password)
    stranger.sign_out()
    seen = [attempt(stranger, person.contact.email).status for _ in range(3)]
    assert seen == [422, 422, 429]
    cookie = stranger.client.get_cookie("alko_device")
    assert cookie and own.contact.email not in cookie.decoded_value
    stranger.client.set_cookie("alko_device", cookie.value[:-1] + "x")
    assert attempt(stranger, own.contact.email).status == 422, "a forged one is none"


def test_whether_there_is_an_account_does_not_show_in_the_limit(
    limited: Limited, person: Person
) -> None:
    app, nobody = limited(rate_account_everywhere="2 per hour"), new_address()
    for address in (person.contact.email, nobody):
        seen = [attempt(Portal(app), address).status for _ in range(3)]
        assert seen == [422, 422, 429], address


def test_second_steps_and_confirmations_count_too(limited: Limited, person: Person) -> None:
    app = limited(rate_sign_in="2 per minute")
    portal = Portal(app).enter(person.id, fresh=False)
    for expected in (422, 422, 429):
        portal.get("/account/confirm-password")
        page = portal.submit("/account/confirm-password", password="wrong")
        assert page.status == expected
    changing = portal.post(
        "/account/change-password", {"current_password": "x", "new_password": NEW_PASSWORD}
    )
    assert changing.status == 429, "another form is no way around it"
    assert portal.post("/account/sign-in/code", {"code": "1"}).status == 429


def test_mails_are_limited(limited: Limited, person: Person) -> None:
    app = limited(rate_mail="2 per minute")
    portal = Portal(app)
    for expected in (200, 200, 429):
        portal.get("/account/forgotten-password")
        page = portal.submit("/account/forgotten-password", email=person.contact.email)
        assert page.status == expected
    portal.get("/account/register")
    page = portal.submit("/account/register", email=new_address(), password=NEW_PASSWORD)
    assert page.status == 429


@pytest.mark.parametrize("path", ["/account/register", "/account/forgotten-password"])
def test_a_mailbox_cannot_be_filled_from_many_places(
    limited: Limited, person: Person, mails: Mails, path: str
) -> None:
    app, nobody = limited(rate_recipient="2 per hour"), new_address()
    for address in (person.contact.email, nobody):
        seen = []
        for spelled in (address, f"{address} ", f" {address}"):
            portal = Portal(app)
            form = portal.get(path).form(path)
            typed = {"email": spelled, "password": NEW_PASSWORD}
            seen.append(portal.submit(path, **{n: typed[n] for n in form.names if n in typed}))
        assert [page.status for page in seen] == [200, 200, 429], address
        assert seen[2].form(path).data["email"] == f" {address}", "nothing typed is lost"
    assert len(mails(person.contact.email)) == 2


def test_a_new_address_is_not_written_to_too_often(limited: Limited) -> None:
    app, address = limited(rate_recipient="1 per hour"), new_address()
    for expected in (200, 429):
        person = Factory().client()
        portal = Portal(app).enter(person.id)
        portal.get("/account/email")
        page = portal.submit("/account/email", email=address, password=person.password)
        assert page.status == expected


def test_a_form_that_sends_no_mail_does_not_count(limited: Limited) -> None:
    portal, address = Portal(limited(rate_recipient="1 per hour")), new_address()
    for password, expected in (("weak", 422), ("weak", 422), (NEW_PASSWORD, 200)):
        portal.get("/account/register")
        page = portal.submit("/account/register", email=address, password=password)
        assert page.status == expected


@pytest.mark.promise("P5")
def test_the_counts_are_in_the_database_without_any_address(
    app: Flask, limited: Limited, person: Person
) -> None:
    portal = Portal(limited(rate_sign_in="9 per minute"))
    portal.address = "203.0.113.77"
    attempt(portal, person.contact.email)
    database = connection.current().client[f"{app.config['ALKO'].database}_limits"]
    counts = [one for name in database.list_collection_names() for one in database[name].find()]
    assert len(counts) >= 2
    everything = repr(counts).lower()
    for clear in (
        portal.address,
        "203.0.113",
        person.contact.email,
        "mail.example",
        str(person.id),
    ):
        assert clear not in everything, clear


def test_a_whole_log_is_not_verified_without_end(limited: Limited, person: Person) -> None:
    """Each client counts, in how many browsers ever; a look at the log is no verification."""
    app = limited(rate_search="2 per minute")
    first, second = (Portal(app).enter(person.id) for _ in range(2))
    for portal in (first, second):
        assert portal.get("/my-data/activity?verify=all").status == 200
    page = second.get("/my-data/activity?verify=all")
    assert page.status == 429 and page.signed_in
    assert second.get("/my-data/activity").status == 200
    stranger = Portal(app).enter(Factory().client().id)
    assert stranger.get("/my-data/activity?verify=all").status == 200
