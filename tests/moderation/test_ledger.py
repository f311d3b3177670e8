"""The ledger's desk: found by codes and numbers, verified, alerts answered; looking is logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from bson import ObjectId
from flask import Flask

from alko.models import Alert, LedgerEntry, Verification
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger, ledger_search, verification
from alko.privacy.accountability.events import Event
from alko.privacy.accountability.ledger_search import Filters
from alko.privacy.door.access import Actor
from alko.privacy.oversight import alerts
from alko.privacy.vocabulary import Purpose
from tests import counting
from tests.portal import Portal

pytestmark = pytest.mark.promise("P17")
OFFICER = Actor.staff(ObjectId(), StaffRole.OFFICER)


@pytest.fixture
def override(app: Flask) -> Iterator[ObjectId]:
    """A client whose dossier was opened by override, and the alert about it."""
    Alert.objects.delete()
    Verification.objects.delete()
    client = ObjectId()
    told = {"reference": "O-2026-ABCD1234"}
    ledger.append(client, Event.OVERRIDE, OFFICER, Purpose.LEGAL, details=told)
    ledger.append(client, Event.CATEGORY_SHOWN, OFFICER, Purpose.LEGAL, categories=["orders"])
    alerts.look(alerts.rules_of(app.config["ALKO"]), datetime.now(UTC) + timedelta(seconds=1))
    yield client
    Alert.objects.delete()
    Verification.objects.delete()


def test_what_was_done_is_found_and_looking_is_logged(
    override: ObjectId, officer: Portal, members: dict[StaffRole, ObjectId]
) -> None:
    page = officer.get("/staff/ledger")
    assert "The ledger was searched" in page.main, "the newest entry is this one"
    for asked in (
        {"chain": str(override)},
        {"reference": "o-2026-abcd1234"},
        {"member": str(OFFICER.id), "actor": "staff:officer"},
        {"event": "dossier.override", "since": f"{datetime.now(UTC):%Y-%m-%d}"},
    ):
        officer.get("/staff/ledger")
        page = officer.submit("form[role=search]", **asked)
        assert str(override) in page.main, asked
        assert "without an assigned case" in page.main
        in_address = dict(parse_qsl(urlsplit(page.address).query))
        assert in_address.items() >= asked.items(), "so that it can be shared and gone back to"
    assert officer.get("/staff/ledger?chain=nobody").status == 422
    assert "Nothing is found" in officer.get(f"/staff/ledger?chain={ObjectId()}").main
    looked = [e for e in ledger.entries(members[StaffRole.OFFICER]) if "search" in e["event"]]
    assert looked[-1]["details"] == {"by": ["chain"]}


def test_older_entries_follow_without_a_gap_at_constant_cost(app: Flask) -> None:
    client = ObjectId()
    for _ in range(2 * ledger_search.AT_A_TIME + 3):
        ledger.append(client, Event.SIGNED_OUT, Actor.client(client), Purpose.SECURITY)
    seen, behind, costs = [], None, []
    for _ in range(3):
        with counting.commands() as commands:
            found, behind = ledger_search.search(OFFICER, Filters(chain=client), behind)
        seen += [one.seq for one in found]
        costs.append(len(commands))
    assert seen == list(range(2 * ledger_search.AT_A_TIME + 3, 0, -1))
    assert behind is None
    assert max(costs) <= 3
    with counting.commands() as commands:
        ledger_search.search(OFFICER, Filters(event=Event.SIGNED_OUT.value))
        ledger_search.search(OFFICER, Filters(actor="staff:officer"))
    reads = [one for one in commands if one["op"] == "query" and one["ns"].endswith(".ledger")]
    assert not [one for one in reads if one.get("hasSortStage")], "by index, in its order"


def test_one_chain_and_all_of_them_are_verified_with_progress(
    override: ObjectId, officer: Portal
) -> None:
    officer.get(f"/staff/ledger?chain={override}")
    page = officer.submit("form:has(input[name=chain])[action$=verify]")
    assert "complete and unaltered: 2 entries" in page.text
    LedgerEntry.raw().update_one({"client": override, "seq": 2}, {"$set": {"purpose": "security"}})

    page = officer.post("/staff/ledger/verify")
    assert page.address == "/staff/ledger/verification" and "Not yet" in page.main
    verification.AT_A_TIME = 0.01  # type: ignore[assignment]
    try:
        verification.advance()
        first = verification.progress()
        assert first and 0 < first.done < first.chains
    finally:
        verification.AT_A_TIME = 20
    verification.advance()
    done = verification.progress()
    assert done and done.finished_at and done.done >= done.chains and done.broken >= 1
    assert str(override) in officer.htmx("/staff/ledger/verification").text
    assert Alert.objects(kind="broken_chain", about=override).count() == 1
    LedgerEntry.raw().delete_many({"client": override})


def test_an_alert_is_looked_into_and_acknowledged(override: ObjectId, officer: Portal) -> None:
    page = officer.get("/staff/ledger/alerts")
    assert "Access without an assigned case" in page.main
    alert = Alert.objects.get(kind="override", about=override)
    officer.get(f"/staff/ledger/alerts/{alert.pk}")
    assert str(override) in officer.page.main  # type: ignore[union-attr]
    wrong = officer.submit(note="ok")
    assert wrong.status == 422 and len(wrong.errors) == 2
    officer.submit(outcome="expected", note="A court order, file 17/2026.")
    assert str(override) not in officer.get("/staff/ledger/alerts").main
    page = officer.get(f"/staff/ledger/alerts/{alert.pk}")
    assert "A court order, file 17/2026." in page.main and "Work as it should be" in page.main
