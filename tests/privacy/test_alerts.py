"""Alerts are raised once, survive a crash of the watcher, and are answered by a person (P17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.models import Alert, Bookmark, LedgerEntry, StaffMember
from alko.models.oversight import REGISTER, AlertKind, AlertOutcome
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.oversight import alerts
from alko.privacy.oversight.watch import Cause, Rules
from alko.privacy.vocabulary import Purpose
from tests import counting
from tests.audience import without
from tests.staffing import at_the_desk, member_of_staff

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P17")]
RULES = Rules(2, 5, time(0), time(23, 59, 59), UTC)
NOW = datetime(2041, 3, 2, 12, tzinfo=UTC)
OFFICER = Actor.staff(ObjectId(), StaffRole.OFFICER)
COLLEAGUE = Actor.staff(ObjectId(), StaffRole.OFFICER)


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
    assert alerts.acknowledge(COLLEAGUE, alert.pk, AlertOutcome.EXPLAINED, note)
    assert not alerts.acknowledge(COLLEAGUE, alert.pk, AlertOutcome.EXPECTED, "Again."), "once"
    assert alerts.waiting() == 0

    assert note.encode() not in repr(Alert.raw().find_one()).encode()
    dossier = Dossier.open(REGISTER, OFFICER, Purpose.LEGAL, categories=["alerts"])
    (row,) = dossier.page("alerts", until=NOW + timedelta(days=1)).rows
    assert (row.values["note"], row.values["outcome"]) == (note, "explained")
    assert row.erase_after is not None
    assert COLLEAGUE.id is not None
    (told,) = list(ledger.entries(COLLEAGUE.id))
    assert told["details"] == {"alert": str(alert.pk), "outcome": "explained"}


def test_an_alert_about_an_officer_is_another_officers_where_there_is_one(app: Flask) -> None:
    with without(StaffMember, {"role": StaffRole.OFFICER.value}):
        member = member_of_staff(StaffRole.OFFICER)
        actor = Actor.staff(member, StaffRole.OFFICER)
        assert actor.id is not None
        cause = Cause(AlertKind.OFF_HOURS, f"off_hours/{member}/x", NOW, actor.id)
        assert alerts.raise_alert(cause)
        number = Alert.objects.get().pk
        path = f"/staff/ledger/alerts/{number}"
        officer = at_the_desk(app, StaffRole.OFFICER, member)
        assert "There is no other privacy officer" in officer.get(path).main

        colleague = at_the_desk(app, StaffRole.OFFICER)
        page = officer.get(path)
        assert "Another privacy officer has to look into it" in page.main
        typed = {"outcome": "expected", "note": "I was working late that day."}
        assert officer.post(path, typed).status == 403
        with pytest.raises(alerts.OwnAlert):
            alerts.acknowledge(actor, number, AlertOutcome.EXPECTED, typed["note"])
        assert alerts.waiting() == 1
        colleague.get(path)
        colleague.submit(**typed)
        assert alerts.waiting() == 0


def test_the_only_officer_acknowledges_their_own(app: Flask) -> None:
    with without(StaffMember, {"role": StaffRole.OFFICER.value}):
        actor = Actor.staff(member_of_staff(StaffRole.OFFICER), StaffRole.OFFICER)
        gone = member_of_staff(StaffRole.OFFICER)
        StaffMember.raw().update_one({"_id": gone}, {"$set": {"status": "left"}})
        assert alerts.raise_alert(
            Cause(AlertKind.OFF_HOURS, f"off_hours/{actor.id}/y", NOW, actor.id)
        )
        number = Alert.objects.get().pk
        assert alerts.acknowledge(actor, number, AlertOutcome.EXPECTED, "I was working late.")


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
