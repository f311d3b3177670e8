"""A real Chromium, and the portal as ``make run`` starts it: web server, worker and demo data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    sync_playwright,
)

from alko.demo.accounts import CLIENT_EMAIL, PASSWORD
from tests.serving import served

FLAGS = (
    "--no-sandbox",  # runs as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path, "Chromium is missing: run `make test`, which installs it, or set CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def live(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with demo data, in a process of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    folder = tmp_path_factory.mktemp("live")
    environment = {
        "ALKO_ENV": "development",
        "ALKO_INSTANCE": str(folder / "instance"),
        "MONGODB_URI": database_uri,
        "ALKO_DATABASE": f"browser_{worker}",
        "ALKO_KEY_VAULT_DATABASE": f"browser_{worker}_keys",
        "WEB_CONCURRENCY": "1",
    }
    command = ["flask", "--app", "wsgi", "serve", "--demo"]
    with served(command, environment, folder) as address:
        yield address


class Watched:
    """What a browser did that no page of ours may make it do."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.expected_complaints: tuple[str, ...] = ()
        """Parts of messages that a test provokes, for instance a 404 it asks for."""

    def watch(self, context: BrowserContext) -> None:
        for event, look in self._events():
            context.on(event, look)  # type: ignore[call-overload]

    @contextmanager
    def watching(self, context: BrowserContext) -> Iterator[None]:
        """Watch a browser that several tests use, during one of them."""
        self.watch(context)
        yield
        for event, look in self._events():
            context.remove_listener(event, look)

    def _events(self) -> tuple[tuple[str, Callable[[Any], None]], ...]:
        return (("request", self._request), ("console", self._console), ("weberror", self._error))

    def _error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.foreign.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def check(self) -> None:
        assert self.foreign == [], "requests left for another host"
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(part in complaint for part in self.expected_complaints)
        ]
        assert unexpected == [], "the browser complained"


OpenBrowser = Callable[..., BrowserContext]


@pytest.fixture
def watched(live: str) -> Iterator[Watched]:
    """Guards every page of a test: no request to another host (P8), no error in the console."""
    watched = Watched(urlsplit(live).netloc)
    yield watched
    watched.check()


@pytest.fixture
def fresh_browser(chromium: Browser, live: str, watched: Watched) -> Iterator[OpenBrowser]:
    """Opens browsers without cookies; options are Playwright's, for instance ``viewport``."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=live, reduced_motion="reduce", **options)
        watched.watch(context)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture(scope="package")
def signed_in_state(chromium: Browser, live: str) -> Any:
    """The cookies of the demo client, signed in once through the real page."""
    context = chromium.new_context(base_url=live)
    page = context.new_page()
    sign_in(page)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visitor(fresh_browser: OpenBrowser) -> Page:
    return fresh_browser().new_page()


@pytest.fixture
def client(fresh_browser: OpenBrowser, signed_in_state: Any) -> Page:
    return fresh_browser(storage_state=signed_in_state).new_page()


def sign_in(page: Page, *, email: str = CLIENT_EMAIL, remember: bool = False) -> None:
    page.goto("/account/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    if remember:
        page.check("input[name=remember]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/my-data")


def go(page: Page, path: str) -> None:
    """Open a page; confirms the password where the portal asks for it once more."""
    page.goto(path)
    if "/account/confirm-password" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/account/confirm-password" not in url)
