"""The staff's surface in a real browser: every page of every desk, and one case by keyboard alone.

Pages are found as people find them: from the navigation and the links of pages seen already, one
page for each route. What cannot be reached in the demo is listed in pages.py, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.exceptions import HTTPException

from alko.demo.accounts import CLIENT_EMAIL, PASSWORD, STAFF, TOTP_SECRET
from alko.models.staff import StaffRole
from alko.web.access import Access
from tests.browser import pages
from tests.browser.conftest import Watched
from tests.browser.test_pages import accessible, examine
from tests.browser.test_visits import FOCUSED
from tests.web.addresses import answering

pytestmark = pytest.mark.browser
EMAILS = {one.role: one.email for one in reversed(STAFF)}
"""The first of each role."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LINKS = """() => [...document.querySelectorAll("main a[href], .site-nav a[href]")]
    .filter(e => !e.hasAttribute("download")).map(e => e.getAttribute("href"))"""

Enter = Callable[[StaffRole], Page]


@pytest.fixture(scope="module")
def sessions(chromium: Browser, live: str) -> Iterator[dict[StaffRole, Any]]:
    """Cookies of each member, signed in once through the real pages."""
    states: dict[StaffRole, Any] = {}
    for role, email in EMAILS.items():
        context = chromium.new_context(base_url=live)
        page = context.new_page()
        page.goto("/staff/sign-in")
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.fill("input[name=code]", pyotp.TOTP(TOTP_SECRET).now())
        page.click("main form button[type=submit]")
        page.wait_for_url("**/staff")
        states[role] = context.storage_state()
        context.close()
    yield states


@pytest.fixture
def enter(
    chromium: Browser, live: str, watched: Watched, sessions: dict[StaffRole, Any]
) -> Iterator[Enter]:
    opened: list[BrowserContext] = []

    def page_of(role: StaffRole) -> Page:
        context = chromium.new_context(
            base_url=live, storage_state=sessions[role], reduced_motion="reduce"
        )
        watched.watch(context)
        opened.append(context)
        return context.new_page()

    yield page_of
    for context in opened:
        context.close()


def rules(app: Flask) -> set[str]:
    """The routes of staff that answer with a page."""
    return {one.rule.rule for one in answering(app, "GET") if one.access is Access.STAFF}


def find_client(page: Page) -> str:
    """Search the demo's client as one does on the phone, and open the dossier by an override."""
    page.goto("/staff/clients")
    page.fill("input[name=wanted]", CLIENT_EMAIL)
    page.click("main form button[type=submit]")
    assert CLIENT_EMAIL not in page.content()
    page.click("main .found a >> nth=-1")
    examine(page)
    page.fill("textarea[name=reason]", "The demo is looked at from end to end")
    page.click("form[action$='/override'] button")
    page.wait_for_url("**case=O-**")
    return page.url


def walk(page: Page, app: Flask, begin: list[str], examined: set[str]) -> None:
    """Visit one page for each route that links lead to; examine what nobody did yet."""
    matcher, ahead = app.url_map.bind("localhost"), list(begin)
    own, seen = rules(app) - pages.STAFF_FILES, set()
    while ahead:
        path = ahead.pop(0)
        try:
            rule = matcher.match(urlsplit(path).path, method="GET", return_rule=True)[0].rule
        except HTTPException:
            continue
        if rule in seen or rule not in own:
            continue
        seen.add(rule)
        answer = page.goto(path)
        assert answer and answer.status == 200, f"{path} answers {answer and answer.status}"
        if rule not in examined:
            examined.add(rule)
            examine(page)
            page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        ahead += [link for link in page.evaluate(LINKS) if link.startswith("/staff")]


def test_every_page_of_every_desk(app: Flask, enter: Enter) -> None:
    done: set[str] = set()
    for role in StaffRole:
        page = enter(role)
        begin = list(pages.STAFF[role])
        if role is StaffRole.OFFICER:
            begin.append(find_client(page))
        walk(page, app, begin, done)
    missing = rules(app) - done - pages.STAFF_FILES - pages.STAFF_UNREACHED.keys()
    assert not missing, f"no link leads to {sorted(missing)}, or pages.py should say why"


def test_the_menu_holds_a_dozen_desks(enter: Enter) -> None:
    page = enter(StaffRole.OFFICER)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto("/staff")
    lines = page.evaluate(
        """() => new Set([...document.querySelectorAll(".site-nav--main a")]
            .map(e => Math.round(e.getBoundingClientRect().top))).size"""
    )
    assert lines == 1, "the desks stand in one line"
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.click("details.site-menu > summary")
    expect(page.locator(".site-nav--main a").last).to_be_visible()
    accessible(page, "menu open")


def tab_to(page: Page, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Press Tab until the focus is on it."""
    page.locator("main").focus()
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused and wanted(focused):
            assert focused["marked"] and focused["inView"]
            return
    raise AssertionError(f"the keyboard does not reach it on {page.url}")


def text(*parts: str) -> Callable[[dict[str, Any]], bool]:
    return lambda focused: all(part in focused["text"] for part in parts)


def test_a_request_from_the_queue_to_the_answer_by_keyboard_alone(enter: Enter) -> None:
    page = enter(StaffRole.OFFICER)
    page.goto("/staff/requests?holder=nobody&right=access")
    tab_to(page, lambda focused: "/staff/requests/R-" in (focused["href"] or ""))
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/requests/R-*")
    address = page.url
    tab_to(page, text("Take"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(address)
    tab_to(page, lambda focused: (focused["href"] or "").endswith("/decisions/done"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/done")
    tab_to(page, lambda focused: focused["tag"] == "TEXTAREA")
    page.keyboard.type("It is done as you asked.")
    tab_to(page, text("Answer and close"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/decisions/" not in url)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Done")


def test_the_way_back_after_a_swap_is_a_whole_page(enter: Enter) -> None:
    """The log is verified in the background, and its page renews itself by a fragment."""
    page = enter(StaffRole.OFFICER)
    page.goto("/staff/ledger")
    page.goto("/staff/ledger/verification")
    page.goto("/staff/reports")
    page.go_back()
    expect(page.locator("header.masthead")).to_be_visible()
    expect(page.locator("main h1")).to_be_visible()
    page.go_back()
    expect(page).to_have_url("/staff/ledger")
    expect(page.locator("header.masthead")).to_be_visible()


def test_an_order_moves_on_without_a_reload(enter: Enter, watched: Watched) -> None:
    """The step, what was said, and the way back; a failure in between loses nothing typed."""
    watched.expected_complaints = ("ERR_FAILED", "htmx:")
    page = enter(StaffRole.AGENT)
    page.goto("/staff/orders?view=mine")
    page.click("main tbody a >> nth=0")
    page.wait_for_load_state()
    address = page.url
    page.evaluate("window.sameDocument = true")
    fill_news(page)
    page.route("**/news", lambda route: route.abort())
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("#messages [role=alert]")).to_contain_text("still here")
    expect(page.locator("#messages [role=alert]")).to_be_focused()
    expect(page.locator("input[name=place]")).to_have_value("Constanta")
    page.unroute("**/news")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("#messages")).to_contain_text("It is noted")
    expect(page.locator("#order .timeline")).to_contain_text("Constanta")
    assert page.evaluate("window.sameDocument") and page.url == address
    accessible(page, "after a swap")
    page.goto("/staff/reports")
    page.go_back()
    expect(page.locator("header.masthead")).to_be_visible()
    expect(page.locator("#order .timeline")).to_contain_text("Constanta")
    page.go_back()
    expect(page).to_have_url(
        f"{urlsplit(address)._replace(path='/staff/orders').geturl()}?view=mine"
    )


def fill_news(page: Page) -> None:
    page.select_option("select[name=milestone]", "arrived")
    page.check("input[name=done][value=no]")
    page.fill("input[name=day]", "2030-01-02")
    page.fill("input[name=place]", "Constanta")
