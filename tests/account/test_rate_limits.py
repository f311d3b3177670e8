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
from tests.account.conftest import NEW_PASSWORD, new_address
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


def test_one_account_cannot_be_tried_from_many_places(limited: Limited, person: Person) -> None:
    app = limited(rate_account="3 per hour")
    for number in range(4):
        spelled = person.contact.email.upper() if number % 2 else f" {person.contact.email}"
        page = attempt(Portal(app), spelled)
        assert page.status == (422 if number < 3 else 429), number


def test_whether_there_is_an_account_does_not_show_in_the_limit(
    limited: Limited, person: Person
) -> None:
    app, nobody = limited(rate_account="2 per hour"), new_address()
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
