"""A car on its way, followed in a real browser: from the sea to the door without a reload."""

from __future__ import annotations

import dataclasses
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.browser.test_pages import examine
from tests.hooks.carrier import SECRET, report, signed
from tests.orders.conftest import Buyer, at_sea, buying
from tests.portal import HOST

__all__ = ["at_sea", "buying"]

pytestmark = pytest.mark.browser
POLL = timedelta(seconds=1)
PATIENCE = 15_000
NEWS = {
    "arrived": "Arrived",
    "customs": "Customs",
    "registration": "Registration",
    "ready": "Ready for handover",
    "delivered": "Delivered",
}

Open = Callable[..., Page]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The portal on a socket, asking for news every second."""
    before = app.config["ALKO"]
    carriers = json.dumps(dict.fromkeys(("meridian", "northsea", "pelican"), SECRET))
    app.config["ALKO"] = dataclasses.replace(before, tracking_poll=POLL, carrier_secrets=carriers)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{server.port}"
    server.shutdown()
    thread.join()
    app.config["ALKO"] = before


@pytest.fixture
def open_page(chromium: Browser, address: str, at_sea: Buyer) -> Iterator[Open]:
    """Opens the tracking page as the client, in a browser of its own."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(base_url=address, reduced_motion="reduce", **options)
        contexts.append(context)
        cookie = at_sea.portal.client.get_cookie("alko_session")
        assert cookie
        context.add_cookies([{"name": "alko_session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(f"{at_sea.path}/tracking")
        return page

    yield opened
    found = list(complaints)  # closing cuts off a request on its way, of which htmx complains
    for context in contexts:
        context.close()
    assert found == []


def tell(address: str, buyer: Buyer, milestone: str) -> None:
    delivery = buyer.bought.delivery
    assert delivery
    body, headers = signed(report(str(delivery.reference), f"b-{milestone}", milestone))
    caller = http.client.HTTPConnection(address.removeprefix("http://"))
    caller.request("POST", f"/hooks/deliveries/{delivery.carrier_code}", body, headers)
    assert caller.getresponse().status == 200
    caller.close()


def asked(page: Page) -> list[str]:
    """Gathers the requests for news from now on."""
    found: list[str] = []
    page.on("request", lambda r: found.append(r.url) if "version=" in r.url else None)
    return found


def test_from_the_sea_to_the_door(open_page: Open, address: str, at_sea: Buyer) -> None:
    page = open_page()
    news = page.locator("#tracking-news")
    expect(news).to_contain_text("At sea")
    expect(page.locator(".route-ship")).to_have_count(1)
    land = page.locator(".route-land").first.bounding_box()
    assert land and land["width"] > 100, "the map is drawn"
    page.evaluate("window.stayed = true")
    for milestone, words in NEWS.items():
        tell(address, at_sea, milestone)
        expect(news).to_contain_text(words, timeout=PATIENCE)
    expect(page.locator(".route-ship")).to_have_count(0)
    expect(page.locator("[data-poll]")).to_have_count(0)
    expect(news).to_have_attribute("role", "status")
    assert page.evaluate("window.stayed") is True
    requests = asked(page)
    page.wait_for_timeout(2_500)
    assert requests == [], "nothing is asked once the car is delivered"


def test_nobody_is_asked_while_nobody_looks(open_page: Open, at_sea: Buyer) -> None:
    page = open_page()
    hide = (
        "value => Object.defineProperty(document, 'hidden', {get: () => value, configurable: true})"
    )
    with page.expect_request(lambda r: "version=" in r.url, timeout=PATIENCE):
        pass
    page.evaluate(hide, True)
    page.wait_for_timeout(300)
    requests = asked(page)
    page.wait_for_timeout(2_500)
    assert requests == []
    page.evaluate(hide, False)
    with page.expect_response(lambda r: "version=" in r.url, timeout=PATIENCE) as answer:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert answer.value.status == 204


def test_an_expired_session_leads_to_the_sign_in(open_page: Open) -> None:
    page = open_page()
    page.context.clear_cookies()
    page.wait_for_url(re.compile("/account/sign-in.next="), timeout=PATIENCE)


def test_without_javascript_the_page_says_how(open_page: Open, address: str, at_sea: Buyer) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.locator(".tracking-refresh")).to_contain_text("reload the page")
    tell(address, at_sea, "arrived")
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#tracking-news")).to_contain_text("Arrived")


def test_it_is_accessible_and_fits_a_phone(open_page: Open, at_sea: Buyer) -> None:
    page = open_page()
    for path in (f"{at_sea.path}/tracking", at_sea.path, "/orders"):
        page.goto(path)
        examine(page)
