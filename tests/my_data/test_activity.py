"""Who looked, when, why: in plain words, with the state of the chain."""

from __future__ import annotations

import re

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.everything import Everything
from alko.demo.factories import Factory
from alko.models import LedgerEntry
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose
from tests.portal import Page, Portal
from tests.staffing import overriding

pytestmark = pytest.mark.promise("P17")
REASON = "A court in Hamburg asked for these records"


@pytest.fixture
def portal(app: Flask) -> Portal:
    portal = Portal(app)
    person = Factory().client()
    portal.person = person.id  # type: ignore[attr-defined]
    return portal.enter(person.id)


def owner(portal: Portal) -> ObjectId:
    return portal.person  # type: ignore[attr-defined, no-any-return]


def entries(page: Page) -> list[str]:
    return [" ".join(item.get_text(" ").split()) for item in page.soup.select("#entries > ol > li")]


def looked(client: ObjectId, times: int) -> None:
    for _ in range(times):
        ledger.append(client, Event.CREDENTIALS_READ, Actor.client(client), Purpose.SECURITY)


@pytest.mark.promise("P16")
def test_an_override_by_staff_is_shown_with_its_reason_and_without_a_name(
    portal: Portal,
) -> None:
    officer = overriding(owner(portal), REASON)
    Dossier.open(owner(portal), officer, Purpose.LEGAL, categories=["identity", "orders"])
    page = portal.get("/my-data/activity")
    # The newest is this very look; then the reading, a mail about it, and the override itself.
    entry = " ".join(entries(page)[1:6])
    for told in (
        "ALKO privacy officer",
        "Data was opened without an assigned case, for a stated reason",
        "Identity",
        "Orders" if "Orders" in page.main else "orders",
        "Legal compliance",
        REASON,
    ):
        assert told in entry, told
    assert str(officer.id) not in page.html
    assert (
        REASON.encode()
        not in repr(
            LedgerEntry.raw().find_one({"event": "dossier.override", "client": owner(portal)})
        ).encode()
    )


def test_looking_at_the_log_is_in_the_log(portal: Portal) -> None:
    first = entries(portal.get("/my-data/activity"))
    assert "You Data was shown: Who looked at your data" in first[0]
    assert len(entries(portal.get("/my-data/activity"))) == len(first) + 1


def test_each_entry_has_time_actor_purpose_and_number(portal: Portal) -> None:
    page = portal.get("/my-data/activity")
    numbers = [int(re.search(r"Entry (\d+)", entry).group(1)) for entry in entries(page)]  # type: ignore[union-attr]
    assert numbers == list(range(numbers[0], numbers[0] - len(numbers), -1))
    for item in page.soup.select("#entries > ol > li"):
        assert item.select_one("time[datetime]")
        assert "Purpose" in item.get_text()


def test_every_event_has_words(app: Flask, someone: Everything) -> None:
    page = Portal(app).enter(someone.person.id).get("/my-data/activity")
    for event in Event:
        assert event.value not in page.main


def test_the_chain_is_verified_from_the_checkpoint_and_on_request_from_the_start(
    portal: Portal,
) -> None:
    first = portal.get("/my-data/activity")
    assert "The log is complete and unaltered" in first.main
    length = len(entries(first))
    page = portal.get("/my-data/activity?verify=all")
    assert f"{length + 1} entries hang together" in page.main


BROKEN = "The log does not add up"


@pytest.mark.parametrize("what", ["purpose", "actor", "recorded_at", "removed", "signature"])
def test_a_tampered_entry_is_noticed(portal: Portal, what: str) -> None:
    portal.get("/my-data/activity")
    query = {"client": owner(portal), "seq": 2}
    entry = LedgerEntry.raw().find_one(query)
    if what == "removed":
        LedgerEntry.raw().delete_one(query)
    elif what == "signature":
        LedgerEntry.raw().update_one(query, {"$set": {what: b"\0" * 64}})
    else:
        changed = {"purpose": "finance", "actor": "staff:agent"}.get(what)
        value = changed or entry["recorded_at"].replace(year=2001)
        LedgerEntry.raw().update_one(query, {"$set": {what: value}})
    page = portal.get("/my-data/activity?verify=all")
    assert page.status == 200
    assert BROKEN in page.main
    assert page.soup.select_one('[role="alert"]')


def test_a_new_entry_that_is_tampered_with_is_noticed_without_asking(portal: Portal) -> None:
    portal.get("/my-data/activity")
    looked(owner(portal), 3)
    newest = LedgerEntry.objects(client=owner(portal)).order_by("-seq").first()
    LedgerEntry.raw().update_one({"_id": newest.pk}, {"$set": {"purpose": "finance"}})
    assert BROKEN in portal.get("/my-data/activity").main


def test_entries_cut_off_at_the_end_are_noticed(portal: Portal) -> None:
    looked(owner(portal), 5)
    portal.get("/my-data/activity")
    last = LedgerEntry.objects(client=owner(portal)).order_by("-seq").first().seq
    LedgerEntry.raw().delete_many({"client": owner(portal), "seq": {"$gt": last - 3}})
    ledger._heads.clear()  # as in a process started since
    assert BROKEN in portal.get("/my-data/activity").main


def test_another_clients_log_is_not_affected(app: Flask, portal: Portal) -> None:
    other = Portal(app).enter(Factory().client().id)
    LedgerEntry.raw().update_one({"client": owner(portal), "seq": 1}, {"$set": {"purpose": "x"}})
    assert BROKEN not in other.get("/my-data/activity?verify=all").main


def test_paging_holds_still_while_looking_adds_entries(portal: Portal) -> None:
    """Each look at a page writes an entry; the pages must not shift under the reader."""
    looked(owner(portal), 60)
    page = portal.get("/my-data/activity")
    numbers: list[int] = []
    while True:
        numbers += [int(re.search(r"Entry (\d+)", entry).group(1)) for entry in entries(page)]  # type: ignore[union-attr]
        link = page.soup.select_one('.pagination a[rel="next"]')
        if not link:
            break
        page = portal.get(str(link["href"]))
    assert numbers == list(range(numbers[0], 0, -1))


def test_htmx_gets_the_entries(portal: Portal) -> None:
    portal.get("/my-data/activity")
    block = portal.htmx("/my-data/activity?page=1")
    assert block.soup.select_one("#entries > ol > li")
    assert "<html" not in block.html
    assert "HX-Request" in block.headers["Vary"]
