"""A visitor over real HTTP: cookies, redirects and forms, nothing of the application imported."""

from __future__ import annotations

import http.cookiejar
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bs4 import BeautifulSoup

from tests.web_forms import Form

PATIENCE = 30
"""Seconds: longer than the portal waits for its database before it answers 503."""


class Answer:
    """What came back after all redirects."""

    def __init__(self, status: int, address: str, data: bytes) -> None:
        self.status = status
        self.address = address
        self.data = data

    def __repr__(self) -> str:
        return f"<Answer {self.status} {self.address}>"

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.data, "html5lib")

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())


class Visitor:
    """One browser with its cookies."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))
        self.page = Answer(0, base, b"")

    def at(self, base: str) -> Visitor:
        """The same browser, which finds the portal at another address."""
        other = Visitor(base)
        for cookie in self.cookies:
            other.cookies.set_cookie(cookie)
        return other

    def get(self, path: str) -> Answer:
        return self._visit(urljoin(self.base, path))

    def submit(self, form: str, /, **fields: Any) -> Answer:
        """Fill in and send the form with that CSS selector on the present page."""
        found = self.page.soup.select_one(form)
        assert found is not None, f"{self.page!r} has no {form}: {self.page.text[:500]}"
        filled = Form(found).fill(fields).press()
        body = urlencode(list(filled.data.items(multi=True))).encode()
        origin = {"Origin": self.base, "Referer": self.page.address}
        return self._visit(urljoin(self.page.address, filled.action), body, origin)

    def sign_in(self, email: str, password: str) -> Answer:
        self.get("/account/sign-in")
        page = self.submit("main form", email=email, password=password)
        assert self.signed_in, f"{page!r}: {page.text[:500]}"
        return page

    @property
    def signed_in(self) -> bool:
        return self.page.soup.select_one('form[action="/account/sign-out"]') is not None

    def _visit(
        self, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = Request(address, body, dict(headers or {}))  # noqa: S310 - always http
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                self.page = Answer(response.status, response.url, response.read())
        except HTTPError as error:
            with error:
                self.page = Answer(error.code, error.url or "", error.read())
        return self.page
