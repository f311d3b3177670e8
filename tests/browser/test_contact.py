"""Writing to ALKO on a telephone: form, receipt, mailed link, case (P33)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser
from tests.browser.test_pages import examine

pytestmark = pytest.mark.browser
TELEPHONE = {"width": 390, "height": 844}
MAIL_SECONDS = 60


@pytest.mark.promise("P33")
def test_from_the_form_to_the_case(fresh_browser: OpenBrowser) -> None:
    page = fresh_browser(viewport=TELEPHONE).new_page()
    page.goto("/contact")
    page.get_by_label("A privacy request").check()
    page.get_by_label("Email address").fill("browser-visitor@mail.example")
    page.get_by_label("Subject").fill("Which data?")
    page.get_by_label("Your message").fill("What do you hold about me?")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    examine(page)
    page.get_by_role("button", name="Send the message").click()
    page.wait_for_url(re.compile(r"/contact/C-\d{4}-\w{6}/receipt"))
    reference = page.url.split("/")[-2]
    examine(page)
    page.goto("/demo/mailbox")
    for _ in range(MAIL_SECONDS):
        if page.get_by_text("We received your message").count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    page.get_by_role("link", name="We received your message").first.click()
    page.locator(f'a[href*="/contact/{reference}/open/"]').first.click()
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url(f"**/contact/{reference}")
    page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
    page.get_by_label("Your message").fill("And since when?")
    page.get_by_role("button", name="Add the message").click()
    expect(page.get_by_text("And since when?")).to_be_visible()
    examine(page)
    page.get_by_role("link", name="Delete this case").click()
    examine(page)
    page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
    page.get_by_label("Type the word").fill("delete")
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_text("its key is destroyed")).to_be_visible()
