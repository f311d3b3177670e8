"""Text typed before a session ended is never lost, in any form, and nothing is done without it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
import pytest
from bson import ObjectId
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from alko.demo.accounts import TOTP_SECRET
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory, Person
from alko.models.activity import LedgerEntry
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.vault.access import vault_of
from tests.portal import Page, Portal
from tests.web.addresses import Address, guarded
from tests.web_forms import typed_into

WORDS = "I typed this & <that>, for a long time …"
READING = ("dossier.", "sign_in.", "erasure.planned", "mail.", "notice.", "request.opened")
"""What may happen while nothing is done."""


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def client(app: Flask, person: Person) -> Portal:
    return Portal(app).enter(person.id)


def end_session(person: ObjectId) -> None:
    sign_ins.end_others(person, keep=None)


def signed_in_again(portal: Portal, person: Person) -> Page:
    return portal.submit("/account/sign-in", email=person.contact.email, password=person.password)


def test_the_form_comes_back_filled_in(client: Portal, person: Person) -> None:
    client.get("/rights/access")
    end_session(person.id)
    page = client.submit("/rights/access", words=WORDS)
    assert page.status == 403
    assert page.h1 == "Sign in"
    assert "You were not signed in any more. Nothing you typed is lost." in page.main
    assert "Set-Cookie" not in page.headers or WORDS not in str(page.headers)

    wrong = client.submit("/account/sign-in", email=person.contact.email, password="wrong")
    assert wrong.status == 422
    page = signed_in_again(client, person)
    assert page.signed_in
    assert page.h1 == "Access"
    assert page.form("/rights/access").data["words"] == WORDS
    assert WORDS not in page.address
    assert page.errors == []

    page = client.submit("/rights/access", button="Check your answers")
    assert page.h1 == "Check your answers"
    end_session(person.id)
    client.submit("/rights/access", button="File the request")
    page = signed_in_again(client, person)
    assert page.form("/rights/access").data["words"] == WORDS
    assert requests.open_references(person.id, Right.ACCESS) == [], "nothing was filed meanwhile"


def test_it_comes_through_the_second_factor(app: Flask) -> None:
    person = Factory().client(totp_secret=TOTP_SECRET)
    portal = Portal(app).enter(person.id)
    portal.get("/rights/correction")
    end_session(person.id)
    portal.submit("/rights/correction", words=WORDS)
    page = signed_in_again(portal, person)
    assert page.h1 == "Second factor"
    assert portal.submit(code="000000").status == 422
    page = portal.submit(code=pyotp.TOTP(TOTP_SECRET).now())
    assert page.form("/rights/correction").data["words"] == WORDS


def test_after_signing_out_in_another_window(client: Portal, person: Person) -> None:
    """The token of the form is worthless as well."""
    client.get("/account/profile")
    here, client.page = client.page, client.page
    client.sign_out()
    client.page = here
    page = client.submit("/account/profile", street=WORDS)
    assert page.h1 == "Sign in"
    page = signed_in_again(client, person)
    assert page.form("/account/profile").data["street"] == WORDS


def test_as_somebody_else_it_is_offered_and_nothing_is_disclosed(
    client: Portal, person: Person
) -> None:
    """What was typed came from this browser; the request it was about stays its owner's."""
    filed = requests.file(person.id, Actor.client(person.id), Right.ACCESS, "My request.")
    address = f"/rights/requests/{filed.reference}"
    client.get(address)
    end_session(person.id)
    client.submit(f"{address}/message", body=WORDS)
    page = signed_in_again(client, Factory().client())
    assert page.h1 == "Please send it once more"
    assert WORDS in page.main
    assert "My request." not in page.html
    assert page.form(f"{address}/message").data["body"] == WORDS
    assert client.submit(f"{address}/message").status == 404


def test_a_form_from_elsewhere_is_not_carried(client: Portal, person: Person) -> None:
    client.get("/rights/access")
    end_session(person.id)
    for origin in ("https://evil.example", "null"):
        page = client.post(
            "/rights/access", {"words": WORDS}, follow=False, Origin=origin, Referer=origin
        )
        assert WORDS not in page.html
        assert page.status == 303


def test_what_needs_the_password_once_more_keeps_it_too(app: Flask, person: Person) -> None:
    portal = Portal(app).enter(person.id)
    secret = portal.get("/account/two-factor").form("/account/two-factor").data["secret"]
    portal.enter(person.id, fresh=False)
    page = portal.submit("/account/two-factor", code="123456")
    assert page.h1 == "Confirm your password"
    assert "Your password was confirmed too long ago. Nothing you typed is lost." in page.main
    assert "not signed in" not in page.main
    page = portal.submit("/account/confirm-password", password=person.password)
    form = page.form("/account/two-factor")
    assert form.data["code"] == ""
    assert " ".join(secret) or form.data["secret"]


def test_htmx_sends_the_form_once_more_as_a_whole_page(client: Portal, person: Person) -> None:
    client.get("/privacy/cookies")
    token = client.csrf_token()
    end_session(person.id)
    for data in ({"analytics": "yes", "csrf_token": token}, {"analytics": "yes"}):
        page = client.htmx("/privacy/cookies/choices", "POST", data)
        assert page.headers["Alko-Send-Plainly"] == "1"
        assert "password" not in page.html
    client.submit("/privacy/cookies/choices", analytics=True)
    page = signed_in_again(client, person)
    assert page.form("/privacy/cookies/choices").data["analytics"] == "yes"


def test_what_the_ledger_could_not_take_is_offered_once_more(
    client: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise LedgerUnavailable

    client.get("/account/profile")
    with monkeypatch.context() as broken:
        broken.setattr("alko.privacy.accountability.ledger.append", unavailable)
        page = client.submit("/account/profile", street=WORDS)
    assert page.status == 503
    assert page.form("/account/profile").data["street"] == WORDS
    assert client.submit("/account/profile").status == 200
    assert client.get("/account/profile").form("/account/profile").data["street"] == WORDS


@pytest.fixture
def everything(app: Flask) -> Everything:
    return everything_about(Factory(str(ObjectId()), vault=vault_of(app.config["ALKO"])))


class TestEveryForm:
    """Walks all POST routes of private pages, with the forms that their pages really have."""

    def test_nothing_is_lost_and_nothing_done(self, app: Flask, everything: Everything) -> None:
        person = everything.person
        Factory().order(person.id)
        requests.file(person.id, Actor.client(person.id), Right.ACCESS, "My request.")
        seen = set()
        for page, action in _forms(Portal(app).enter(person.id)):
            endpoint = _endpoint(app, action)
            if endpoint in seen or endpoint not in {one.endpoint for one in _routes(app)}:
                continue
            seen.add(endpoint)
            self._try(app, person, page, action)
        assert len(seen) >= 12, seen
        for one in _routes(app):
            if one.endpoint not in seen:
                self._try_without_page(app, person, one)

    def _try(self, app: Flask, person: Person, address: str, action: str) -> None:
        portal = Portal(app).enter(person.id)
        form = portal.get(address).form(action)
        sent = typed_into(form, WORDS[:12])
        if not sent:
            return
        end_session(person.id)
        before = _done(person.id)
        data = MultiDict([*sent.items(multi=True), ("csrf_token", form.data["csrf_token"])])
        page = portal.post(action, data)
        assert page.h1 == "Sign in", action
        page = signed_in_again(portal, person)
        back = page.form(action).data
        for name in sent:
            if "password" not in name:
                assert back.getlist(name) == sent.getlist(name), (action, name)
        assert _done(person.id) == before, action

    def _try_without_page(self, app: Flask, person: Person, one: Address) -> None:
        portal = Portal(app).enter(person.id)
        portal.get("/")
        token = portal.csrf_token()
        end_session(person.id)
        before = _done(person.id)
        page = portal.post(one.path, {"something": WORDS, "csrf_token": token})
        if page.h1 == "Sign in" and page.soup.select('[name="typed.something"]'):
            page = signed_in_again(portal, person)
            assert page.form(one.path).data["something"] == WORDS, one
        else:
            assert "takes_files" in repr(vars(app.view_functions[one.endpoint])), one
        assert _done(person.id) == before, one


def _routes(app: Flask) -> list[Address]:
    return [one for one in guarded(app, "POST") if not one.endpoint.startswith("moderation.")]


def _endpoint(app: Flask, action: str) -> str:
    return str(app.url_map.bind("localhost").match(urlsplit(action).path, method="POST")[0])


def _forms(portal: Portal) -> list[tuple[str, str]]:
    """One page of each kind, reached by links, with the addresses of its forms."""
    waiting, known, found = ["/my-data", "/account/security", "/my-data/identity"], set(), []
    while waiting:
        path = waiting.pop(0)
        try:
            kind, values = portal.app.url_map.bind("localhost").match(path)
        except HTTPException:
            continue
        if (kind, values.get("right")) in known or kind in ("documents.file", "orders.invoice"):
            continue
        known.add((kind, values.get("right")))
        page = portal.get(path)
        found += [
            (path, str(form["action"])) for form in page.soup.select("main form[method=post]")
        ]
        links = [urlsplit(link) for link in page.links]
        waiting += [link.path for link in links if not link.netloc and not link.query]
    return found


def _done(client: ObjectId) -> list[str]:
    """What the client's ledger says was done, reading left out."""
    events = [one["event"] for one in LedgerEntry.raw().find({"client": client}, {"event": 1})]
    return [event for event in events if not event.startswith(READING)]
