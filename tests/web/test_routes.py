"""Deny by default, over the whole URL map (P12)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from alko.demo.everything import Everything
from alko.web.access import Access
from tests.portal import Portal
from tests.web.addresses import addresses, answering, guarded, public

pytestmark = pytest.mark.promise("P12")
UNASKED = ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW")


def test_every_view_declares_who_may_see_it(app: Flask) -> None:
    found = addresses(app)
    assert len(found) > 40
    undeclared = [one.endpoint for one in found if one.access not in set(Access)]
    assert undeclared == []


def test_a_view_that_declares_nothing_is_closed(
    app: Flask, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "home.index", lambda: "secret")
    page = portal.get("/")
    assert page.status == 403
    assert "secret" not in page.html


def test_private_pages_send_a_visitor_to_sign_in(app: Flask, portal: Portal) -> None:
    tested = guarded(app, "GET")
    assert len(tested) >= 10
    for one in tested:
        page = portal.get(one.path, follow=False)
        assert page.status == 303, one
        target = urlsplit(page.headers["Location"])
        assert target.path == "/account/sign-in", one
        assert parse_qs(target.query)["next"] == [one.path], one
        assert page.text == "" or "sign-in" in page.text, one


def test_htmx_is_told_to_leave_and_given_no_fragment(app: Flask, portal: Portal) -> None:
    portal.get("/")
    for one in guarded(app, "GET"):
        page = portal.htmx(one.path)
        assert page.status == 204, one
        assert page.headers["HX-Redirect"].startswith("/account/sign-in?next="), one
        assert page.data == b"", one


def test_forms_of_private_pages_send_a_visitor_to_sign_in(app: Flask, portal: Portal) -> None:
    tested = guarded(app, "POST")
    assert len(tested) >= 10
    portal.get("/account/sign-in")
    for one in tested:
        page = portal.post(one.path, {}, follow=False)
        assert page.status == 303, one
        assert urlsplit(page.headers["Location"]).path == "/account/sign-in", one
        page = portal.htmx(one.path, "POST", {"csrf_token": portal.csrf_token()})
        assert page.status == 204, one
        assert page.data == b"", one


def test_public_pages_answer_everybody(app: Flask, portal: Portal) -> None:
    tested = public(app, "GET")
    assert len(tested) >= 15
    for one in tested:
        page = portal.get(one.path)
        assert page.status in (200, 404), one
        assert page.address == "/account/sign-in" or "/account/sign-in" not in page.history, one


def test_a_client_reaches_all_that_is_theirs(
    app: Flask, client: Portal, someone: Everything
) -> None:
    numbers = {
        name: next(
            value
            for (of, _, field), value in someone.expected.items()
            if of == slug and field in ("number", "reference")
        )
        for name, slug in (
            ("number", "orders"),
            ("invoice", "invoices"),
            ("reference", "requests"),
        )
    }
    papers = {record for slug, record, _ in someone.expected if slug == "documents"}
    numbers["record"] = str(next(record for record in someone.files if record in papers))
    for one in guarded(app, "GET"):
        page = client.get(one.with_values(**numbers))
        assert page.status == 200, one
        assert page.content_type != "text/html" or page.signed_in, one


def test_what_needs_a_fresh_password_asks_for_it(app: Flask, someone: Everything) -> None:
    """With a session that was confirmed long ago."""
    portal = Portal(app)
    portal.sign_in(someone.person.contact.email, someone.person.password)
    with portal.client.session_transaction() as session:
        session["confirmed_at"] = 1
    fresh = [one for one in addresses(app) if one.access is Access.FRESH]
    assert len(fresh) >= 3
    for one in fresh:
        for method in one.methods:
            page = (
                portal.get(one.path, follow=False)
                if method == "GET"
                else portal.post(one.path, {}, follow=False)
            )
            assert page.status == 303, one
            assert urlsplit(page.headers["Location"]).path == "/account/confirm-password", one
    assert portal.get("/account/two-factor").h1
    page = portal.submit("/account/confirm-password", password=someone.person.password)
    assert page.address.startswith("/account/two-factor")


def test_a_session_confirmed_in_the_future_is_not_fresh(app: Flask, someone: Everything) -> None:
    portal = Portal(app)
    portal.sign_in(someone.person.contact.email, someone.person.password)
    with portal.client.session_transaction() as session:
        session["confirmed_at"] = 2**40
    assert portal.get("/account/two-factor", follow=False).status == 303


def test_other_methods_are_refused(app: Flask, portal: Portal) -> None:
    portal.get("/")
    for one in addresses(app):
        for method in {*UNASKED, "GET", "POST"} - one.methods:
            if method in ("GET", "POST") and other_route_answers(app, one.path, method):
                continue
            response = portal.client.open(one.path, method=method, base_url="http://localhost")
            assert response.status_code == 405, (method, one)
            assert set(response.headers["Allow"].split(", ")) >= one.methods, (method, one)


def other_route_answers(app: Flask, path: str, method: str) -> bool:
    return path in {one.path for one in answering(app, method)}


def test_head_says_no_more_than_get(app: Flask, portal: Portal) -> None:
    for one in guarded(app, "GET"):
        response = portal.client.open(one.path, method="HEAD", base_url="http://localhost")
        assert response.status_code == 303, one
        assert response.get_data() == b"", one


def test_the_records_of_others_are_not_there(
    client: Portal, someone: Everything, somebody_else: Everything
) -> None:
    """Their numbers are known, and worth nothing."""
    tried = 0
    for slug, record, field in somebody_else.expected:
        path = f"/my-data/{slug}/{record}/{field}/reveal"
        page = client.post(path)
        assert page.status == 404, path
        tried += 1
    assert tried > 30
    stranger = next(text for text in somebody_else.plaintext())
    assert stranger not in client.get("/my-data/contact").html


def test_the_sessions_of_others_cannot_be_ended(
    app: Flask, client: Portal, somebody_else: Everything
) -> None:
    other = Portal(app)
    other.sign_in(somebody_else.person.contact.email, somebody_else.person.password)
    there = Portal(app)
    there.sign_in(somebody_else.person.contact.email, somebody_else.person.password)
    end = str(other.get("/account/sessions").form('main form[action$="/end"]').action)
    assert client.post(end).status == 404
    assert there.get("/my-data").signed_in
    assert other.submit('main form[action$="/end"]').status == 200


def test_a_session_that_was_ended_opens_nothing_any_more(
    app: Flask, somebody_else: Everything
) -> None:
    here, there = Portal(app), Portal(app)
    for portal in (here, there):
        portal.sign_in(somebody_else.person.contact.email, somebody_else.person.password)
    here.get("/account/sessions")
    here.submit("/account/sessions/end-others")
    assert there.get("/my-data", follow=False).status == 303
    assert here.get("/my-data").signed_in


def test_signing_out_ends_the_session_itself(app: Flask, somebody_else: Everything) -> None:
    portal, thief = Portal(app), Portal(app)
    portal.sign_in(somebody_else.person.contact.email, somebody_else.person.password)
    stolen = portal.client.get_cookie("alko_session")
    assert stolen
    portal.sign_out()
    thief.client.set_cookie("alko_session", stolen.value)
    assert thief.get("/my-data", follow=False).status == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/%09/evil.example",
        "http://[",
        "//[",
        "/\t/evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(
    app: Flask, someone: Everything, target: str
) -> None:
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.post(
        "/account/sign-in",
        {
            "email": someone.person.contact.email,
            "password": someone.person.password,
            "next": target,
        },
        follow=False,
    )
    if page.status == 303:
        location = page.headers["Location"]
        assert location.startswith("/") and not location.startswith(("//", "/\\")), location
        assert urlsplit(location).netloc == ""
    else:
        assert page.status == 422
