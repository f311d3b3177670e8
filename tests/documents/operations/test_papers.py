"""Adding, replacing and removing papers within the quota, in either store."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask, current_app

from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import ConcurrentChange, unsealed
from alko.demo.factories import Factory
from alko.documents import intents, operations
from alko.models.document import PaperKind, PaperRecord
from alko.models.staff import StaffRole
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import holds
from alko.vault.stores import NotStored, Store
from config import Settings
from tests.documents.operations.owner import (
    PLAIN,
    Client,
    reconcile,
    whole,
)
from tests.vault.cloudinary_server import CloudinaryServer


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

    @pytest.mark.promise("P19")
    @pytest.mark.parametrize("told", [True, False])
    def test_what_came_under_a_hold_of_everything_stays_until_it_ends(
        self, client: Client, told: bool
    ) -> None:
        """Uploaded before or after it was placed; the words do not say which kind of hold it is."""
        before = client.add(b"before")
        officer = Actor.staff(ObjectId(), StaffRole.OFFICER)
        until = datetime.now(UTC) + timedelta(days=30)
        hold = holds.place(client.id, officer, until, "A claim about the paint", told=told)
        after = client.add(b"after")
        for paper, content in ((before, b"before"), (after, b"after")):
            for attempt in (client.remove, lambda paper: client.replace(paper, b"x")):
                with pytest.raises(operations.NotRemovable) as refused:
                    attempt(paper)
                assert refused.value.why == operations.HELD
            assert client.content(paper) == content
        holds.lift(client.id, officer, hold)
        client.replace(before, b"another")
        client.remove(after)
        assert client.contents == {b"another"}

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
