"""Alerts are raised once, survive a crash of the watcher, and are answered by a person (P17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.models import Alert, Bookmark, LedgerEntry
from alko.models.oversight import REGISTER, AlertOutcome
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.oversight import alerts
from alko.privacy.oversight.watch import Rules
from alko.privacy.vocabulary import Purpose
from tests import counting

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P17")]
RULES = Rules(2, 5, time(0), time(23, 59, 59), UTC)
NOW = datetime(2041, 3, 2, 12, tzinfo=UTC)
OFFICER = Actor.staff(ObjectId(), StaffRole.OFFICER)


@pytest.fixture(autouse=True)
def no_alerts(app: Flask) -> Iterator[None]:
    Alert.objects.delete()
    LedgerEntry.raw().delete_many({"recorded_at": {"$gt": NOW - timedelta(days=1)}})
    Bookmark.objects.delete()
    Bookmark(name=alerts.BOOKMARK, until=NOW - timedelta(hours=6)).save()
    yield
    Alert.objects.delete()
    Bookmark.objects.delete()


def view(member: Actor, minutes_ago: int) -> ObjectId:
    client = ObjectId()
    at = NOW - timedelta(minutes=minutes_ago)
    ledger.append(client, Event.CATEGORY_SHOWN, member, Purpose.LEGAL, categories=["orders"], at=at)
    return client


def test_what_was_found_before_a_crash_is_not_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    member = Actor.staff(ObjectId(), StaffRole.AGENT)
    for minute in range(3):
        view(member, 100 - minute)
    assert alerts.look(RULES, NOW - timedelta(minutes=90)) == 1
    Bookmark.objects.update(set__until=NOW - timedelta(hours=6))  # as if it was not noted
    assert alerts.look(RULES, NOW - timedelta(minutes=80)) == 0
    # The part that is read anew begins in the middle of what belongs together.
    view(member, 79)
    assert alerts.look(RULES, NOW) == 0, "the same hour"
    alert = Alert.objects.get()
    assert (alert.kind, alert.member, alert.count) == ("bulk_viewing", member.id, 4)
    raised = [entry["details"] for entry in ledger.entries(REGISTER)]
    assert {"kind": "bulk_viewing"} in raised


def test_a_person_acknowledges_with_a_note_that_is_sealed() -> None:
    for minute in range(3):
        view(Actor.staff(ObjectId(), StaffRole.AGENT), 50 - minute)
    view(OFFICER, 40)
    ledger.append(
        ObjectId(),
        Event.OVERRIDE,
        OFFICER,
        Purpose.LEGAL,
        details={"reference": "O-1"},
        at=NOW - timedelta(minutes=3),
    )
    assert alerts.look(RULES, NOW) == 1
    alert = Alert.objects.get()
    note = "Spoke with Renske Okonjo about it."

    assert alerts.waiting() == 1
    assert alerts.acknowledge(OFFICER, alert.pk, AlertOutcome.EXPLAINED, note)
    assert not alerts.acknowledge(OFFICER, alert.pk, AlertOutcome.EXPECTED, "Again."), "once"
    assert alerts.waiting() == 0

    assert note.encode() not in repr(Alert.raw().find_one()).encode()
    dossier = Dossier.open(REGISTER, OFFICER, Purpose.LEGAL, categories=["alerts"])
    (row,) = dossier.page("alerts", until=NOW + timedelta(days=1)).rows
    assert (row.values["note"], row.values["outcome"]) == (note, "explained")
    assert row.erase_after is not None
    assert OFFICER.id is not None
    (told,) = list(ledger.entries(OFFICER.id))
    assert told["details"] == {"alert": str(alert.pk), "outcome": "explained"}


def test_the_register_opens_to_officers_alone() -> None:
    for role in (StaffRole.AGENT, StaffRole.ADMINISTRATOR):
        with pytest.raises(AccessDenied):
            Dossier.open(
                REGISTER,
                Actor.staff(ObjectId(), role),
                Purpose.LEGAL,
                categories=["alerts"],
            )
    with pytest.raises(AccessDenied):
        Dossier.open(REGISTER, OFFICER, Purpose.LEGAL, categories=["identity"])
    with pytest.raises(AccessDenied):
        Dossier.open(REGISTER, Actor.client(ObjectId()), Purpose.LEGAL, categories=["alerts"])


def test_a_broken_chain_raises_one_alert() -> None:
    client = view(OFFICER, 30)
    assert alerts.verify(client).verified
    LedgerEntry.raw().update_one({"client": client}, {"$set": {"actor": "client"}})
    assert not alerts.verify(client).verified
    assert not alerts.verify(client).verified
    assert [(a.kind, a.about) for a in Alert.objects] == [("broken_chain", client)]


def test_the_watcher_finds_what_is_new_by_index() -> None:
    for minute in range(3):
        view(OFFICER, 50 - minute)
        view(Actor.client(ObjectId()), 50)
    with counting.commands() as seen:
        alerts.look(RULES, NOW)
    reads = [one for one in seen if one["ns"].endswith(".ledger") and one["op"] == "query"]
    assert reads and not [one for one in reads if one.get("hasSortStage")]
    assert all(one["docsExamined"] == one["nreturned"] for one in reads)
