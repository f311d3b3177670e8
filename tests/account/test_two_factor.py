"""The second factor: set up with a real authenticator, each code good for one sign-in."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models import Client
from alko.privacy.identity import second_factor
from tests.account.conftest import Mails
from tests.portal import Page, Portal


def code(secret: str, later: int = 0) -> str:
    """What the app shows now, or some steps later (one step is tolerated)."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=later)


def secret_on(page: Page) -> str:
    """The key as a person types it from the page."""
    (value,) = [
        fact.get_text(" ")
        for fact in page.soup.select(".fact dd")
        if re.fullmatch(r"[A-Z2-7 ]{20,}", fact.get_text(" ").strip())
    ]
    return "".join(value.split())


def turn_on(portal: Portal) -> tuple[str, list[str]]:
    """Set the second factor up; the secret and the recovery codes."""
    secret = secret_on(portal.get("/account/two-factor"))
    page = portal.submit("/account/two-factor", code=code(secret))
    assert page.h1 == "Recovery codes", page.errors
    return secret, codes_on(page)


def codes_on(page: Page) -> list[str]:
    return [item.get_text().strip() for item in page.soup.select(".recovery-codes li")]


def first_step(app: Flask, person: Person) -> Portal:
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.submit("/account/sign-in", email=person.contact.email, password=person.password)
    assert page.h1 == "Second factor"
    assert not page.signed_in
    return portal


def test_from_setting_it_up_to_signing_in_in_two_steps(
    app: Flask, signed_in: Portal, person: Person, mails: Mails
) -> None:
    secret, recovery = turn_on(signed_in)
    assert len(set(recovery)) == 10
    assert mails(person.contact.email)[0]["Subject"] == "Your second factor was changed"
    assert "On" in signed_in.get("/account/security").text_of("#second-factor")

    portal = first_step(app, person)
    assert portal.get("/my-data", follow=False).status == 303, "half signed in is not signed in"
    portal.get("/account/sign-in/code")
    page = portal.submit(code=code(secret))
    assert page.status == 422
    assert "used already" in page.errors[0], "the code that turned it on is spent"
    page = portal.submit(code=code(secret, later=1))
    assert page.signed_in
    assert page.address == "/my-data"


def test_a_code_opens_one_session(app: Flask, person: Person) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    now = code(secret)
    page = first_step(app, person).submit(code=f" {now[:3]} {now[3:]} ")
    assert page.signed_in, "apps show codes in two groups"
    page = first_step(app, person).submit(code=now)
    assert page.status == 422
    assert not page.signed_in


@pytest.mark.parametrize("later", [-3, 3])
def test_a_code_of_another_time_is_refused(app: Flask, later: int) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    assert first_step(app, person).submit(code=code(secret, later)).status == 422


@pytest.mark.parametrize("typed", ["", "000000 ", "x", "１２３４５６", "0" * 41, "-1"])
def test_what_is_no_code_is_refused(app: Flask, typed: str) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    if typed.strip() == code(secret):
        return
    page = first_step(app, person).submit(code=typed)
    assert page.status == 422
    assert not page.signed_in


def test_a_recovery_code_works_once_however_it_is_typed(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    _, recovery = turn_on(signed_in)
    spelled = recovery[0].lower().replace("-", " ")
    assert first_step(app, person).submit(code=spelled).signed_in
    assert first_step(app, person).submit(code=recovery[0]).status == 422
    assert first_step(app, person).submit(code=recovery[1]).signed_in


def test_new_recovery_codes_replace_the_old_ones(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    _, old = turn_on(signed_in)
    signed_in.get("/account/two-factor")
    new = codes_on(signed_in.submit("/account/two-factor/recovery-codes"))
    assert not set(old) & set(new)
    assert first_step(app, person).submit(code=old[0]).status == 422
    assert first_step(app, person).submit(code=new[0]).signed_in


@pytest.mark.promise("P11")
def test_neither_secret_nor_codes_are_stored_in_clear_or_shown_again(
    signed_in: Portal, person: Person
) -> None:
    secret, recovery = turn_on(signed_in)
    stored = repr(Client.raw().find_one({"_id": person.id}))
    pages = [signed_in.get(path).html for path in ("/account/two-factor", "/my-data/account")]
    for text in (stored, *pages):
        assert secret not in text
        for one in recovery:
            assert one not in text
            assert second_factor.hashed(one) not in text


def test_turning_it_off_takes_the_password_alone_again(
    app: Flask, signed_in: Portal, person: Person, mails: Mails
) -> None:
    turn_on(signed_in)
    before = len(mails(person.contact.email))
    signed_in.get("/account/two-factor")
    page = signed_in.submit("/account/two-factor/off")
    assert page.address == "/account/security"
    assert len(mails(person.contact.email)) == before + 1
    Portal(app).sign_in(person.contact.email, person.password)


def test_a_wrong_code_does_not_turn_it_on_and_the_key_stays_the_same(
    signed_in: Portal, person: Person
) -> None:
    secret = secret_on(signed_in.get("/account/two-factor"))
    page = signed_in.submit("/account/two-factor", code="000000")
    if page.status == 200:  # one time in a million it is the right one
        return
    assert page.status == 422
    assert secret_on(page) == secret, "what the app scanned already must stay right"
    assert "Off" in signed_in.get("/account/security").text_of("#second-factor")
    assert signed_in.get("/account/two-factor") and turn_on(signed_in)


def test_the_key_in_the_form_cannot_be_chosen_by_others(signed_in: Portal) -> None:
    """A forged form must not turn on a factor whose secret somebody else knows."""
    known = pyotp.random_base32()
    signed_in.get("/account/two-factor")
    page = signed_in.post("/account/two-factor", {"secret": known, "code": code(known)})
    assert page.status == 422
    assert "Off" in signed_in.get("/account/security").text_of("#second-factor")


def test_the_picture_holds_the_key_that_is_written_beside_it(signed_in: Portal) -> None:
    page = signed_in.get("/account/two-factor")
    uri = second_factor.setup_uri(secret_on(page), "Privacy portal")
    assert parse_qs(urlsplit(uri).query)["secret"] == [secret_on(page)]
    assert page.soup.select_one("svg path, svg rect")
    assert page.headers["Cache-Control"] == "no-store"


def test_it_cannot_be_changed_without_a_fresh_password(app: Flask, person: Person) -> None:
    portal = Portal(app).enter(person.id, fresh=False)
    portal.get("/account/security")
    for path in ("/account/two-factor/off", "/account/two-factor/recovery-codes"):
        page = portal.post(path, follow=False)
        assert page.status == 303
        assert page.headers["Location"].startswith("/account/confirm-password"), path


def test_the_second_step_needs_the_first_and_not_too_long_ago(app: Flask, portal: Portal) -> None:
    page = portal.get("/account/sign-in/code")
    assert page.address.startswith("/account/sign-in")
    person = Factory().client(totp_secret=pyotp.random_base32())
    late = first_step(app, person)
    with late.client.session_transaction() as session:
        session["first_step"] = {**session["first_step"], "at": session["first_step"]["at"] - 700}
    page = late.get("/account/sign-in/code")
    assert page.address.startswith("/account/sign-in")
    assert "begin again" in page.text


def wrong_codes(portal: Portal, count: int) -> list[Page]:
    return [portal.submit("/account/sign-in/code", code="000000 x") for _ in range(count)]


def test_after_a_few_wrong_codes_the_password_is_asked_for_again(app: Flask) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    portal = first_step(app, person)
    session = portal.client.get_cookie("alko_session")
    assert session
    *wrong, last = wrong_codes(portal, 5)
    assert [page.status for page in wrong] == [422] * 4
    assert last.address == "/account/sign-in"
    assert "Too many wrong codes" in last.text

    brought_back = Portal(app)
    brought_back.client.set_cookie("alko_session", session.value)
    page = brought_back.post("/account/sign-in/code", {"code": code(secret)})
    assert page.address == "/account/sign-in", "the old cookie brings no new tries"
    page = portal.submit("/account/sign-in", email=person.contact.email, password=person.password)
    assert portal.submit(code=code(secret)).signed_in


def test_codes_of_one_account_cannot_be_guessed_from_many_places(app: Flask) -> None:
    """Whoever has the password takes the first step anew each time, from everywhere."""
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    for _ in range(5):
        wrong_codes(first_step(app, person), 2)
    page = first_step(app, person).submit(code=code(secret))
    assert page.status == 429
    assert page.h1 == "Too many attempts"


def test_who_guesses_codes_does_not_lock_a_known_device_out(app: Flask) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    known = first_step(app, person)
    assert known.submit(code=code(secret)).signed_in
    known.sign_out()
    for _ in range(5):
        wrong_codes(first_step(app, person), 2)
    known.get("/account/sign-in")
    known.submit("/account/sign-in", email=person.contact.email, password=person.password)
    assert known.submit(code=code(secret, later=1)).signed_in


@pytest.mark.promise("P17")
def test_the_client_reads_of_a_wrong_code_as_a_failed_sign_in(app: Flask) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    wrong_codes(first_step(app, person), 1)
    page = first_step(app, person).submit(code=code(secret))
    assert page.signed_in
    activity = Portal(app).enter(person.id).get("/my-data/activity").main
    assert activity.count("A sign-in failed") == 1


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> int:
    """Two requests check their code at the same moment: neither has stored its use yet."""
    both = threading.Barrier(2)
    first_looks = iter(range(both.parties))

    def checked(*args: object, **options: object) -> object:
        if next(first_looks, None) is not None:
            both.wait(timeout=20)
        return accepted(*args, **options)  # type: ignore[arg-type]

    accepted = second_factor.accepted_step
    monkeypatch.setattr(second_factor, "accepted_step", checked)
    return both.parties


def in_parallel(portals: list[Portal], typed: list[str]) -> list[Page]:
    with ThreadPoolExecutor(len(portals)) as pool:
        return list(
            pool.map(lambda pair: pair[0].submit(code=pair[1]), zip(portals, typed, strict=True))
        )


def test_of_two_who_send_one_code_at_once_one_gets_in(app: Flask, together: int) -> None:
    secret = pyotp.random_base32()
    person = Factory().client(totp_secret=secret)
    portals = [first_step(app, person) for _ in range(together)]
    pages = in_parallel(portals, [code(secret)] * together)
    assert sorted(page.status for page in pages) == [200, 422]
    assert sum(page.signed_in for page in pages) == 1
