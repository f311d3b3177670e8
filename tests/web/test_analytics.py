"""Usage analysis: only of clients who opted in, and never against the browser's signal (P5)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from alko.database import connection
from alko.database.keyring import key_name
from alko.database.records import is_sealed
from alko.demo.factories import Factory
from alko.models import Consent, PageView
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import retention
from alko.privacy.rights import choices, objection
from tests.portal import Portal

pytestmark = pytest.mark.promise("P5")


class Visitor(Portal):
    """A signed-in client."""

    def __init__(self, app: Flask, *, opted_in: bool) -> None:
        super().__init__(app)
        self.id = Factory().client().id
        self.enter(self.id)
        self.choose(opted_in)
        PageView.raw().delete_many({"client": self.id})

    def choose(self, allow: bool) -> None:
        choices.decide(self.id, Actor.client(self.id), "analytics", allow)

    @property
    def seen(self) -> list[dict[str, Any]]:
        return list(PageView.raw().find({"client": self.id}).sort("_id", 1))

    @property
    def pages(self) -> list[str]:
        keyring = connection.current().keyring
        return [keyring.unseal(view["sealed"])["page"] for view in self.seen]


def test_nothing_is_recorded_of_visitors(portal: Portal) -> None:
    before = PageView.raw().count_documents({})
    portal.get("/")
    portal.get("/privacy")
    assert PageView.raw().count_documents({}) == before


def test_nothing_is_recorded_until_the_client_opts_in(app: Flask) -> None:
    visitor = Visitor(app, opted_in=False)
    visitor.get("/privacy")
    assert visitor.seen == []


def test_a_page_is_recorded_sealed_shortened_and_with_an_end(app: Flask) -> None:
    visitor = Visitor(app, opted_in=True)
    visitor.client.environ_base["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0"
    )
    visitor.address = "203.0.113.77"
    visitor.get("/privacy/versions/2024-01")
    (view,) = visitor.seen
    assert is_sealed(view["sealed"])
    inside = connection.current().keyring.unseal(view["sealed"])
    assert inside == {"page": "policy.version", "address": "203.0.113.0", "browser": "Firefox"}
    assert view["erase_after"] == retention.technical_ends(view["recorded_at"])


def test_only_whole_pages_that_were_found_are_recorded(app: Flask) -> None:
    visitor = Visitor(app, opted_in=True)
    style = visitor.get("/privacy/cookies").soup.select_one("link[rel=stylesheet]")
    assert style is not None
    visitor.get(str(style["href"]))
    visitor.get("/nowhere")
    visitor.get("/privacy/promises.json")
    visitor.get("/healthz")
    visitor.htmx("/privacy/cookies")
    visitor.get("/privacy/cookies")
    assert visitor.pages == ["policy.cookies", "policy.cookies"]


def test_the_signal_of_the_browser_outweighs_the_choice(app: Flask) -> None:
    visitor = Visitor(app, opted_in=True)
    for _ in range(2):
        visitor.get("/privacy", Sec_GPC="1")
    assert visitor.seen == []
    assert objection.standing(visitor.id)["analytics"] == "objected", "in an open session, too"
    assert Consent.raw().count_documents({"client": visitor.id, "granted": False}) == 1
    visitor.get("/privacy")
    assert visitor.seen == []
    visitor.choose(True)
    visitor.get("/privacy")
    assert visitor.pages == ["policy.show"]


def test_a_choice_taken_back_holds_from_the_next_page_on(app: Flask) -> None:
    visitor = Visitor(app, opted_in=True)
    visitor.get("/privacy")
    visitor.choose(False)
    visitor.get("/privacy")
    assert len(visitor.seen) == 1


def test_a_failure_to_record_never_breaks_the_page(app: Flask) -> None:
    visitor = Visitor(app, opted_in=True)
    connection.current().keyring.destroy([key_name(visitor.id, "technical")])
    assert visitor.get("/privacy/cookies").status == 200
