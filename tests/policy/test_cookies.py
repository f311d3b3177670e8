"""The cookie page lists what is really set, and the choices hold at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask

from alko.models import Consent
from alko.policy.cookie_list import cookies
from alko.privacy.rights import choices
from config import Settings
from tests.policy.conftest import PASSWORD, Visit
from tests.portal import Portal


def listed(portal: Portal) -> set[str]:
    page = portal.get("/privacy/cookies")
    return {code.get_text() for code in page.soup.select("#cookies tbody th code")}


def held(portal: Portal) -> set[str]:
    return {cookie.key for cookie in portal.client._cookies.values()}  # type: ignore[attr-defined]


@pytest.mark.promise("P5")
def test_the_cookies_a_browser_gets_are_the_ones_listed(
    app: Flask, visit: Callable[..., Visit]
) -> None:
    client, _ = visit()
    portal = Portal(app)
    names = listed(portal)
    portal.get("/account/sign-in")
    portal.submit(
        "/account/sign-in", email=f"{client}@example.test", password=PASSWORD, remember=True
    )
    for path in ("/", "/privacy", "/privacy/versions", "/privacy/promises", "/privacy/cookies"):
        portal.get(path)
    assert held(portal) == names == {"alko_session", "alko_remember", "alko_device"}


@pytest.mark.promise("P5")
def test_reading_sets_no_cookie_and_asks_for_no_consent(portal: Portal) -> None:
    for path in ("/", "/privacy", "/privacy/cookies", "/privacy/versions", "/privacy/promises"):
        page = portal.get(path)
        assert "Set-Cookie" not in page.headers, path
    assert "Visitors are never measured" in portal.get("/privacy/cookies").main


@pytest.mark.promise("P5")
def test_over_https_the_names_carry_the_host_prefix(settings: Settings) -> None:
    secure = dataclasses.replace(settings, base_url="https://privacy.example")
    names = ("alko_session", "alko_remember", "alko_device")
    assert [c.name for c in cookies(secure)] == [f"__Host-{name}" for name in names]


@pytest.mark.promise("P5", "P30")
def test_everything_is_off_until_turned_on_and_off_again(visit: Callable[..., Visit]) -> None:
    client, portal = visit()
    form = portal.get("/privacy/cookies").form("/privacy/cookies/choices")
    assert not form.data.getlist("analytics") and not form.data.getlist("marketing")
    page = portal.submit("/privacy/cookies/choices", analytics=True)
    assert "Your choices are saved" in page.text
    assert choices.granted(client, "analytics") and not choices.granted(client, "marketing")
    portal.get("/privacy/cookies")
    portal.submit("/privacy/cookies/choices", analytics=False)
    assert not choices.granted(client, "analytics")


def test_saving_the_same_choice_is_no_new_decision(visit: Callable[..., Visit]) -> None:
    client, portal = visit()
    for _ in range(2):
        portal.get("/privacy/cookies")
        portal.submit("/privacy/cookies/choices", marketing=True)
    assert Consent.objects(client=client).count() == 1


def test_htmx_gets_the_block_of_choices(visit: Callable[..., Visit]) -> None:
    client, portal = visit()
    token = portal.get("/privacy/cookies").form("/privacy/cookies/choices").data["csrf_token"]
    data = {"csrf_token": token, "analytics": "yes"}
    block = portal.htmx("/privacy/cookies/choices", "POST", data)
    assert block.status == 200
    assert not block.html.lstrip().lower().startswith("<!doctype")
    assert block.soup.select_one("#choices input#analytics[checked]") is not None
    assert "Your choices are saved" in block.html
    assert choices.granted(client, "analytics")


def test_choices_need_a_client_and_a_token(portal: Portal, visit: Callable[..., Visit]) -> None:
    refused = portal.post("/privacy/cookies/choices", {"analytics": "yes"})
    assert refused.title.startswith("Sign in")
    client, own = visit()
    own.get("/privacy/cookies")
    assert own.post("/privacy/cookies/choices", {"analytics": "yes"}, token=False).status == 400
    assert not choices.granted(client, "analytics")


@pytest.mark.promise("P5")
def test_the_signal_of_the_browser_is_shown_as_respected(portal: Portal) -> None:
    assert "Global Privacy Control" not in portal.get("/privacy/cookies").text_of("#choices")
    assert "We respect it" in portal.get("/privacy/cookies", Sec_GPC="1").text_of("#choices")
