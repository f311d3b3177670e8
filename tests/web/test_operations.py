"""Addresses for machines: health, metrics, and what conventions ask for."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask

from alko.database import connection
from alko.models import LedgerEntry
from alko.models.client import Credentials
from alko.models.profile import Contact
from alko.privacy.identity import accounts
from alko.web.access import Access, declared
from config import Settings
from tests import counting
from tests.portal import Portal

TOKEN = "a-token-that-only-the-monitoring-knows"
QUIET = (
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/.well-known/security.txt",
    "/.well-known/gpc.json",
    "/.well-known/alko-signing-key.json",
)


@pytest.fixture
def monitored(app: Flask) -> Iterator[Portal]:
    """A portal whose operator configured a token for metrics."""
    before = app.config["ALKO"]
    app.config["ALKO"] = dataclasses.replace(before, metrics_token=TOKEN)
    yield Portal(app)
    app.config["ALKO"] = before


@pytest.fixture
def without_database(app: Flask, settings: Settings) -> Iterator[Portal]:
    """The portal while its database is out of reach."""
    before = app.config["ALKO"]
    nowhere = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200"
    connection.connect(dataclasses.replace(before, mongodb_uri=nowhere))
    yield Portal(app)
    connection.connect(before)


@pytest.mark.parametrize("path", QUIET)
def test_machines_get_an_answer_without_a_cookie(portal: Portal, path: str) -> None:
    page = portal.get(path)
    assert page.status == 200
    assert "Set-Cookie" not in page.headers


def test_health_asks_no_database(portal: Portal) -> None:
    with counting.commands() as seen:
        assert portal.get("/healthz").html == "ok\n"
    assert seen == []


def test_without_a_database_the_process_is_alive_and_not_ready(without_database: Portal) -> None:
    assert without_database.get("/healthz").status == 200
    page = without_database.get("/readyz")
    assert (page.status, page.html) == (503, "not ready: database\n")


def test_metrics_do_not_exist_without_a_token(portal: Portal) -> None:
    assert portal.get("/metrics", Authorization="Bearer ").status == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer x", TOKEN, f"Basic {TOKEN}", "Bearer é"])
def test_metrics_need_the_right_token(monitored: Portal, given: str) -> None:
    page = monitored.get("/metrics", Authorization=given)
    assert page.status == 401
    assert page.headers["WWW-Authenticate"].startswith("Bearer")
    assert "alko_" not in page.html


def test_metrics_hold_counts_and_nothing_about_a_person(monitored: Portal) -> None:
    client = ObjectId()
    accounts.open_account(
        client, Credentials(password_hash="x"), Contact(email=f"{client}@example.test")
    )
    page = monitored.get("/metrics", Authorization=f"Bearer {TOKEN}")
    values = dict(
        line.rsplit(" ", 1) for line in page.html.splitlines() if not line.startswith("#")
    )
    assert int(values["alko_accounts"]) >= 1
    assert int(values['alko_records{kind="ledger"}']) >= 1
    assert sum(int(v) for k, v in values.items() if k.startswith("alko_promises{")) == 37
    assert all(value.isdigit() for value in values.values())
    assert str(client) not in page.html and "example.test" not in page.html


def test_open_sign_ins_are_counted_in_an_index(app: Flask) -> None:
    """Ended ones are kept for 12 months, and are not looked at."""
    counted = {"count": "sign_ins", "query": {"state": "open"}}
    plan = connection.current().database.command("explain", counted)["queryPlanner"]
    assert "COLLSCAN" not in str(plan["winningPlan"])


def test_security_txt_names_a_contact_and_has_not_expired(portal: Portal) -> None:
    page = portal.get("/.well-known/security.txt")
    assert page.content_type == "text/plain"
    fields = dict(line.split(": ", 1) for line in page.html.splitlines())
    assert fields["Contact"] == "mailto:contact@alkocars.com"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_password_managers_are_sent_to_the_change_of_password(app: Flask) -> None:
    response = app.test_client().get("/.well-known/change-password")
    assert response.status_code in (302, 303)
    assert response.headers["Location"] == "/account/change-password"


@pytest.mark.promise("P5")
def test_the_site_declares_that_it_respects_the_signal(portal: Portal) -> None:
    assert portal.get("/.well-known/gpc.json").json["gpc"] is True


@pytest.mark.promise("P17")
def test_the_published_key_verifies_the_ledger(portal: Portal) -> None:
    client = ObjectId()
    accounts.open_account(
        client, Credentials(password_hash="x"), Contact(email=f"{client}@example.test")
    )
    published = portal.get("/.well-known/alko-signing-key.json").json
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(published["public_key"]))
    entry = LedgerEntry.raw().find_one({"client": client})
    key.verify(bytes(entry["signature"]), entry["hash"].encode())
    assert published["jwk"]["crv"] == "Ed25519"


def test_robots_stay_out_of_what_is_not_open_to_everybody(app: Flask, portal: Portal) -> None:
    agent, *rules = portal.get("/robots.txt").html.splitlines()
    assert agent == "User-agent: *"
    closed = [rule.removeprefix("Disallow: ") for rule in rules]
    assert {"/my-data", "/orders", "/documents", "/staff", "/account/profile"} <= set(closed)
    with app.app_context():
        for rule in app.url_map.iter_rules():
            barred = any(rule.rule.startswith(area) for area in closed)
            if "GET" in (rule.methods or ()) and declared(rule.endpoint) is not Access.PUBLIC:
                assert barred, rule.rule
    for path in ("/", "/privacy", "/contact", "/rights", "/news", "/account/sign-in"):
        assert not any(path.startswith(area) for area in closed), path


def test_the_favicon_is_found_where_browsers_look(portal: Portal) -> None:
    page = portal.get("/favicon.ico")
    assert page.status == 200
    assert page.content_type == "image/svg+xml"


def test_the_first_page_leads_only_to_pages_that_exist(app: Flask, portal: Portal) -> None:
    tasks = [str(a["href"]) for a in portal.get("/").soup.select("main a[href]")]
    assert len(tasks) >= 5
    for path in tasks:
        assert Portal(app).get(path).status == 200, path
