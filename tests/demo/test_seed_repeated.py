"""The seed: equal for equal days, completed after a crash, and right on any day."""

from __future__ import annotations

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from alko import demo
from alko.database import connection
from alko.demo import crowd, seed
from alko.demo.accounts import CLIENT_EMAIL
from alko.demo.factories import Factory
from alko.demo.maker import Maker
from alko.models.transaction import Order, OrderStatus
from alko.privacy.accountability import ledger
from config import Settings
from tests.demo.portals import connect, connected, own, plaintext
from tests.processes import another_process

TODAY = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
SMALL_CROWD = 2
WRITTEN_NOW = ("ledger", "policy_versions", "clients", "contacts", "identities")
"""The decoy's account and the first policy carry the day of the test."""


def quiet(_: str) -> None:
    """Nobody watches."""


def seed_small(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Seed a portal with few other clients, and return its plaintext."""
    crowd.CROWD = SMALL_CROWD
    connect(settings)
    demo.seed_if_empty(settings, quiet, now=TODAY)
    return plaintext()


def seed_until(settings: Settings, stage: str, count: int) -> None:
    """Seed, and die as by ``kill -9`` at the given call of a stage."""
    calls = 0

    def dying(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > count:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return call

    if stage == "ledger":
        ledger.append = dying(ledger.append)
    elif stage == "paper":
        Factory.paper = dying(Factory.paper)  # type: ignore[method-assign]
    elif stage == "account":
        Factory.client = dying(Factory.client)  # type: ignore[method-assign]
    else:
        Maker.keep = dying(Maker.keep)  # type: ignore[method-assign]
    seed_small(settings)


@pytest.fixture(scope="module")
def reference(
    app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """What an undisturbed seed gives."""
    return _in_a_process(app, tmp_path_factory.mktemp("reference"), "reference")


def _in_a_process(
    app: Flask, folder: Path, name: str, stage: str = "", count: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """Seed in fresh processes; with a stage, the first dies there and the second completes."""
    settings = own(app.config["ALKO"], folder, name)
    try:
        if stage:
            with another_process(settings) as pool, pytest.raises(BrokenProcessPool):
                pool.submit(seed_until, settings, stage, count).result()
        with another_process(settings) as pool:
            return pool.submit(seed_small, settings).result()
    finally:
        for database in (settings.database, settings.key_vault_database):
            connection.current().client.drop_database(database)


def test_equal_days_give_equal_data(
    app: Flask, reference: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    again = _in_a_process(app, tmp_path, "again")
    assert sum(map(len, reference.values())) > 200
    assert again == reference


@pytest.mark.parametrize(("stage", "count"), [("account", 1), ("record", 70), ("paper", 2)])
def test_a_seed_that_was_killed_is_completed(
    app: Flask,
    reference: dict[str, list[dict[str, Any]]],
    tmp_path: Path,
    stage: str,
    count: int,
) -> None:
    completed = _in_a_process(app, tmp_path, f"killed_{stage}", stage, count)
    for collection, documents in reference.items():
        assert completed[collection] == documents, collection


@pytest.mark.parametrize(
    "day",
    [
        datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
    ids=lambda day: f"{day:%Y-%m-%d}",
)
def test_the_story_holds_on_any_day(
    app: Flask, tmp_path: Path, day: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One delivered in the year before, one at sea, nothing in the future, nothing outlived."""
    monkeypatch.setattr(crowd, "CROWD", 0)
    settings = own(app.config["ALKO"], tmp_path, "day")
    with connected(settings, app.config["ALKO"]):
        assert demo.seed_if_empty(settings, quiet, now=day)
        client = seed.lasting_id(f"{CLIENT_EMAIL}/account/1")
        delivered, at_sea = Order.objects(client=client).order_by("recorded_at")
        assert delivered.closed_at.year == day.year - 1
        assert at_sea.status == OrderStatus.SHIPPED
        for collection in connection.current().database.list_collection_names():
            raw = connection.current().database[collection]
            if collection not in WRITTEN_NOW:
                assert raw.count_documents({"recorded_at": {"$gt": day}}) == 0
            assert raw.count_documents({"erase_after": {"$lt": day}}) == 0
