"""Every page in a real browser: accessible, narrow, dark, silent towards others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import HTTPException

from alko.web.access import Access
from tests.browser import pages
from tests.browser.conftest import OpenBrowser, Watched, go
from tests.portal import Portal
from tests.web.addresses import addresses

pytestmark = pytest.mark.browser
WCAG_22_AA = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations"],
}
CONTRAST = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}
"""All that the colours decide; the rest is the same in light and in dark."""
WIDE = {"width": 1280, "height": 720}
NARROW = {"width": 360, "height": 740}
MARK_REPEATED = """() => {
    const shape = e => `${e.tagName}.${e.className}(${[...e.children].map(shape)})`;
    for (const parent of document.querySelectorAll("main, main *")) {
        const seen = {};
        for (const child of parent.children) {
            const key = shape(child);
            seen[key] = (seen[key] ?? 0) + 1;
            if (seen[key] > 2) child.setAttribute("data-repeated", "");
        }
    }
}"""
"""Marks the third and further siblings of one shape: rows that look like the two before."""
NOT_REPEATED = {"exclude": [["[data-repeated]"]]}
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
    .map(e => e.tagName + "." + e.className).slice(0, 8)"""


def accessible(page: Page, what: str, options: dict[str, Any] = WCAG_22_AA) -> None:
    page.evaluate(MARK_REPEATED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("([where, options]) => axe.run(where, options)", [NOT_REPEATED, options])
    results = AxeResults(found)
    assert results.violations_count == 0, f"{page.url} {what}\n{results.generate_report()}"


def examine(page: Page) -> None:
    """Light, then dark and as narrow as a small telephone, with its menu closed and open."""
    page.emulate_media(color_scheme="light")
    accessible(page, "light", CONTRAST)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    fits(page, NARROW["width"])
    for menu in page.locator("details.site-menu > summary").all():
        if menu.is_visible():
            menu.click()
    accessible(page, "dark and narrow, menu open")
    fits(page, NARROW["width"])


def fits(page: Page, most: int) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= most, f"{page.url} is {width} wide: {page.evaluate(TOO_WIDE)}"


@pytest.fixture(scope="module")
def open_pages(chromium: Browser, live: str, signed_in_state: Any) -> Iterator[dict[str, Page]]:
    """A visitor's and the client's, in which one page after another is looked at."""
    contexts = {
        "visitor": chromium.new_context(base_url=live, reduced_motion="reduce"),
        "client": chromium.new_context(
            base_url=live, reduced_motion="reduce", storage_state=signed_in_state
        ),
    }
    yield {name: context.new_page() for name, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture(params=["visitor"])
def reading(
    request: pytest.FixtureRequest, open_pages: dict[str, Page], watched: Watched
) -> Iterator[Page]:
    """One of them as wide as at first, watched during one test."""
    page = open_pages[request.param]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    with watched.watching(page.context):
        yield page


@pytest.mark.promise("P8")
@pytest.mark.parametrize("path", pages.PUBLIC)
def test_a_public_page(reading: Page, path: str) -> None:
    response = reading.goto(path)
    assert response and response.status == 200
    examine(reading)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("path", pages.CLIENT)
@pytest.mark.parametrize("reading", ["client"], indirect=True)
def test_a_clients_page(reading: Page, path: str) -> None:
    if path == "/account/confirm-password":
        reading.goto(path)
    else:
        go(reading, path)
    assert reading.locator('form[action="/account/sign-out"]').count() == 1
    assert reading.url.endswith(path)
    examine(reading)


@pytest.mark.parametrize("path", pages.MISSING)
def test_a_page_that_is_not_there(reading: Page, watched: Watched, path: str) -> None:
    watched.expected_complaints = ("404",)
    response = reading.goto(path)
    assert response and response.status == 404
    examine(reading)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/sign-in", {"email": "not an address"}),
        ("/account/register", {"email": "x@example.test", "password": "password"}),
        ("/account/forgotten-password", {"email": ""}),
    ],
)
def test_a_form_with_errors(
    visitor: Page, watched: Watched, path: str, fields: dict[str, str]
) -> None:
    watched.expected_complaints = ("422",)
    visitor.goto(path)
    for name, value in fields.items():
        visitor.fill(f"main input[name={name}]", value)
    visitor.click("main form button[type=submit]")
    summary = visitor.locator(".error-summary")
    assert summary.evaluate(
        "e => e === document.activeElement || e.contains(document.activeElement)"
    )
    assert visitor.title().startswith("Error:")
    summary.locator("a").first.click()
    assert visitor.evaluate("document.activeElement.matches('[aria-invalid=true]')")
    for name, value in fields.items():
        if name != "password":
            assert visitor.input_value(f"main input[name={name}]") == value
    examine(visitor)


def test_a_form_of_a_client_with_errors(client: Page, watched: Watched) -> None:
    watched.expected_complaints = ("422",)
    client.goto("/account/profile")
    client.fill("input[name=phone]", "not a number")
    client.click("main form button[type=submit]")
    assert client.locator(".error-summary li").count() == 1
    assert client.input_value("input[name=phone]") == "not a number"
    examine(client)


def test_a_mail_in_the_mailbox(visitor: Page, signed_in_state: Any) -> None:
    """The sign-in of this run was one from a new device, which sends a mail."""
    link = visitor.locator('main a[href^="/demo/mailbox/"]').first
    for _ in range(60):
        visitor.goto("/demo/mailbox")
        if link.count():
            break
        visitor.wait_for_timeout(500)
    link.click()
    assert "/demo/mailbox/" in visitor.url
    examine(visitor)


def test_a_revealed_value(client: Page) -> None:
    client.goto("/my-data/identity")
    masked = client.locator('form[action$="/reveal"] button')
    count = masked.count()
    assert count >= 1
    masked.first.click()
    expect(masked).to_have_count(count - 1)
    examine(client)


def test_a_long_category_is_paged_in_place(client: Page) -> None:
    client.goto("/my-data/sign-ins")
    client.locator('nav a[href*="page=2"]').first.click()
    client.wait_for_url("**page=2**")
    assert client.locator("main article, main .record").count() > 0
    examine(client)


def test_what_is_printed_has_no_navigation(client: Page) -> None:
    client.goto("/my-data")
    client.emulate_media(media="print")
    assert not client.locator(".site-nav").first.is_visible()
    assert client.locator("main h1").is_visible()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_text_twice_as_large_still_fits(fresh_browser: OpenBrowser, width: int) -> None:
    """WCAG 1.4.10, reflow: down to 320 CSS pixels nothing scrolls sideways."""
    page = fresh_browser(viewport={"width": width, "height": 800}).new_page()
    for path in ("/", "/privacy", "/privacy/promises", "/account/register"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_no_page_is_missing_here(app: Flask) -> None:
    """A new page is examined by these tests, or somebody says why not."""
    visited = (*pages.PUBLIC, *pages.CLIENT, *pages.MISSING)
    matcher = app.url_map.bind("localhost")
    seen = set()
    for path in visited:
        try:
            seen.add(matcher.match(path, method="GET", return_rule=True)[0].rule)
        except HTTPException:
            continue
    portal = Portal(app)
    html = set()
    for one in addresses(app):
        if "GET" not in one.methods or one.path.endswith(".json"):
            continue
        if one.access is Access.STAFF:  # see test_staff.py
            continue
        page = portal.get(one.path, follow=False)
        if one.access is not Access.PUBLIC or page.content_type == "text/html":
            html.add(one.rule.rule)
    redirects = {"/.well-known/change-password", "/favicon.ico", "/static/<digest>/<path:name>"}
    machines = {"/metrics"}
    assert html - seen - redirects - machines == set(pages.NO_PAGES)
