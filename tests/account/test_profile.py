"""The profile: what may be typed, what is stored, and what the ledger says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models import LedgerEntry
from alko.models.profile import Identity
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.rights import rectification
from tests.account.conftest import NEW_PASSWORD
from tests.portal import Page, Portal

TODAY = datetime.now(UTC).date()
COMPLETE = {
    "full_name": "Zoë Ångström-O’Neill",
    "birth_date": "1984-02-29",
    "nationality": "SE",
    "identification_kind": "passport",
    "identification_number": "SE-88 21/7",
    "phone": "+46 70 174 06 05",
    "street": "Storgatan 1 <b>",
    "city": "Malmö",
    "postal_code": "211 34",
    "country": "SE",
}


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody of whom only the address is known, beside how to reach them."""
    return Factory().client(identity=Identity())


def save(portal: Portal, **fields: Any) -> Page:
    portal.get("/account/profile")
    return portal.submit("/account/profile", **fields)


def stored(app: Flask, person: Person) -> dict[str, str]:
    return rectification.read(person.id, Actor.client(person.id))


def changes(person: Person) -> list[list[str]]:
    """The fields of each change that the ledger tells of."""
    entries = LedgerEntry.objects(client=person.id, event=Event.PROFILE_CHANGED.value)
    return [entry.details["fields"] for entry in entries.order_by("seq")]


def test_what_is_saved_is_stored_and_shown(app: Flask, signed_in: Portal, person: Person) -> None:
    page = save(signed_in, **COMPLETE)
    assert page.address == "/account/profile"
    assert "Saved." in page.text
    expected = {**COMPLETE, "phone": "+46701740605", "email": person.contact.email}
    assert stored(app, person) == expected
    data = page.form("/account/profile").data
    assert "full_name" not in data
    assert COMPLETE["full_name"] in page.main
    assert data["street"] == "Storgatan 1 <b>"
    assert "Malmö" in signed_in.get("/my-data/contact").main


@pytest.mark.promise("P27")
def test_the_ledger_names_the_changed_fields_and_no_value(
    signed_in: Portal, person: Person
) -> None:
    save(signed_in, city="Ystad", full_name="Another Name")
    assert changes(person) == [["city", "full_name"]]
    entry = LedgerEntry.raw().find_one({"client": person.id, "event": "profile.changed"})
    assert "Ystad" not in repr(entry)
    assert "Details were changed" in signed_in.get("/my-data/activity").main
    assert "(City, Full name)" in signed_in.get("/my-data/activity").main


def test_saving_without_a_change_changes_nothing(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    before = stored(app, person)
    page = save(signed_in)
    assert "Nothing was changed." in page.text
    assert stored(app, person) == before
    assert changes(person) == []


@pytest.mark.promise("P4", "P15")
def test_what_is_known_is_shown_masked_and_corrected_elsewhere(app: Flask) -> None:
    person = Factory().client()
    page = Portal(app).enter(person.id).get("/account/profile")
    assert not {*rectification.IDENTITY} & {*page.form("/account/profile").names}
    number = person.identity.identification_number
    assert number not in page.html
    assert person.identity.birth_date not in page.html
    assert f"••••••{number[-3:]}" in page.main
    assert person.identity.birth_date[:4] not in page.text_of("dl.record-fields")
    for name in (*rectification.IDENTITY, "email"):
        assert f"/rights/correction/{name}" in page.links, name


def test_other_details_can_be_emptied(app: Flask, signed_in: Portal, person: Person) -> None:
    save(signed_in, phone="", street="")
    now = stored(app, person)
    assert now["phone"] == now["street"] == ""
    assert now["city"] == person.contact.city


def years_ago(years: int, days: int = 0) -> str:
    day = TODAY.replace(day=min(TODAY.day, 28), year=TODAY.year - years)
    return (day + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"birth_date": (TODAY + timedelta(days=1)).isoformat()}, "in the past"),
        ({"birth_date": "1899-12-31"}, "in the past"),
        ({"birth_date": years_ago(18, days=3)}, "Only adults"),
        ({"birth_date": years_ago(5)}, "Only adults"),
        ({"birth_date": "31.12.1980"}, "valid date"),
        ({"birth_date": "1981-02-29"}, "valid date"),
        ({"phone": "12", "country": "SE"}, "phone number"),
        ({"phone": "call me", "country": "SE"}, "phone number"),
        ({"phone": "070-174 06 05", "country": ""}, "phone number"),
        ({"identification_kind": "", "identification_number": "X1"}, "which identification"),
        ({"full_name": "x" * 121}, "at most 120"),
        ({"street": "a\0b"}, "cannot be typed"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_typed_is_lost(
    app: Flask, signed_in: Portal, person: Person, typed: dict[str, str], complaint: str
) -> None:
    before = stored(app, person)
    wanted = {**COMPLETE, "phone": "+46701740605", **typed}
    page = save(signed_in, **wanted)
    assert page.status == 422
    assert any(complaint in error for error in page.errors), page.errors
    assert len(page.errors) == 1, page.errors
    (field,) = {name for name in typed if page.soup.select_one(f'[name="{name}"][aria-invalid]')}
    assert page.soup.select_one(f'.error-summary a[href="#{field}"]')
    data = page.form("/account/profile").data
    for name, value in wanted.items():
        assert data[name] == value or "\0" in value, name
    assert stored(app, person) == before
    assert changes(person) == []


def test_who_turned_eighteen_may_buy(app: Flask, signed_in: Portal, person: Person) -> None:
    save(signed_in, birth_date=years_ago(18))
    assert stored(app, person)["birth_date"] == years_ago(18)


@pytest.mark.parametrize("field", ["nationality", "country", "identification_kind"])
def test_a_choice_that_is_not_offered_is_refused(
    app: Flask, signed_in: Portal, person: Person, field: str
) -> None:
    before = stored(app, person)
    page = signed_in.get("/account/profile")
    data = {**page.form("/account/profile").data, field: "XX"}
    page = signed_in.post("/account/profile", data)
    assert page.status == 422
    assert stored(app, person) == before


def test_a_national_phone_number_is_understood_with_its_country(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    save(signed_in, phone="070-174 06 05", country="SE")
    assert stored(app, person)["phone"] == "+46701740605"


@pytest.mark.promise("P3")
def test_beside_each_question_stands_why_it_is_asked(signed_in: Portal) -> None:
    page = signed_in.get("/account/profile")
    form = page.form("/account/profile")
    asked = [name for name in form.names if name != "csrf_token"]
    assert len(asked) == 10
    for name in asked:
        control = form.element.select_one(f'[name="{name}"]')
        assert control is not None
        described = str(control.get("aria-describedby", "")).split()
        texts = [page.text_of(f"#{identifier}") for identifier in described]
        assert any(len(text) > 20 for text in texts), name


def test_nobody_else_is_changed(app: Flask, signed_in: Portal) -> None:
    stranger = Factory().client()
    before = stored(app, stranger)
    page = signed_in.get("/account/profile")
    forged = {"client": str(stranger.id), "id": str(stranger.id), "email": "x@mail.example"}
    signed_in.post("/account/profile", {**page.form("/account/profile").data, **forged})
    assert stored(app, stranger) == before


def test_the_address_and_the_password_are_not_changed_by_the_profile(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    page = signed_in.get("/account/profile")
    forged = {"email": "thief@mail.example", "password_hash": NEW_PASSWORD}
    signed_in.post("/account/profile", {**page.form("/account/profile").data, **forged})
    assert stored(app, person)["email"] == person.contact.email
    Portal(app).sign_in(person.contact.email, person.password)


def test_two_windows_do_not_undo_each_other(
    app: Flask, signed_in: Portal, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another window saves between the moment this one reads and the moment it writes."""
    index_of = accounts.index_of

    def overtaken(*args: str) -> str | None:
        monkeypatch.setattr(accounts, "index_of", index_of)
        save(Portal(app).enter(person.id), nationality="MT")
        return index_of(*args)

    form = signed_in.get("/account/profile").form("/account/profile").fill({"full_name": "Late"})
    monkeypatch.setattr(accounts, "index_of", overtaken)
    page = signed_in.post("/account/profile", form.data)
    assert "Saved." in page.text
    assert stored(app, person)["full_name"] == "Late"
    assert stored(app, person)["nationality"] == "MT"
