"""Ended or disturbed at any step, both sides agree in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from alko.cli import worker
from alko.documents import intents, operations
from alko.models.document import UploadIntent
from alko.privacy.accountability.events import Event
from alko.vault.stores import Store, StoreUnavailable
from config import Settings
from tests.documents.operations.owner import (
    Client,
    Crash,
    away,
    crash,
    reconcile,
    whole,
)

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
