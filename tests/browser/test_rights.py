"""The rights in a real browser: by keyboard alone, printed, on a telephone, to the receipt."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from alko.demo.accounts import OTHER_EMAIL, PASSWORD
from tests.browser.conftest import OpenBrowser, Watched, sign_in
from tests.browser.test_pages import examine

pytestmark = pytest.mark.browser
MOST_KEYS = 80
PATIENCE = 90
"""Seconds: the worker looks for erasures every ten of them, and sends mail after."""
FOCUSED = "[document.activeElement.name, document.activeElement.textContent.trim()]"


def tab_to(page: Page, wanted: str) -> None:
    """Press the tab key until the field of that name, or the button of that text, has the focus."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard on {page.url}")


def press(page: Page, button: str) -> None:
    tab_to(page, button)
    page.keyboard.press("Enter")


def test_a_request_by_keyboard_alone_to_its_end(client: Page) -> None:
    client.goto("/rights/access")
    tab_to(client, "words")
    client.keyboard.insert_text("Everything about my order, also on paper.")
    press(client, "Check your answers")
    expect(client.locator("h1")).to_have_text("Check your answers")
    press(client, "File the request")
    client.wait_for_url(re.compile(r"/rights/requests/R-"))
    reference = client.url.rpartition("/")[2]

    tab_to(client, "body")
    client.keyboard.insert_text("One more thing.")
    press(client, "Add the message")
    expect(client.locator("#conversation")).to_contain_text("One more thing.")
    _prints(client, reference)
    examine(client)
    press(client, "Withdraw this request")
    expect(client.locator("main")).to_contain_text("Withdrawn")


def _prints(page: Page, reference: str) -> None:
    """The receipt on paper: what was asked and when, without menus and buttons."""
    page.emulate_media(media="print")
    expect(page.locator("main")).to_contain_text(reference)
    expect(page.locator("main")).to_contain_text("Everything about my order")
    for screen_only in ("header nav", "main form button"):
        for element in page.locator(screen_only).all():
            expect(element).to_be_hidden()
    page.emulate_media(media="screen")


def test_a_form_of_htmx_outlives_its_session(
    fresh_browser: OpenBrowser, signed_in_state: Any, watched: Watched
) -> None:
    watched.expected_complaints = ("400", "403")
    page = fresh_browser(storage_state=signed_in_state).new_page()
    page.goto("/privacy/cookies")
    page.context.clear_cookies()
    page.get_by_label("Send me news").check()
    page.get_by_role("button", name="Save my choices").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("main")).to_contain_text("Nothing you typed is lost")
    page.fill("input[name=email]", OTHER_EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    expect(page.get_by_label("Send me news")).to_be_checked()


@pytest.mark.promise("P28")
def test_deletion_on_a_telephone_to_the_receipt(fresh_browser: OpenBrowser) -> None:
    page = fresh_browser(viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, email=OTHER_EMAIL)
    page.goto("/rights/deletion")
    page.get_by_label("Now; it cannot be undone").check()
    page.get_by_label("Type the words").fill("delete my data")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Your data")
    mail = page.get_by_role("link", name="Your data was erased")
    for _ in range(PATIENCE):
        page.goto("/demo/mailbox")
        if mail.count():
            break
        page.wait_for_timeout(1_000)
    mail.first.click()
    page.locator("a[href*='/rights/receipts/']").first.click()
    expect(page.locator("main")).to_contain_text("What was planned is what happened")
    examine(page)
