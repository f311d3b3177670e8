"""Whole visits: without JavaScript, by keyboard alone, and what is left in the browser after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from alko.demo.accounts import CLIENT_EMAIL, PASSWORD
from tests.browser import pages
from tests.browser.conftest import OpenBrowser, Watched, go, sign_in

pytestmark = pytest.mark.browser
FOCUSED = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    const marked = (one) => getComputedStyle(one).outlineStyle !== "none";
    const around = [e, ...(e.matches("a") ? [e.closest("article, li, div")] : [])];
    return {
        tag: e.tagName,
        href: e.getAttribute("href"),
        name: e.getAttribute("name"),
        text: (e.textContent || "").trim().replace(/\\s+/g, " "),
        inMain: Boolean(e.closest("main")),
        // The calendar button inside a date field is the browser's own, and so is its mark.
        marked: around.some((one) => one && marked(one)) || e.type === "date",
        inView: box.top < innerHeight && box.bottom > 0 && box.width > 0,
    };
}"""
REACHABLE = """() => [...document.querySelectorAll(
    "main a[href], main button, main input:not([type=hidden]), main select, main textarea"
)].filter(e => e.offsetParent !== null && !e.disabled && e.tabIndex >= 0
    && !(e.type === "radio" && !e.checked)).length"""


def cookie_names(context: BrowserContext) -> set[str]:
    return {cookie["name"] for cookie in context.cookies()}


@pytest.mark.promise("P5")
def test_the_cookies_a_browser_gets_are_the_published_ones(fresh_browser: OpenBrowser) -> None:
    context = fresh_browser()
    page = context.new_page()
    page.goto("/privacy/cookies")
    published = {name.inner_text() for name in page.locator("#cookies th[scope=row] code").all()}
    assert cookie_names(context) == set(), "reading alone sets none"
    for path in pages.PUBLIC:
        page.goto(path)
        assert cookie_names(context) <= published, path
    sign_in(page, remember=True)
    for path in pages.CLIENT:
        go(page, path)
        assert cookie_names(context) <= published, path
    assert cookie_names(context) == published
    for cookie in context.cookies():
        assert cookie["httpOnly"], cookie["name"]
        assert cookie["sameSite"] == "Lax", cookie["name"]
    page.goto("/")
    page.click('form[action="/account/sign-out"] button')
    page.wait_for_url("**/")
    assert cookie_names(context) < published, "the one that keeps one signed in is gone"


@pytest.mark.promise("P5")
def test_nothing_else_is_left_in_the_browser(client: Page) -> None:
    for path in (*pages.PUBLIC[:6], *pages.CLIENT):
        go(client, path)
        kept = client.evaluate("[{...localStorage}, {...sessionStorage}]")
        assert kept == [{}, {}], path
        assert client.evaluate("navigator.serviceWorker?.controller ?? null") is None


@pytest.mark.promise("P5")
def test_choices_answer_in_place_and_leave_nothing_behind(client: Page) -> None:
    """The one form that htmx sends: saved without a new page, and put back."""
    client.goto("/privacy/cookies")
    client.evaluate("window.stayed = true")
    box = client.locator("#choices input[name=analytics]")
    before = box.is_checked()
    for wanted in (not before, before):
        client.set_checked("#choices input[name=analytics]", wanted)
        with client.expect_response("**/privacy/cookies/choices") as answer:
            client.click("#choices button[type=submit]")
        assert answer.value.status == 200
        expect(box).to_be_checked(checked=wanted)
    assert client.evaluate("window.stayed") is True
    assert client.evaluate("[{...localStorage}, {...sessionStorage}]") == [{}, {}]
    client.reload()
    assert client.locator("#choices input[name=analytics]").is_checked() == before


def test_a_visit_without_javascript(fresh_browser: OpenBrowser, watched: Watched) -> None:
    watched.expected_complaints = ("422",)
    page = fresh_browser(java_script_enabled=False).new_page()
    page.goto("/")
    page.goto("/account/sign-in")
    page.fill("input[name=email]", CLIENT_EMAIL)
    page.fill("input[name=password]", "wrong-password-here")
    page.click("main form button[type=submit]")
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.input_value("input[name=email]") == CLIENT_EMAIL
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile("/my-data$"))
    page.click('main a[href="/my-data/identity"] >> nth=0')
    hidden = page.locator('form[action$="/reveal"] button')
    count = hidden.count()
    assert count >= 1
    hidden.first.click()
    expect(page.locator('form[action$="/reveal"] button')).to_have_count(count - 1)
    page.goto("/my-data/sign-ins")
    page.click('nav a[href*="page=2"] >> nth=0')
    expect(page).to_have_url(re.compile("page=2"))
    page.goto("/my-data/activity")
    assert "reveal" in page.locator("main").inner_text().lower()
    page.goto("/privacy/cookies")
    page.click("#choices button[type=submit]")
    expect(page.locator("#messages")).to_contain_text("saved")
    page.click('form[action="/account/sign-out"] button')
    page.goto("/my-data")
    expect(page).to_have_url(re.compile("/account/sign-in"))


@pytest.mark.parametrize("path", ["/", "/privacy", "/account/sign-in", "/my-data"])
def test_the_first_key_offers_to_skip_to_the_content(client: Page, path: str) -> None:
    client.goto(path)
    client.keyboard.press("Tab")
    focused = client.evaluate(FOCUSED)
    assert focused["href"] == "#main"
    assert focused["marked"] and focused["inView"], "the skip link shows itself"
    client.keyboard.press("Enter")
    assert client.evaluate("document.activeElement.id") == "main"
    client.keyboard.press("Tab")
    after = client.evaluate(FOCUSED)
    assert after is None or after["inMain"] or path == "/privacy", "the next key is in the content"


@pytest.mark.parametrize(
    "path",
    ["/privacy/cookies", "/my-data", "/my-data/identity", "/my-data/download", "/account/profile"],
)
def test_the_keyboard_reaches_all_there_is_to_do(client: Page, path: str) -> None:
    go(client, path)
    client.locator("main").focus()
    reachable = client.evaluate(REACHABLE)
    assert reachable >= 1
    seen = []
    for _ in range(reachable * 4 + 40):
        client.keyboard.press("Tab")
        focused = client.evaluate(FOCUSED)
        if focused is None or not focused["inMain"]:
            break
        if focused["tag"] in ("A", "BUTTON", "INPUT", "SELECT", "TEXTAREA"):
            seen.append(focused)
        assert focused["marked"], f"no mark shows the focus on {focused}"
        assert focused["inView"], f"the focus is out of sight on {focused}"
    assert len(seen) >= reachable, f"{len(seen)} of {reachable} were reached"


def test_signing_in_by_keyboard_alone(visitor: Page) -> None:
    visitor.goto("/account/sign-in")
    visitor.locator("main").focus()
    visitor.keyboard.press("Tab")
    while (visitor.evaluate(FOCUSED) or {}).get("name") != "email":
        visitor.keyboard.press("Tab")
    visitor.keyboard.type(CLIENT_EMAIL)
    while (visitor.evaluate(FOCUSED) or {}).get("name") != "password":
        visitor.keyboard.press("Tab")
    visitor.keyboard.type(PASSWORD)
    visitor.keyboard.press("Enter")
    visitor.wait_for_url("**/my-data")


@pytest.mark.promise("P14")
def test_the_way_back_after_signing_out_shows_nothing(fresh_browser: OpenBrowser) -> None:
    page = fresh_browser().new_page()
    sign_in(page)
    page.goto("/my-data/contact")
    assert CLIENT_EMAIL in page.content()
    page.click('form[action="/account/sign-out"] button')
    page.wait_for_url("**/")
    page.go_back()
    assert CLIENT_EMAIL not in page.content()
