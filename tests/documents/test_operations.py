"""Papers go in and out sealed, once, within the quota, and never half (promises P13, P15, P22)."""

from __future__ import annotations

import dataclasses
import io
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask, current_app

from alko.cli import worker
from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import ConcurrentChange, unsealed
from alko.demo.factories import Factory
from alko.demo.stories import purchase
from alko.documents import intents, operations
from alko.models.activity import LedgerEntry
from alko.models.document import PaperKind, PaperRecord, PaperStatus, UploadIntent
from alko.models.transaction import Delivery, OrderStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import retention
from alko.sales import operations as sales
from alko.vault.access import vault_of
from alko.vault.inspection.types import Inspected
from alko.vault.stores import NotStored, Store, StoreUnavailable
from config import Settings
from tests.vault.cloudinary_server import CloudinaryServer

PLAIN = b"%PDF-1.7 the passport of Ada Lovelace, number X0000001. "


def inspected(content: bytes, filename: str = "passport.pdf") -> Inspected:
    return Inspected(io.BytesIO(content), "application/pdf", filename, len(content), ())


class Client:
    """A client with an order, and what they do with papers."""

    def __init__(self, client: ObjectId, order: ObjectId) -> None:
        self.id, self.order = client, order
        self.actor = Actor.client(client)

    @classmethod
    def new(cls, factory: Factory) -> Client:
        client = factory.client().id
        return cls(client, factory.order(client).pk)

    def add(
        self,
        content: bytes = PLAIN,
        kind: PaperKind = PaperKind.IDENTITY,
        order: ObjectId | None = None,
    ) -> ObjectId:
        return operations.add(self.id, self.actor, kind, order or self.order, inspected(content))

    def replace(self, paper: ObjectId, content: bytes) -> None:
        operations.replace(self.id, self.actor, paper, inspected(content, "new.pdf"))

    def remove(self, paper: ObjectId) -> None:
        operations.remove(self.id, self.actor, paper)

    def record(self, paper: ObjectId) -> PaperRecord:
        found: PaperRecord = PaperRecord.objects(id=paper, client=self.id).get()
        return found

    def content(self, paper: ObjectId) -> bytes:
        record = self.record(paper)
        vault = vault_of(current_app.config["ALKO"])
        return b"".join(vault.read(record.vault_key, unsealed(record).vault_identity))

    @property
    def contents(self) -> set[bytes]:
        return {self.content(record.pk) for record in PaperRecord.objects(client=self.id)}

    @property
    def keys(self) -> set[str]:
        return {paper.vault_key for paper in PaperRecord.objects(client=self.id)}

    @property
    def noted(self) -> list[tuple[str, str]]:
        """What the ledger says about papers: event and paper."""
        found = LedgerEntry.raw().find({"client": self.id, "event": {"$regex": "^document"}})
        return [(one["event"], one["details"]["record"]) for one in found.sort("seq", 1)]

    @property
    def unfinished(self) -> int:
        return int(UploadIntent.raw().count_documents({"client": self.id}))


@pytest.fixture
def client(stored_settings: Settings, factory: Factory) -> Client:
    return Client.new(factory)


@pytest.fixture
def no_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails leaves everything as it lies, as after kill -9."""
    monkeypatch.setattr(intents, "abandon", lambda *_: None)


class Crash(BaseException):
    """Stands for the end of the process."""


def crash(*_: Any, **__: Any) -> Any:
    raise Crash


def away(*_: Any) -> Any:
    raise StoreUnavailable("away")


def reconcile(after: timedelta = timedelta(days=2)) -> int:
    return intents.reconcile(current_app.config["ALKO"], datetime.now(UTC) + after)


def whole(client: Client, store: Store) -> None:
    """Both sides hold the same, all of it opens, and the ledger has said so once."""
    assert set(store.keys()) == client.keys
    assert client.unfinished == 0
    assert all(client.contents)
    for record in PaperRecord.objects(client=client.id):
        assert client.noted.count(("document.added", str(record.pk))) == 1
    assert ledger.verify(client.id).verified


class TestAdd:
    @pytest.mark.promise("P11", "P13", "P15")
    def test_a_paper_is_stored_sealed_and_opens(self, client: Client, store: Store) -> None:
        paper = client.add()
        record = client.record(paper)
        assert (record.kind, record.status, record.size) == ("identity", "received", len(PLAIN))
        assert (record.order, record.erase_after) == (client.order, None)
        assert unsealed(record).filename == "passport.pdf"
        assert client.content(paper) == PLAIN
        with store.open(record.vault_key) as sealed:
            assert b"Lovelace" not in sealed.read()
        whole(client, store)

    @pytest.mark.promise("P17")
    def test_each_change_is_in_the_ledger(self, client: Client) -> None:
        paper = client.add()
        client.replace(paper, b"another")
        client.remove(paper)
        events = ["document.added", "document.replaced", "document.removed"]
        assert client.noted == [(event, str(paper)) for event in events]

    @pytest.mark.promise("P13", "P25")
    def test_after_the_key_nothing_opens(self, client: Client, store: Store) -> None:
        papers = [client.add(), client.add(b"a lease", PaperKind.RESIDENCE)]
        sealed = [client.record(paper).sealed for paper in papers]
        keyring = connection.current().keyring
        keyring.destroy([key_name(client.id, "documents")])
        time.sleep(current_app.config["ALKO"].key_cache.total_seconds() + 0.5)
        for value in sealed:
            with pytest.raises(KeyDestroyed):
                keyring.unseal(value)
        before = set(store.keys())
        with pytest.raises(KeyDestroyed):
            client.add(b"one more")
        assert set(store.keys()) == before, "what cannot be recorded is not stored"

    def test_the_same_file_is_not_stored_twice(
        self, client: Client, store: Store, factory: Factory
    ) -> None:
        paper = client.add()
        with pytest.raises(operations.AlreadyHeld) as held:
            client.add(kind=PaperKind.RESIDENCE)
        assert (held.value.paper, held.value.kind) == (paper, PaperKind.IDENTITY)
        assert list(store.keys()) == [client.record(paper).vault_key]
        # For another order it is another paper, which is erased at another time.
        client.add(order=factory.order(client.id).pk)
        whole(client, store)

    def test_nor_when_it_comes_twice_at_once(
        self, client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        both, outcomes = threading.Barrier(2, timeout=20), []
        together = operations.together

        def at_once(change: Callable[..., None]) -> None:
            both.wait()
            together(change)

        def send() -> None:
            with app.app_context():
                try:
                    outcomes.append(client.add())
                except operations.AlreadyHeld as held:
                    outcomes.append(held.paper)

        monkeypatch.setattr(operations, "together", at_once)
        senders = [threading.Thread(target=send) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(outcomes) == 2
        assert len(set(outcomes)) == 1, "the second is told of the first"
        reconcile()
        whole(client, store)

    @pytest.mark.promise("P4")
    def test_equal_files_of_two_clients_have_nothing_in_common(
        self, client: Client, factory: Factory
    ) -> None:
        other = Client.new(factory)
        mine, theirs = client.record(client.add()), other.record(other.add())
        assert mine.content_index != theirs.content_index
        assert mine.vault_key != theirs.vault_key
        assert unsealed(mine).sha256 not in (mine.content_index, mine.vault_key)

    def test_another_clients_order_is_none(
        self, client: Client, store: Store, factory: Factory
    ) -> None:
        with pytest.raises(operations.NoSuchOrder):
            client.add(order=Client.new(factory).order)
        assert list(store.keys()) == []


class TestQuota:
    @pytest.fixture(autouse=True)
    def small(self, client: Client, app: Flask, stored_settings: Settings) -> None:
        app.config["ALKO"] = dataclasses.replace(stored_settings, document_quota=1000)

    def test_it_is_said_and_kept(self, client: Client, store: Store) -> None:
        assert operations.quota_left(client.id) == 1000
        paper = client.add(b"x" * 600)
        assert operations.quota_left(client.id) == 400
        with pytest.raises(operations.QuotaExceeded) as full:
            client.add(b"y" * 401)
        assert full.value.left == 400
        whole(client, store)
        client.replace(paper, b"z" * 1000)
        assert operations.quota_left(client.id) == 0
        client.remove(paper)
        assert operations.quota_left(client.id) == 1000

    def test_what_is_under_way_counts(self, client: Client) -> None:
        intents.begin(client.id, ObjectId(), client.actor, Event.DOCUMENT_ADDED, 900)
        with pytest.raises(operations.QuotaExceeded):
            client.add(b"y" * 101)
        client.add(b"y" * 100)


class TestReplaceAndRemove:
    def test_another_file_takes_the_place(self, client: Client, store: Store) -> None:
        paper = client.add()
        before = client.record(paper)
        PaperRecord.raw().update_one({"_id": paper}, {"$set": {"status": "rejected"}})
        client.replace(paper, b"a sharper scan")
        after = client.record(paper)
        assert client.content(paper) == b"a sharper scan"
        assert unsealed(after).filename == "new.pdf"
        assert (after.status, after.size, after.kind) == ("received", 14, before.kind)
        assert after.vault_key != before.vault_key
        whole(client, store)
        with pytest.raises(operations.AlreadyHeld):
            client.replace(paper, b"a sharper scan")
        client.add()  # the first file is not held any more

    @pytest.mark.promise("P13")
    def test_a_removed_paper_is_gone_on_both_sides(
        self, client: Client, store: Store, request: pytest.FixtureRequest
    ) -> None:
        paper = client.add()
        key = client.record(paper).vault_key
        client.remove(paper)
        assert client.keys == set(store.keys()) == set()
        assert client.unfinished == 0
        with pytest.raises(NotStored):
            store.open(key)
        if current_app.config["ALKO"].cloudinary_url:
            server: CloudinaryServer = request.getfixturevalue("cloudinary")
            assert [name.endswith(key) for name in server.invalidated] == [True]

    def test_another_clients_paper_is_none(self, client: Client, factory: Factory) -> None:
        other = Client.new(factory)
        paper = other.add()
        with pytest.raises(operations.NoSuchPaper):
            client.remove(paper)
        with pytest.raises(operations.NoSuchPaper):
            client.replace(paper, b"mine now")
        assert other.content(paper) == PLAIN

    @pytest.mark.promise("P21", "P22")
    def test_an_accepted_receipt_stays(self, client: Client) -> None:
        receipt = client.add(kind=PaperKind.FINANCIAL)
        PaperRecord.raw().update_one({"_id": receipt}, {"$set": {"status": "accepted"}})
        for attempt in (lambda: client.remove(receipt), lambda: client.replace(receipt, b"x")):
            with pytest.raises(operations.NotRemovable) as refused:
                attempt()
            assert refused.value.why == operations.WHILE_OPEN
        assert client.content(receipt) == PLAIN

    def test_what_is_held_for_a_claim_stays(self, client: Client) -> None:
        paper = client.add()
        until = datetime.now(UTC) + timedelta(days=1)
        PaperRecord.raw().update_one({"_id": paper}, {"$set": {"hold_until": until}})
        with pytest.raises(operations.NotRemovable) as refused:
            client.remove(paper)
        assert refused.value.why == operations.HELD

    def test_a_receipt_accepted_at_that_moment_stays(
        self, client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receipt = client.add(kind=PaperKind.FINANCIAL)
        own = operations._own

        def accepted_right_after(*args: Any) -> PaperRecord:
            record = own(*args)
            change = {"$set": {"status": "accepted"}, "$inc": {"revision": 1}}
            PaperRecord.raw().update_one({"_id": receipt}, change)
            return record

        monkeypatch.setattr(operations, "_own", accepted_right_after)
        with pytest.raises(ConcurrentChange):
            client.remove(receipt)
        PaperRecord.raw().update_one({"_id": receipt}, {"$set": {"status": "received"}})
        with pytest.raises(ConcurrentChange):
            client.replace(receipt, b"x")
        reconcile()
        whole(client, store)


@pytest.mark.promise("P22")
@pytest.mark.parametrize("status", list(PaperStatus))
@pytest.mark.parametrize("kind", list(PaperKind))
def test_only_accepted_receipts_stay(kind: PaperKind, status: PaperStatus) -> None:
    stays = kind is PaperKind.FINANCIAL and status is PaperStatus.ACCEPTED
    assert bool(operations.why_not_removable(kind.value, status.value)) is stays
    assert bool(operations.why_not_removable(kind.value, status.value, 2024)) is stays


@pytest.mark.promise("P19", "P22")
@pytest.mark.parametrize("stored_settings", ["local"], indirect=True)
class TestRetention:
    def test_delivery_sets_the_end_of_identity_papers(
        self, client: Client, factory: Factory
    ) -> None:
        papers = [client.add(bytes([n]), kind) for n, kind in enumerate(PaperKind)]
        other = client.add(order=factory.order(client.id).pk)
        delivered = datetime(2026, 3, 1, 12, tzinfo=UTC)
        for _ in range(2):
            assert sales.delivery_done(client.id, client.order, delivered) == 3
        ends = {client.record(p).kind: client.record(p).erase_after for p in papers}
        assert ends.pop("financial") is None
        assert set(ends.values()) == {datetime(2026, 3, 31, 12, tzinfo=UTC)}
        assert client.record(other).erase_after is None

    def test_a_paper_that_crosses_with_the_delivery_is_dated_too(
        self, client: Client, factory: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = datetime.now(UTC)
        bought = purchase(factory, factory.client(), now - timedelta(days=100))
        assert bought.delivery
        number = bought.delivery.pk
        owner = Client(bought.order.client, bought.order.pk)
        delivered = now.replace(microsecond=0)
        together = operations.together

        def delivered_before(change: Callable[..., None]) -> None:
            Delivery.raw().update_one({"_id": number}, {"$set": {"delivered_at": delivered}})
            sales.delivery_done(owner.id, owner.order, delivered)
            together(change)

        monkeypatch.setattr(operations, "together", delivered_before)
        paper = owner.add()
        assert owner.record(paper).erase_after == retention.documents_end(delivered)

    def test_after_the_order_nothing_more_is_taken(
        self, client: Client, store: Store, factory: Factory
    ) -> None:
        now = datetime.now(UTC)
        cancelled = factory.order(client.id, OrderStatus.CANCELLED, now)
        delivered = factory.order(client.id, OrderStatus.DELIVERED, now - timedelta(days=31))
        for order in (cancelled, delivered):
            with pytest.raises(operations.NotNeeded):
                client.add(order=order.pk)
        assert list(store.keys()) == []

    def test_shortly_after_delivery_a_paper_has_its_date_at_once(
        self, client: Client, factory: Factory
    ) -> None:
        closed = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
        order = factory.order(client.id, OrderStatus.DELIVERED, closed)
        paper = client.add(order=order.pk)
        assert client.record(paper).erase_after == closed + timedelta(days=30)

    @pytest.mark.promise("P21")
    def test_receipts_live_under_the_year_of_their_order(
        self, client: Client, factory: Factory
    ) -> None:
        closed = datetime(datetime.now(UTC).year - 1, 5, 1, tzinfo=UTC)
        order = factory.order(client.id, OrderStatus.DELIVERED, closed)
        receipt = client.record(client.add(kind=PaperKind.FINANCIAL, order=order.pk))
        assert receipt.closed_year == closed.year
        assert receipt.key_name().endswith(f"/ledger/{closed.year}")
        assert receipt.erase_after == retention.transactions_end(closed)
        open_one = client.record(client.add(kind=PaperKind.FINANCIAL))
        assert open_one.key_name().endswith("/ledger/open")
        assert open_one.erase_after is None


STEPS = {
    "before storing": "alko.vault.Vault.add",
    "before the record": "alko.documents.operations.together",
    "before the ledger": "alko.privacy.accountability.ledger.append",
    "before the date": "alko.documents.intents._date",
    "before removing": "alko.vault.Vault.remove",
}


@pytest.mark.usefixtures("no_clean_up")
class TestCrashes:
    @pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
    @pytest.mark.parametrize("what", ["add", "replace", "remove"])
    def test_at_any_step_leave_all_or_nothing(
        self, client: Client, store: Store, what: str, step: str
    ) -> None:
        old, new = b"an earlier paper", b"a new paper"
        kept = client.add(old)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(step, crash)
            try:
                if what == "add":
                    client.add(new)
                elif what == "replace":
                    client.replace(kept, new)
                else:
                    client.remove(kept)
            except Crash:
                pass
        reconcile()
        whole(client, store)
        possible = {"add": {old, new}, "replace": {new}, "remove": set[bytes]()}
        assert client.contents in ({old}, possible[what])
        gone = what == "remove" and not client.keys
        assert client.noted.count(("document.removed", str(kept))) == gone
        replaced = what == "replace" and client.contents == {new}
        assert client.noted.count(("document.replaced", str(kept))) == replaced

    def test_a_crash_after_the_entry_writes_no_second_one(self, client: Client) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("alko.documents.intents._date", crash)
            with pytest.raises(Crash):
                client.add()
        reconcile()
        reconcile()
        assert [event for event, _ in client.noted] == ["document.added"]

    def test_one_that_is_under_way_is_left_alone(
        self, client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        together = operations.together

        def meanwhile(change: Callable[..., None]) -> None:
            reconcile(timedelta())
            together(change)

        monkeypatch.setattr(operations, "together", meanwhile)
        client.add()
        whole(client, store)


class TestFaults:
    def test_an_upload_that_slept_too_long_is_barred(
        self, client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        together = operations.together

        def hours_later(change: Callable[..., None]) -> None:
            reconcile(intents.STALE)
            together(change)

        monkeypatch.setattr(operations, "together", hours_later)
        with pytest.raises(intents.Abandoned):
            client.add()
        assert set(store.keys()) == client.keys == set()

    def test_a_vault_that_is_away_delays_the_removal_only(
        self, client: Client, store: Store
    ) -> None:
        paper = client.add()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("alko.vault.Vault.remove", away)
            client.remove(paper)
            assert client.keys == set()
            assert [event for event, _ in client.noted] == ["document.added", "document.removed"]
            reconcile()
        assert len(list(store.keys())) == 1
        reconcile()
        whole(client, store)

    def test_a_vault_that_is_away_takes_nothing(self, client: Client, store: Store) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("alko.vault.Vault.add", away)
            with pytest.raises(StoreUnavailable):
                client.add()
        assert client.noted == []
        assert client.keys == set(store.keys()) == set()
        client.add()
        reconcile()
        whole(client, store)

    def test_the_worker_reconciles(self, client: Client, stored_settings: Settings) -> None:
        intents.begin(client.id, ObjectId(), client.actor, Event.DOCUMENT_ADDED, 1)
        long_ago = datetime.now(UTC) - 2 * intents.FORGOTTEN
        UploadIntent.raw().update_many({"client": client.id}, {"$set": {"changed_at": long_ago}})
        jobs = worker.jobs(stored_settings, lambda: False)
        (job,) = [job for job in jobs if job.name == "uploads"]
        assert job.every <= timedelta(minutes=15)
        job.work()
        assert client.unfinished == 0

    def test_a_late_request_that_brings_a_file_back_is_undone(
        self, client: Client, store: Store
    ) -> None:
        key = intents.begin(client.id, ObjectId(), client.actor, Event.DOCUMENT_ADDED, 1)
        reconcile(intents.STALE)
        store.put(key, lambda target: target.write(b"a request that timed out went on"))
        reconcile(intents.FORGOTTEN)
        assert list(store.keys()) == []
        assert client.unfinished == 0
