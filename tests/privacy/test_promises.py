"""The promise ledger tells the truth: whole when all is well, red as soon as something is not."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.errors import ConnectionFailure

import alko.models as models
from alko import preparation
from alko.database import connection
from alko.models import Consent, LedgerEntry, Message
from alko.models.client import Credentials
from alko.models.communication import MessageDetails
from alko.models.consent import ConsentDetails
from alko.models.profile import Contact
from alko.models.request import DataRequest
from alko.policy import probes, store
from alko.privacy import promises
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts, usage
from alko.privacy.inventory import ALL_CATEGORIES, CATEGORIES
from alko.privacy.promises import Finding, Holds, Outcome, Report, Status
from alko.privacy.promises.evidence import proving_tests
from alko.privacy.promises.probes import PROBES
from alko.privacy.promises.stored import differences, stored_paths
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from config import Settings
from tests.portal import Portal

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def fresh(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application on a database of its own, as after its first start."""
    own = dataclasses.replace(
        app.config["ALKO"],
        database=f"{settings.database}_promises",
        key_vault_database=f"{settings.database}_promises_keys",
    )
    before = app.config["ALKO"]
    connection.connect(own)
    preparation.prepare(own)
    app.config["ALKO"] = own
    probes.forget()
    try:
        with app.test_request_context():
            yield app
    finally:
        for name in (own.database, own.key_vault_database):
            connection.current().client.drop_database(name)
        app.config["ALKO"] = before
        connection.connect(before)
        probes.forget()


def outcome(report: Report, promise: str) -> Outcome:
    return next(one for one in report.outcomes if one.promise.id == promise)


def status(promise: str) -> Status:
    return outcome(probes.fresh_report(), promise).status


def client() -> ObjectId:
    made = ObjectId()
    return accounts.open_account(
        made, Credentials(password_hash="x"), Contact(email=f"{made}@example.test")
    )


def message(owner: ObjectId, erase_after: datetime | None) -> Message:
    return Message.sealing(
        MessageDetails(subject="Keys", body="Two of them?"),
        client=owner,
        erase_after=erase_after,
        reference="R-1",
        direction="from_client",
        channel="portal",
    ).save()


def test_all_37_promises_are_listed_in_order() -> None:
    assert [one.id for one in promises.PROMISES] == [f"P{n}" for n in range(1, 38)]
    for one in promises.PROMISES:
        assert one.text and one.how
        assert bool(one.missing) == (one.status is Status.PARTLY), one.id


@pytest.mark.promise("P1")
def test_a_fresh_installation_breaks_no_promise(fresh: Flask) -> None:
    client()
    report = probes.fresh_report()
    assert [one.promise.id for one in report.broken] == []
    assert outcome(report, "P1").status is Status.PARTLY, "some promises are not kept yet"
    assert outcome(report, "P18").status is Status.PARTLY, "no backup was made here yet"
    assert sum(report.counts.values()) == 37


@pytest.mark.promise("P34")
def test_an_overdue_answer_is_a_broken_promise(fresh: Flask) -> None:
    person = client()
    filed = requests.file(person, Actor.client(person), Right.ACCESS)
    assert status("P34") is Status.KEPT
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    late = {"recorded_at": hour_ago - timedelta(days=30), "due_at": hour_ago}
    DataRequest.raw().update_one({"_id": filed.pk}, {"$set": late})
    assert status("P34") is Status.BROKEN
    requests.withdraw(person, Actor.client(person), filed.reference)
    assert status("P34") is Status.KEPT


@pytest.mark.promise("P1")
def test_one_broken_promise_breaks_the_sum() -> None:
    def broken() -> Finding:
        return Finding(Holds.NO, "%(count)d leaks", {"count": 3})

    report = promises.check({"P11": (broken,)}, {})
    assert [one.promise.id for one in report.broken] == ["P1", "P11"]
    assert report.alerts[0][1].plain == "3 leaks"


@pytest.mark.promise("P1")
def test_a_probe_that_cannot_look_does_not_count_as_kept() -> None:
    def unable() -> Finding:
        raise LookupError

    assert outcome(promises.check({"P6": (unable,)}, {}), "P6").status is Status.BROKEN


@pytest.mark.promise("P3")
def test_every_stored_field_has_an_entry_and_every_entry_a_field() -> None:
    assert differences() == []
    assert "sealed.events.place" in stored_paths(models.Delivery)
    assert "sealed.reason" in stored_paths(models.LedgerEntry)


@pytest.mark.promise("P3")
def test_an_unlisted_field_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    identity = CATEGORIES["identity"]
    fewer = tuple(f for f in identity.fields if f.name != "birth_date")
    monkeypatch.setattr(
        "alko.privacy.promises.stored.ALL_CATEGORIES",
        tuple(
            dataclasses.replace(category, fields=fewer) if category is identity else category
            for category in ALL_CATEGORIES
        ),
    )
    assert differences() == ["IdentityRecord.sealed.birth_date has no entry"]
    assert outcome(promises.check({"P3": PROBES["P3"]}, {}), "P3").status is Status.BROKEN


@pytest.mark.promise("P11")
def test_a_collection_that_takes_clear_text_breaks_the_promise(fresh: Flask) -> None:
    assert status("P11") is Status.KEPT
    connection.current().database.command("collMod", "contacts", validator={})
    assert status("P11") is Status.BROKEN


@pytest.mark.promise("P11")
def test_a_record_in_clear_breaks_the_promise(fresh: Flask) -> None:
    database = connection.current().database
    database["contacts"].insert_one(
        {"client": ObjectId(), "sealed": {"email": "a@example.test"}},
        bypass_document_validation=True,
    )
    report = probes.fresh_report()
    assert outcome(report, "P11").status is Status.BROKEN
    assert "example.test" not in json.dumps(report.as_json()), "a finding quotes no data"


@pytest.mark.promise("P17")
def test_a_changed_ledger_entry_breaks_the_promise(fresh: Flask) -> None:
    owner = client()
    assert status("P17") is Status.KEPT
    LedgerEntry.raw().update_one({"client": owner, "seq": 1}, {"$set": {"actor": "staff:agent"}})
    assert status("P17") is Status.BROKEN


@pytest.mark.promise("P19")
def test_a_record_without_an_end_breaks_the_promise(fresh: Flask) -> None:
    owner = client()
    message(owner, NOW)
    assert status("P19") is not Status.BROKEN
    message(owner, None)
    assert status("P19") is Status.BROKEN


@pytest.mark.promise("P5")
def test_a_page_view_without_a_choice_breaks_the_promise(fresh: Flask) -> None:
    owner = client()
    details = ConsentDetails(wording="…", given_through="choices_page")
    Consent.sealing(details, client=owner, recorded_at=NOW, choice="analytics", granted=True).save()
    seen = {"page": "home.index", "address": "192.0.2.0", "browser": "Firefox"}
    usage.record(owner, **seen, seen_at=NOW)
    assert status("P5") is Status.KEPT
    usage.record(client(), **seen, seen_at=NOW)
    assert status("P5") is Status.BROKEN


@pytest.mark.promise("P37")
def test_a_drifted_policy_breaks_the_promise_and_a_stale_review_alerts(fresh: Flask) -> None:
    today = datetime.now(UTC)
    assert status("P37") is Status.PARTLY
    assert any("review is due" in f.plain for p, f in probes.fresh_report().alerts if p == "P37")
    store.publish("2098-01", "Reviewed.", today, today)
    assert status("P37") is Status.KEPT
    store.publish("2099-01", "Other words.", today, today, ["# Introduction", "Other words."])
    assert status("P37") is Status.BROKEN


@pytest.mark.promise("P12")
def test_a_view_without_declared_access_breaks_the_promise(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status("P12") is Status.KEPT
    monkeypatch.setitem(fresh.view_functions, "home.index", lambda: "open to all")
    assert status("P12") is Status.BROKEN


@pytest.mark.promise("P14")
def test_plain_http_is_not_called_kept(fresh: Flask) -> None:
    assert status("P14") is Status.PARTLY
    fresh.config["ALKO"] = dataclasses.replace(
        fresh.config["ALKO"], base_url="https://privacy.example"
    )
    assert status("P14") is Status.KEPT


@pytest.mark.promise("P25")
def test_a_master_key_that_changes_by_hand_only_is_not_called_kept(fresh: Flask) -> None:
    assert status("P25") is Status.KEPT
    fresh.config["ALKO"] = dataclasses.replace(fresh.config["ALKO"], kms_providers='{"aws": {}}')
    assert status("P25") is Status.PARTLY


def test_evidence_is_read_from_the_marks_of_the_tests(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.promise('P9')]\n"
        "@pytest.mark.promise('P2', 'P3')\n"
        "def test_a(): ...\n"
        "@pytest.mark.promise('P4')\n"
        "class TestB:\n"
        "    def test_c(self): ...\n"
        "    def helper(self): ...\n"
    )
    assert proving_tests(folder) == {
        "P9": ("tests/test_one.py::test_a", "tests/test_one.py::TestB::test_c"),
        "P2": ("tests/test_one.py::test_a",),
        "P3": ("tests/test_one.py::test_a",),
        "P4": ("tests/test_one.py::TestB::test_c",),
    }
    assert proving_tests(tmp_path / "nowhere") == {}


def test_this_test_is_evidence() -> None:
    name = "test_every_stored_field_has_an_entry_and_every_entry_a_field"
    assert f"tests/privacy/test_promises.py::{name}" in proving_tests()["P3"]


@pytest.mark.parametrize(
    ("promise", "proof"),
    [("P12", "moderation/test_matrix.py"), ("P31", "moderation/test_requests_desk.py")],
)
def test_what_staff_do_is_promised_in_whole_and_proved(promise: str, proof: str) -> None:
    assert next(one for one in promises.PROMISES if one.id == promise).status is Status.KEPT
    assert any(test.startswith(f"tests/{proof}") for test in proving_tests()[promise])


def test_the_public_page_shows_all_and_is_computed_once_a_minute(app: Flask) -> None:
    portal = Portal(app)
    probes.forget()
    page = portal.get("/privacy/promises")
    entries = page.soup.select(".promise-ledger > li")
    assert [entry["id"] for entry in entries] == [f"P{n}" for n in range(1, 38)]
    first = portal.get("/privacy/promises.json")
    assert portal.get("/privacy/promises.json").json == first.json
    assert [one["id"] for one in first.json["promises"]] == [f"P{n}" for n in range(1, 38)]
    assert {"status", "probes", "tests", "missing"} <= first.json["promises"][0].keys()


def test_a_release_is_stopped_by_its_code_and_by_nothing_that_people_have_to_do(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = client()
    filed = requests.file(person, Actor.client(person), Right.ACCESS)
    late = {"due_at": datetime.now(UTC) - timedelta(hours=1)}
    DataRequest.raw().update_one({"_id": filed.pk}, {"$set": late})
    store.publish("2099-01", "Other words.", NOW, NOW, ["# Introduction", "Other words."])
    runner = fresh.test_cli_runner()
    assert runner.invoke(args=["promises", "check"]).exit_code == 1
    connection.connect(fresh.config["ALKO"])
    done = runner.invoke(args=["promises", "check", "--release"])
    assert done.exit_code == 0, done.output
    connection.connect(fresh.config["ALKO"])
    monkeypatch.setitem(fresh.view_functions, "home.index", lambda: "open to all")
    done = runner.invoke(args=["promises", "check", "--release"])
    assert done.exit_code == 1
    assert "broken promises: P1, P12" in done.stderr
    assert "promises check --release" in (ROOT / "Procfile").read_text()


class _Slow:
    """In the place of fresh_report(): one at a time, and each takes until it is let go."""

    def __init__(self, answer: Report | Exception) -> None:
        self.answer = answer
        self.begun, self.go = threading.Event(), threading.Event()
        self.count = 0

    def __call__(self) -> Report:
        self.count += 1
        self.begun.set()
        self.go.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_while_one_computes_the_others_are_shown_the_last_report(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = probes.report()
    slow = _Slow(probes.fresh_report())
    monkeypatch.setattr(probes, "KEPT_SECONDS", 0)
    monkeypatch.setattr(probes, "fresh_report", slow)
    with ThreadPoolExecutor() as pool:
        computing = pool.submit(_in_context(fresh, probes.report))
        slow.begun.wait()
        assert probes.report() is last, "nobody waits"
        slow.go.set()
        assert computing.result() is slow.answer
    assert slow.count == 1


def test_who_has_no_report_yet_waits_for_one_failure_only(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away: each attempt takes seconds, and they must not add up."""
    slow = _Slow(ConnectionFailure("away"))
    waiting = threading.Semaphore(0)

    class Watched(Future[Report]):
        def result(self, timeout: float | None = None) -> Report:
            waiting.release()
            return super().result(timeout)

    monkeypatch.setattr(probes, "Future", Watched)
    monkeypatch.setattr(probes, "fresh_report", slow)
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(_in_context(fresh, probes.report))]
        slow.begun.wait()
        asked += [pool.submit(_in_context(fresh, probes.report)) for _ in range(3)]
        for _ in range(3):
            waiting.acquire()
        slow.go.set()
        for one in asked:
            assert isinstance(one.exception(), ConnectionFailure)
    assert slow.count == 1
    monkeypatch.setattr(probes, "fresh_report", real := mock.Mock(return_value="fine"))
    assert probes.report() == "fine" and real.call_count == 1, "the next one tries again"
    probes.forget()


def _in_context(app: Flask, ask: Callable[[], Report]) -> Callable[[], Report]:
    def asked() -> Report:
        with app.app_context():
            return ask()

    return asked


def test_the_command_prints_all_and_fails_for_a_broken_one(
    fresh: Flask, settings: Settings
) -> None:
    runner = fresh.test_cli_runner()
    fine = runner.invoke(args=["promises", "check"])
    assert fine.exit_code == 0, fine.output
    assert "P37" in fine.output
    connection.connect(fresh.config["ALKO"])
    store.publish("2099-01", "Other words.", NOW, NOW, ["# Introduction", "Other words."])
    broken = runner.invoke(args=["promises", "check", "--json"])
    assert broken.exit_code == 1
    assert "broken promises: P1, P37" in broken.stderr
    report = json.loads(broken.stdout)
    assert report["counts"]["broken"] == 2
