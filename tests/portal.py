"""A visitor's browser without JavaScript, on top of Flask's test client.

It lints every page that it fetches (tests/page_lint.py), sends what a browser would send, and
follows redirects, so that a test reads like the visit of a person.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bson import ObjectId
from flask import Flask
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import TestResponse

from alko.privacy.identity import sign_ins, staff
from tests import page_lint
from tests.web_forms import Form

HOST = "localhost"
_known: set[int] = set()
"""Pages that were found to be as they must be, but for what changes from one to the next."""
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 10


class Page:
    """An answer of the portal, parsed."""

    def __init__(self, response: TestResponse, address: str, history: list[str]) -> None:
        self.address = address
        self.history = history
        """Addresses that sent the visitor on to this one."""
        self.status: int = response.status_code
        self.headers: Headers = response.headers
        self.data: bytes = response.get_data()
        self.content_type: str = response.mimetype or ""
        self._soup: BeautifulSoup | None = None

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.address}: {self.title or self.content_type}>"

    @property
    def html(self) -> str:
        return self.data.decode()

    @property
    def soup(self) -> BeautifulSoup:
        if self._soup is None:
            # Whether it is valid HTML is seen by page_lint; here a fast parser will do.
            self._soup = BeautifulSoup(self.html, "lxml", string_containers={})
        return self._soup

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def text(self) -> str:
        """All text of the page (forms' values left out), white space collapsed."""
        return self.text_of("body") if self.content_type == "text/html" else self.html

    @property
    def main(self) -> str:
        """The text inside the main landmark."""
        return self.text_of("main")

    @property
    def title(self) -> str:
        return self.text_of("title") if self.content_type == "text/html" else ""

    @property
    def h1(self) -> str:
        return self.text_of("h1")

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        summary = self.soup.select_one(".error-summary")
        return [" ".join(item.get_text(" ").split()) for item in summary("li")] if summary else []

    @property
    def links(self) -> list[str]:
        return [str(link["href"]) for link in self.soup.select("a[href]")]

    @property
    def signed_in(self) -> bool:
        return self.soup.select_one('form[action$="/sign-out"]') is not None

    def text_of(self, selector: str) -> str:
        """The text of the first match, white space collapsed; empty where there is none."""
        found = self.soup.select_one(selector)
        return " ".join(found.get_text(" ").split()) if found else ""

    def form(self, wanted: str | None = None) -> Form:
        """The form with that action or CSS selector; without one the only form of <main>."""
        forms = [form for form in self.soup.find_all("form") if _is(form, wanted, self)]
        if not forms:
            actions = [str(form.get("action")) for form in self.soup.find_all("form")]
            raise AssertionError(f"{self!r} has no form {wanted!r}; its forms go to {actions}")
        if wanted is None and len(forms) > 1:
            actions = [str(form.get("action")) for form in forms]
            raise AssertionError(f"{self!r} has several forms, say which: {actions}")
        return Form(forms[0])


def _is(form: Tag, wanted: str | None, page: Page) -> bool:
    if wanted is None:
        return form.find_parent("main") is not None
    if wanted.startswith("/"):
        return urlsplit(str(form.get("action", ""))).path == wanted
    return form in page.soup.select(wanted)


class Portal:
    """One visitor with an address of their own, so that nobody else uses up their rate limits."""

    lints = True
    """Whether every page is parsed and checked; thousands of similar ones need not be."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.address = f"2001:db8:{secrets.randbelow(0xFFFF):x}:{secrets.randbelow(0xFFFF):x}::1"
        self.page: Page | None = None
        """The page the visitor is on."""

    def again(self) -> Portal:
        """The same browser in another window: cookies and address are shared."""
        other = Portal(self.app)
        other.client, other.address = self.client, self.address
        return other

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """Fetch a page. Headers are given as ``Sec_GPC="1"``."""
        return self._visit("GET", path, follow=follow, headers=_named(headers))

    def htmx(self, path: str, method: str = "GET", data: Any = None, **headers: str) -> Page:
        """Fetch as htmx does; HX-Redirect is not followed."""
        sent = {"HX-Request": "true", "HX-Current-URL": self._here(), **_named(headers)}
        return self._visit(method, path, data=data, follow=False, headers=sent)

    def post(
        self,
        path: str,
        data: Any = None,
        *,
        follow: bool = True,
        token: bool = True,
        **headers: str,
    ) -> Page:
        """Send a form that is not looked for on any page; with a valid token unless told."""
        if token and (data is None or isinstance(data, Mapping)):
            data = MultiDict(data or {})
            if "csrf_token" not in data:
                data["csrf_token"] = self.csrf_token()
        return self._visit("POST", path, data=data, follow=follow, headers=_named(headers))

    def submit(
        self,
        form: str | None = None,
        /,
        *,
        button: str | None = None,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> Page:
        """Fill in and send a form of the page the visitor is on.

        ``form`` is an action or a CSS selector (only needed where <main> has several forms).
        Fields not named keep what the page put in them: see tests/web_forms.py. ``button`` is the
        label, name or value of the button to press.
        """
        if self.page is None:
            raise AssertionError("no page was fetched yet")
        filled = self.page.form(form).fill(fields).press(button)
        action = urljoin(self.page.address, filled.action)
        if filled.method == "get":
            query = urlencode(list(filled.data.items(multi=True)))
            return self._visit("GET", f"{action.split('?')[0]}?{query}", follow=follow)
        return self._visit("POST", action, data=filled.data, follow=follow, headers=headers)

    def csrf_token(self) -> str:
        """A token of this visitor's session."""
        field = self.page and self.page.soup.select_one("input[name=csrf_token]")
        if not field:
            there = self.page
            field = self.get("/account/sign-in").soup.select_one("input[name=csrf_token]")
            self.page = there
        assert field, "no page offers a csrf token"
        return str(field["value"])

    def sign_in(self, email: str, password: str, code: str | None = None) -> Page:
        """Sign in through the real pages; with the second factor's code where it is asked for."""
        self.get("/account/sign-in")
        page = self.submit("/account/sign-in", email=email, password=password)
        if code is not None:
            page = self.submit(code=code)
        assert page.signed_in, f"not signed in: {page!r} {page.errors}"
        return page

    def enter(self, client: ObjectId, *, fresh: bool = True) -> Portal:
        """Be signed in as that client without the pages, where signing in is not what is tested.

        Saves the hash of a password; ``fresh`` is whether it counts as given a moment ago.
        """
        token, _ = sign_ins.begin(client, "2001:db8::", "Linux", "Firefox", analytics=False)
        with self.client.session_transaction(base_url=f"http://{HOST}") as session:
            session["_user_id"], session["_fresh"] = token, True
            session["confirmed_at"] = int(time.time()) if fresh else 1
        return self

    def enter_staff(self, member: ObjectId) -> Portal:
        """Be signed in as that member of staff, where signing in is not what is tested."""
        token = staff.begin_session(member)
        with self.client.session_transaction(base_url=f"http://{HOST}") as session:
            session["staff"] = token
        return self

    def sign_out(self) -> Page:
        return self.submit("/account/sign-out")

    def _here(self) -> str:
        return urljoin(f"http://{HOST}/", self.page.address if self.page else "/")

    def _visit(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        sent = dict(headers or {})
        if self.page is not None:
            sent.setdefault("Referer", self._here())
        if method != "GET":
            sent.setdefault("Origin", f"http://{HOST}")
        history: list[str] = []
        fragment = sent.get("HX-Request") == "true" and sent.get("HX-Boosted") != "true"
        while True:
            response = self.client.open(
                path,
                method=method,
                data=data,
                headers=sent,
                base_url=f"http://{HOST}",
                environ_base={"REMOTE_ADDR": self.address},
            )
            page = Page(response, path, history)
            if not (follow and page.status in REDIRECTS):
                break
            assert method == "GET" or page.status == 303, f"{page!r} answers a form, not with 303"
            assert len(history) < MOST_REDIRECTS, f"redirects in a circle: {history}"
            target = urlsplit(urljoin(self._here(), page.headers["Location"]))
            assert target.netloc == HOST, f"{page!r} sends to another host: {target.geturl()}"
            history.append(path)
            path = target._replace(scheme="", netloc="", fragment="").geturl()
            method, data = "GET", None
        if self.lints:
            check(page, fragment=fragment)
        assert page.status != 500, f"{page!r} is a fault of the portal"
        if not fragment:
            self.page = page
        return page


def check(page: Page, *, fragment: bool = False) -> None:
    """Fail, naming the page, unless it is as every page must be."""
    assert page.status != 500, f"{page!r} is a fault of the portal"
    if page.content_type != "text/html" or not page.data or page.status in REDIRECTS:
        return
    whole = not fragment or page.html.lstrip().lower().startswith("<!doctype")
    # Pages of the same shape are parsed once: that takes far longer than the page itself.
    same = hash((whole, page_lint.shape(page.html)))
    if same in _known and not page_lint.suspicious(page.html):
        return
    found = page_lint.problems(page.html, HOST, fragment=not whole)
    assert not found, "\n".join([f"{page!r} is not as a page must be:", *found])
    _known.add(same)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
