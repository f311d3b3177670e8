"""What a page asks of the database is pinned, and does not grow with the records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from alko import models
from alko.demo.everything import Everything
from alko.demo.factories import Factory
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import Purpose
from tests import counting
from tests.my_data.conftest import made
from tests.portal import Page, Portal

SIGNED_IN = ["find sign_ins"]
"""Who is signed in: on every page, whatever it shows."""


def asked(visit: Callable[[], Page]) -> list[str]:
    visit()  # what a process remembers (the head of the chain) it remembers from now on
    with counting.commands() as seen:
        page = visit()
    assert page.status == 200
    return counting.names(seen)


LOG = [
    "find ledger_checkpoints",  # how far it was verified before
    "find ledger",  # what came since
    "find ledger",  # whether the checkpoint still stands in the chain
    "q ledger_checkpoints",  # it moves on
]


def pinned(path: str) -> list[str]:
    """Who is signed in, the entry in the ledger; then one aggregate for all counts and dates.

    A category's page counts and reads its own records besides.
    """
    if path in ("/my-data", "/my-data/download"):
        counted = [*SIGNED_IN, "insert ledger", "aggregate identities"]
        # The page of the copy says when the last one was taken.
        return [*counted, "aggregate ledger"] if path.endswith("download") else counted
    slug = path.rpartition("/")[2]
    collection = str(getattr(models, CATEGORIES[slug].model)._get_collection_name())
    shown = [*SIGNED_IN, "insert ledger", f"aggregate {collection}", f"find {collection}"]
    if slug == "breaches":
        texts = ["find breach_notices", "find breaches", "find breach_statements"]
        return [*shown, f"aggregate {collection}", *texts]
    return shown + (LOG if slug == "activity" else [f"aggregate {collection}"])


def grow(factory: Factory, someone: Everything) -> None:
    """Ten times as much of everything that can be many."""
    client, start = someone.person.id, factory.now - timedelta(days=300)
    with factory.gathering():
        for number in range(30):
            at = start + timedelta(minutes=number)
            order = factory.order(client, ordered_at=at)
            factory.message(client, "One more", "…", sent_at=at)
            factory.mail(client, "new_device", "x@mail.example", at)
            factory.sign_in(client, at=at, ended_at=at)
            factory.page_view(client, at=at)
            factory.consent(client, "analytics", granted=bool(number % 2), at=at)
            factory.notice(client, f"20{number:02}-02", shown_at=at, read_at=at)
            assert order.client == client
    for _ in range(100):
        ledger.append(client, Event.CREDENTIALS_READ, Actor.client(client), Purpose.SECURITY)


@pytest.fixture(scope="module")
def grown(app: Flask) -> Everything:
    someone = made(app, "grown")
    grow(Factory("more"), someone)
    return someone


PATHS = ["/my-data", "/my-data/download", *(f"/my-data/{slug}" for slug in CATEGORIES)]


@pytest.mark.parametrize("path", PATHS)
def test_ten_times_the_records_ask_no_more(
    app: Flask, someone: Everything, grown: Everything, path: str
) -> None:
    for one in (someone, grown):
        portal = Portal(app).enter(one.person.id)
        assert asked(partial(portal.get, path)) == pinned(path)


def test_a_reveal_asks_for_one_record_more(
    app: Flask, someone: Everything, grown: Everything
) -> None:
    for one in (someone, grown):
        portal = Portal(app).enter(one.person.id)
        record = next(r for slug, r, _ in one.expected if slug == "payments")
        path = f"/my-data/payments/{record}/account_ending/reveal"
        form = {"csrf_token": portal.csrf_token()}
        expected = pinned("/my-data/payments")
        expected.insert(2, "find payments")
        assert asked(partial(portal.post, path, form)) == expected


def test_the_profile_and_the_sessions(app: Flask, someone: Everything, grown: Everything) -> None:
    profile = ["insert ledger", "find identities", "find contacts"]
    sessions = ["insert ledger", "aggregate sign_ins", "find sign_ins"]
    for one in (someone, grown):
        portal = Portal(app).enter(one.person.id)
        assert asked(partial(portal.get, "/account/profile")) == [*SIGNED_IN, *profile]
        assert asked(partial(portal.get, "/account/sessions")) == [*SIGNED_IN, *sessions]
