"""Whatever is sent to whichever address: an answer that helps, never a fault of ours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import pytest
from bson import ObjectId
from flask import Flask
from werkzeug.datastructures import MultiDict

from alko.demo.everything import Everything
from alko.models.staff import StaffRole
from alko.privacy.door.permissions import ROLES
from tests.portal import Page, Portal
from tests.staffing import at_the_desk
from tests.web.addresses import Address, answering
from tests.web.conftest import made

TEXTS = {
    "nothing": "",
    "NUL": "a\0b",
    "emoji": "😀👩‍👩‍👧 ﷽ \u202e",
    "controls": "a\r\nSet-Cookie: x=1\x1b[31m\x7f",
    "markup": '"><script>alert(1)</script>{{ 7*7 }}{# 1 #}',
    "operators": '{"$gt": ""}',
    "lone surrogate": "%ED%A0%80",
    "a long number": "9" * 400,
    "a path": "../../../etc/passwd",
    "half an address": "http://[",
    "many": "x" * 100_000,
}
BAD_PARTS = (
    "x",
    "0",
    "-1",
    "null",
    "undefined",
    "6" * 23,
    "g" * 24,
    "6" * 25,
    "a\0b",
    "😀",
    "$where",
    "..",
    "%2e%2e",
    "__class__",
    "<script>",
    "{{7*7}}",
    "x" * 5000,
    str(ObjectId()),
)
PAGES = (
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "1.5",
    "x",
    "",
    "\u0661",
    "1 ",
    "0x10",
    "[]",
    "a\0",
)
NOT_SIGN_OUT = {"account.sign_out", "moderation.sign_out"}
TOKENLESS = {"news.unsubscribe"}
"""Mail programs post there by themselves; the address is the authentication: tests/mail."""


def helps(page: Page, *expected: int) -> None:
    """The answer is one of the expected; below 500; and if a page, one that leads somewhere."""
    assert page.status < 500, page
    if expected:
        assert page.status in expected, page
    if page.status >= 400 and page.content_type == "text/html":
        # Text is enough here, and far cheaper than parsing: tests/page_lint.py reads the rest.
        home = 'href="/staff"' if page.address.startswith("/staff") else 'href="/"'
        for way_on in ("<h1", home, 'href="/privacy"'):
            assert way_on in page.html, page


class Somebody(Portal):
    """A visitor, and the part of the portal that they pester: what is closed to them is not."""

    lints = False

    def __init__(
        self, app: Flask, session: Portal | None = None, role: StaffRole | None = None
    ) -> None:
        super().__init__(app)
        self.role, self.anybody = role, session is None
        if session:
            self.client, self.address = session.client, session.address

    def reach(self, method: str) -> list[Address]:
        """What they ask for: everything where they are nobody."""
        return [one for one in answering(self.app, method) if self._mine(one)]

    def _mine(self, one: Address) -> bool:
        if self.role:
            return one.permission in ROLES[self.role]
        return self.anybody or not one.path.startswith("/staff")

    @property
    def refusals(self) -> tuple[int, ...]:
        """How a desk refuses, besides not knowing what it is asked for."""
        return (400, 403, 409, 410, 422) if self.role else ()


def posts(anyone: Somebody) -> list[Address]:
    return [one for one in forms(anyone) if one.endpoint not in NOT_SIGN_OUT]


def forms(anyone: Somebody) -> list[Address]:
    """What takes a form. Hooks take signed reports of machines instead: tests/hooks."""
    return [one for one in anyone.reach("POST") if not one.endpoint.startswith("hooks.")]


def guarded_by_token(anyone: Somebody) -> list[Address]:
    return [one for one in forms(anyone) if one.endpoint not in TOKENLESS]


_fields: dict[tuple[object, str], list[str]] = {}


def fields_of(anyone: Somebody, path: str) -> list[str]:
    """The names of the fields that the page at the address offers to send back to it."""
    key = (anyone.role or anyone.anybody, path)
    if key not in _fields:
        _fields[key] = _fields_of(anyone, path)
    return _fields[key]


def _fields_of(portal: Portal, path: str) -> list[str]:
    page = portal.get(path, follow=False)
    names = {
        str(control["name"])
        for control in page.soup.select("main form [name]")
        if control["name"] != "csrf_token"
    }
    return sorted(names | {"email", "password", "next", "version", "page", "until"})


@pytest.fixture(scope="module")
def pestered(app: Flask) -> Portal:
    """Somebody whose session is asked for everything there is."""
    victim = made(app, "pestered").person
    portal = Portal(app)
    portal.sign_in(victim.contact.email, victim.password)
    return portal


@pytest.fixture(scope="module")
def members(app: Flask) -> dict[StaffRole, Portal]:
    return {role: at_the_desk(app, role) for role in (StaffRole.OFFICER, StaffRole.ADMINISTRATOR)}


@pytest.fixture(params=["a visitor", "a client", StaffRole.OFFICER, StaffRole.ADMINISTRATOR])
def anyone(request: pytest.FixtureRequest, app: Flask) -> Somebody:
    """An officer may all that an agent may, so that nobody asks for the same twice."""
    if request.param == "a client":
        client = Somebody(app, request.getfixturevalue("pestered"))
        assert client.get("/account/security").signed_in, "nothing sent so far signed them out"
        return client
    if isinstance(request.param, StaffRole):
        session = request.getfixturevalue("members")[request.param]
        member = Somebody(app, session, request.param)
        assert member.get("/staff", follow=False).status == 200
        return member
    return Somebody(app)


def unlimited(portal: Somebody) -> Somebody:
    """As if each attempt came from elsewhere, so that limits do not hide what is tested."""
    portal.address = Portal(portal.app).address
    return portal


@pytest.mark.parametrize("kind", TEXTS)
def test_any_text_in_every_field(anyone: Somebody, kind: str) -> None:
    anyone.lints = kind == "markup"
    token = {"csrf_token": anyone.csrf_token()}
    # Each form is given every second kind, its neighbour the others.
    for one in posts(anyone)[list(TEXTS).index(kind) % 2 :: 2]:
        fields = {**dict.fromkeys(fields_of(anyone, one.path), TEXTS[kind]), **token}
        page = unlimited(anyone).post(one.path, fields, follow=False)
        helps(page)
        assert "Set-Cookie: x=1" not in str(page.headers)
        assert "<script>alert(1)</script>" not in page.html
        assert ">49<" not in page.html


def for_much(anyone: Somebody) -> list[Address]:
    """Where much is sent. How much is read is decided before any view, by whether it takes files:
    a visitor tries all, whoever is signed in those that do, and every tenth of the others."""
    found = posts(anyone)
    if anyone.anybody:
        return found
    views = anyone.app.view_functions
    taking = [one for one in found if hasattr(views[one.endpoint], "alko_takes_files")]
    return taking + [one for one in found if one not in taking][::10]


def test_ten_megabytes_in_a_field(anyone: Somebody) -> None:
    token = anyone.csrf_token()
    for one in for_much(anyone):
        data = {"csrf_token": token, "email": "x" * 10_000_000}
        helps(unlimited(anyone).post(one.path, data, token=False, follow=False), 413)


def test_ten_megabytes_as_a_file_or_as_anything(anyone: Somebody) -> None:
    token = anyone.csrf_token()
    for one in for_much(anyone):
        file = (io.BytesIO(b"x" * 10_000_000), "x.pdf")
        page = unlimited(anyone).post(
            one.path, {"csrf_token": token, "file": file}, token=False, follow=False
        )
        helps(page)
        page = anyone.post(one.path, b"x" * 10_000_000, token=False, Content_Type="text/plain")
        helps(page, 400, 413)


def test_more_than_is_ever_accepted(anyone: Somebody) -> None:
    helps(anyone.post("/account/sign-in", b"x" * 30_000_000, Content_Type="text/plain"), 413)


def test_thousands_of_fields(anyone: Somebody) -> None:
    many = {f"field{number}": "x" for number in range(20_000)}
    many["csrf_token"] = anyone.csrf_token()
    for one in for_much(anyone)[::5]:
        helps(unlimited(anyone).post(one.path, many, follow=False))


def test_fields_of_the_wrong_type(anyone: Somebody) -> None:
    """Lists where one value is expected, files where text is, nothing at all, JSON."""
    token = anyone.csrf_token()
    kinds = ("application/json", "multipart/form-data; boundary=x", "text/xml")
    bodies = (b'{"email": {"$ne": null}}', b"--x\r\n", b"\xff\xfe\0[[[[")
    for one in posts(anyone):
        names = fields_of(anyone, one.path)
        lists = MultiDict([(name, value) for name in names for value in ("a", "b")])
        lists["csrf_token"] = token
        helps(unlimited(anyone).post(one.path, lists, follow=False))
        files: dict[str, Any] = {name: (io.BytesIO(b"\xff\xfe\0"), "x") for name in names}
        helps(anyone.post(one.path, {**files, "csrf_token": token}, follow=False))
        helps(anyone.post(one.path, {"csrf_token": token}, follow=False))
        for body, kind in zip(bodies, kinds, strict=True):
            helps(anyone.post(one.path, body, token=False, Content_Type=kind), 400, 413)


@pytest.mark.promise("P12")
def test_operators_in_field_names_find_nobody(app: Flask, portal: Portal) -> None:
    for email, password in (
        ("email[$ne]", "password[$ne]"),
        ("email[$gt]", "password[$gt]"),
        ("email.$regex", "password.$exists"),
        ("$where", "password"),
    ):
        page = portal.post("/account/sign-in", {email: "x", password: "x"})
        helps(page, 422)
        assert not page.signed_in
    page = portal.post("/account/sign-in", {"email": '{"$ne": ""}', "password": '{"$ne": ""}'})
    helps(page, 422)
    assert not page.signed_in


EACH = 5
"""How many malformed values each part of an address is given: all of them are given to many."""


def variable(anyone: Somebody, method: str) -> Iterator[tuple[Address, str]]:
    """Every address with malformed values in one of its variable parts at a time."""
    values = cycle(BAD_PARTS)
    for one in guarded_by_token(anyone) if method == "POST" else anyone.reach(method):
        for part in sorted(one.rule.arguments):
            for bad in islice(values, EACH):
                yield one, one.with_values(**{part: bad})


def test_malformed_parts_of_an_address(anyone: Somebody) -> None:
    tried = 0
    for one, path in variable(anyone, "GET"):
        helps(anyone.get(path, follow=False), 200, 303, 404, *anyone.refusals)
        tried += 1
        assert one.endpoint
    token = anyone.csrf_token()
    for _, path in variable(anyone, "POST"):
        page = unlimited(anyone).post(path, {"csrf_token": token}, token=False, follow=False)
        helps(page, 200, 303, 400, 404, *anyone.refusals)  # 400: its form was empty
        tried += 1
    assert tried > 20


@pytest.mark.parametrize("path", ["/my-data/messages", "/my-data/activity", "/privacy/versions"])
def test_page_numbers_that_are_none(client: Portal, path: str) -> None:
    for value in PAGES:
        for name in ("page", "until"):
            helps(client.get(f"{path}?{name}={quote(value)}"), 200, 404)
    helps(client.get(f"{path}?page=9999999"), 200, 404)
    helps(client.get(f"{path}?page=1&page=2&until=1&until=2"), 200, 404)


def test_nonsense_in_every_query(anyone: Somebody) -> None:
    for one in anyone.reach("GET"):
        for query in ("page=a%00b&next=%ff%fe&until=-1", "next[$ne]=1&verify=%00", "%", "=&=&&"):
            helps(anyone.get(f"{one.path}?{query}", follow=False))


def test_addresses_that_were_never_there(anyone: Somebody) -> None:
    for path in (
        "/nothing",
        "/my-data/nothing-of-this-name",
        "/%00",
        "/%ff%fe",
        "/..%2f..%2fetc/passwd",
        "/static/x/../../config.py",
        "/static/0/..%2f..%2fconfig.py",
        "/.env",
        "/.git/config",
        "/" + "x" * 8000,
        "/😀",
        "//evil.example",
        "/my-data/",
    ):
        helps(anyone.get(quote(path, safe="/%")), 200, 404)


def test_headers_that_are_nonsense(app: Flask, anyone: Somebody) -> None:
    nonsense = {
        "User_Agent": "\xff" * 5000,
        "Accept_Language": "zz-ZZ;q=x,\xe9," * 200,
        "HX_Current_URL": "http://[",
        "Referer": "http://[::1",
        "Cookie": "alko_session=x.y.z; alko_remember=|||; =; x",
        "X_Forwarded_For": "not, an, address",
        "If_None_Match": '"',
        "Range": "bytes=9-1,x",
        "If_Modified_Since": "yesterday",
    }
    for path in ("/", "/account/sign-in", "/my-data", "/privacy", "/static/0/css/base.css"):
        for name, value in nonsense.items():
            helps(Portal(app).get(path, **{name: value}), 200, 404, 416)
            helps(Portal(app).htmx(path, **{name: value}), 200, 204, 404, 416)
    assert anyone


class TestTokens:
    """Cross-site request forgery: the token is missing, forged, or another visitor's."""

    def test_no_form_is_taken_without_a_token(self, anyone: Somebody) -> None:
        for one in guarded_by_token(anyone):
            page = anyone.post(one.path, {"email": "x"}, token=False, Origin="null")
            helps(page, 400)

    @pytest.mark.parametrize("token", ["", "x", "x.y.z", "\0", "😀", "A" * 5000])
    def test_nor_with_a_forged_one(self, anyone: Somebody, token: str) -> None:
        anyone.get("/account/sign-in")
        for one in guarded_by_token(anyone):
            helps(anyone.post(one.path, {"csrf_token": token}, follow=False), 400)

    def test_nor_with_somebody_elses(self, app: Flask, anyone: Somebody) -> None:
        stolen = Portal(app).csrf_token()
        anyone.get("/account/sign-in")
        for one in guarded_by_token(anyone):
            helps(anyone.post(one.path, {"csrf_token": stolen}, follow=False), 400)

    def test_typed_text_is_kept_and_can_be_sent_again(
        self, app: Flask, someone: Everything
    ) -> None:
        """The session ended while a long form was open; the browser says it came from us."""
        portal = Portal(app)
        portal.get("/account/sign-in")
        portal.client.delete_cookie("alko_session")
        email = someone.person.contact.email
        page = portal.submit("/account/sign-in", email=email, password=someone.person.password)
        helps(page, 400)
        form = page.form("/account/sign-in")
        assert form.data["email"] == email
        assert form.data["password"] == "", "a password is typed again, never put into a page"
        assert someone.person.password not in page.html
        assert portal.submit("/account/sign-in", password=someone.person.password).signed_in

    def test_a_form_from_elsewhere_is_not_offered_again(self, app: Flask, portal: Portal) -> None:
        page = portal.post(
            "/account/register",
            {"email": "typed@evil.example"},
            token=False,
            Origin="https://evil.example",
            Referer="https://evil.example/form",
        )
        helps(page, 400)
        assert "typed@evil.example" not in page.html

    def test_a_refused_form_changed_nothing(self, app: Flask, someone: Everything) -> None:
        portal = Portal(app)
        portal.sign_in(someone.person.contact.email, someone.person.password)
        portal.get("/account/profile")
        before = portal.page.form("/account/profile").data if portal.page else None
        helps(portal.post("/account/profile", {"city": "Forged"}, token=False), 400)
        portal.post("/account/sign-out", {}, token=False)
        assert portal.get("/account/profile").signed_in
        assert portal.page
        after = portal.page.form("/account/profile").data
        assert before and after["city"] == before["city"] != "Forged"


def test_nothing_typed_is_lost_when_a_form_is_wrong(app: Flask, portal: Portal) -> None:
    portal.get("/account/register")
    page = portal.submit("/account/register", email="Ileana <not an address>", password="short")
    helps(page, 422)
    assert page.form("/account/register").data["email"] == "Ileana <not an address>"
    assert page.form("/account/register").data["password"] == ""
    assert len(page.errors) == 2, page.errors
    assert page.title.startswith("Error:")
