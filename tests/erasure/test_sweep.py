"""Retention: what is due goes with its keys; nothing early, twice or half (P19-P22)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.keyring import key_name
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.mail import erasures, inactivity
from alko.models.client import Client
from alko.models.communication import Mail
from alko.models.document import PaperKind, PaperRecord
from alko.models.erasure import ErasureRun
from alko.models.technical import PageView, SignIn
from alko.models.transaction import Order
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import clock, erasure, sweep
from alko.privacy.lifecycle.retention import add_months
from alko.privacy.lifecycle.survey import survey
from alko.vault import Vault
from alko.vault.stores import LocalStore
from config import Settings

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "vault")


@pytest.fixture
def factory(app: Flask, store: LocalStore) -> Factory:
    return Factory(seed=int.from_bytes(os.urandom(4)), vault=Vault(store))


@pytest.mark.promise("P19")
def test_a_sweep_takes_what_is_due_and_leaves_the_rest(factory: Factory, store: LocalStore) -> None:
    client = everything_about(factory).person.id
    views = list(PageView.objects(client=client))
    due, later = views[0], views[1]
    PageView.raw().update_one({"_id": due.pk}, {"$set": {"erase_after": NOW - DAY}})
    PageView.raw().update_one({"_id": later.pk}, {"$set": {"erase_after": NOW + DAY}})
    assert next(one.due for one in sweep.report(NOW) if one.category.slug == "usage") >= 1
    sweep.sweep(datetime.now(UTC), store.delete)
    left = {view.pk for view in PageView.objects(client=client)}
    assert due.pk not in left
    assert later.pk in left
    assert sweep.sweep(datetime.now(UTC), store.delete) == 0


@pytest.mark.promise("P22")
def test_a_paper_goes_with_its_file(factory: Factory, store: LocalStore) -> None:
    client = everything_about(factory).person.id
    paper = PaperRecord.objects(client=client).first()
    assert store.exists(paper.vault_key)
    PaperRecord.raw().update_one({"_id": paper.pk}, {"$set": {"erase_after": NOW - DAY}})
    sweep.sweep(datetime.now(UTC), store.delete)
    assert not store.exists(paper.vault_key)
    assert not PaperRecord.objects(id=paper.pk)


@pytest.mark.promise("P21")
def test_a_year_that_is_over_takes_its_key_along(factory: Factory, store: LocalStore) -> None:
    client = factory.client().id
    closed = NOW - timedelta(days=9 * 366)
    order = factory.order(client, closed_at=closed)
    assert order.erase_after <= NOW
    name = key_name(client, f"ledger/{closed.year}")
    assert connection.current().keyring.exists(name)
    sweep.sweep(datetime.now(UTC), store.delete)
    assert not Order.objects(id=order.pk)
    assert not connection.current().keyring.exists(name)
    assert connection.current().keyring.exists(key_name(client, "account"))


def test_a_legal_hold_keeps_until_it_ends(factory: Factory, store: LocalStore) -> None:
    client = everything_about(factory).person.id
    view = PageView.objects(client=client).first()
    change = {"erase_after": NOW - DAY, "hold_until": NOW + DAY}
    PageView.raw().update_one({"_id": view.pk}, {"$set": change})
    sweep.sweep(datetime.now(UTC), store.delete)
    assert PageView.objects(id=view.pk)
    PageView.raw().update_one({"_id": view.pk}, {"$set": {"hold_until": NOW - DAY}})
    sweep.sweep(datetime.now(UTC), store.delete)
    assert not PageView.objects(id=view.pk)


@pytest.mark.promise("P31")
def test_restricted_data_is_stored_and_not_erased(factory: Factory, store: LocalStore) -> None:
    client = everything_about(factory).person.id
    view = PageView.objects(client=client).first()
    PageView.raw().update_one({"_id": view.pk}, {"$set": {"erase_after": NOW - DAY}})
    Client.raw().update_one(
        {"_id": client}, {"$set": {"restricted_at": NOW, "last_active_at": add_months(NOW, -30)}}
    )
    sweep.sweep(datetime.now(UTC), store.delete)
    inactivity.look_after()
    assert PageView.objects(id=view.pk)
    assert not Mail.raw().count_documents({"client": client, "kind": "inactivity_warning"})
    Client.raw().update_one({"_id": client}, {"$set": {"restricted_at": None}})
    sweep.sweep(datetime.now(UTC), store.delete)
    assert not PageView.objects(id=view.pk)


def test_a_wrong_clock_erases_nothing(factory: Factory, store: LocalStore) -> None:
    client = everything_about(factory).person.id
    with pytest.raises(clock.ClockDisagrees):
        sweep.sweep(NOW + timedelta(days=4000), store.delete)
    assert SignIn.objects(client=client)


@pytest.mark.promise("P28")
def test_the_receipt_is_mailed_and_the_address_forgotten(
    factory: Factory, store: LocalStore
) -> None:
    person = factory.client()
    erasure.schedule(person.id, Actor.client(person.id), at_once=True)
    erasures.run_due(store.delete)
    mail = Mail.raw().find_one({"client": person.id})
    assert mail["kind"] == "erasure_done"
    assert connection.current().keyring.unseal(mail["sealed"])["to"] == person.contact.email
    Mail.raw().update_one({"_id": mail["_id"]}, {"$set": {"status": "sent"}})
    erasures.run_due(store.delete)
    assert not Mail.raw().find_one({"client": person.id})
    assert connection.current().keyring.names(f"client/{person.id}/") == []
    run = ErasureRun.objects.get(client=person.id)
    assert run.sealed is None
    assert run.receipt["as_planned"]


@pytest.mark.promise("P20", "P28")
def test_with_a_wrong_clock_nobody_is_warned_and_no_erasure_begins(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = factory.client().id
    run = erasure.schedule(client, Actor.client(client), at_once=False)

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + 30 * DAY

    monkeypatch.setattr(erasures, "datetime", Ahead)
    monkeypatch.setattr(inactivity, "datetime", Ahead)
    with pytest.raises(clock.ClockDisagrees):
        erasures.run_due(lambda key: None)
    with pytest.raises(clock.ClockDisagrees):
        inactivity.look_after()
    assert ErasureRun.objects.get(id=run).state == "scheduled"
    erasure.cancel(client, Actor.client(client))


SWEEPER = """
import os, signal, sys
import config, dataclasses
from datetime import UTC, datetime
from pathlib import Path
from alko.database import connection
from alko.privacy.lifecycle import sweep
from alko.vault.stores import LocalStore
from config import Settings
settings = dataclasses.replace(
    config.Settings(), environment="development", instance=Path(sys.argv[1]),
    mongodb_uri=os.environ["TEST_URI"], database=sys.argv[2], key_vault_database=sys.argv[3],
    blind_index_key="x" * 32,
)
connection.connect(settings)
store, moment = LocalStore(Path(sys.argv[4])), sys.argv[5]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def remove(key):
    store.delete(key)
    if moment == "file":
        die()
if moment == "keys":
    sweep._year_holds_something = die
sweep.sweep(datetime.now(UTC), remove)
"""


def sweeper(app: Flask, store: LocalStore, moment: str) -> int:
    """Another process that sweeps and kills itself at that moment; how it ended."""
    settings: Settings = app.config["ALKO"]
    arguments = (settings.instance, settings.database, settings.key_vault_database, store._folder)
    return subprocess.run(
        [sys.executable, "-c", SWEEPER, *map(str, arguments), moment],
        env={**os.environ, "TEST_URI": settings.mongodb_uri},
        cwd=Path(__file__).parents[2],
        check=False,
    ).returncode


def over(factory: Factory) -> tuple[ObjectId, ObjectId, str]:
    """A client with an order and its receipt of a year that is over: client, order, key."""
    client, closed = factory.client().id, NOW - timedelta(days=9 * 366)
    order = factory.order(client, closed_at=closed)
    factory.paper(client, PaperKind.FINANCIAL, b"%PDF-1.4", "receipt.pdf", order=order)
    return client, order.pk, key_name(client, f"ledger/{closed.year}")


@pytest.fixture
def short_transactions(app: Flask) -> Iterator[None]:
    """The server ends what a killed process left in a transaction after seconds, not a minute."""
    admin, limit = connection.current().client.admin, "transactionLifetimeLimitSeconds"
    before = admin.command("setParameter", 1, **{limit: 5})["was"]
    yield
    admin.command("setParameter", 1, **{limit: before})


@pytest.mark.promise("P19", "P21", "P25")
@pytest.mark.parametrize("moment", ["file", "keys"])
def test_a_sweep_that_is_killed_leaves_nothing_half_done(
    moment: str, app: Flask, factory: Factory, store: LocalStore, short_transactions: None
) -> None:
    bystander = everything_about(factory).person.id
    sweep.sweep(datetime.now(UTC), store.delete)
    client, order, key = over(factory)
    before = {(one.category, one.id) for one in survey(bystander)}
    assert sweeper(app, store, moment) == -signal.SIGKILL
    paper = PaperRecord.objects(client=client).first()
    if Order.objects(id=order) or paper:
        assert connection.current().keyring.exists(key), "no record is left behind its key"
    sweep.sweep(datetime.now(UTC), store.delete)
    assert not Order.objects(id=order) and not PaperRecord.objects(client=client)
    assert not connection.current().keyring.exists(key)
    theirs = {one.vault_key for one in PaperRecord.objects(client=bystander)}
    assert theirs <= set(store.keys())
    assert paper is None or not store.exists(paper.vault_key)
    assert {(one.category, one.id) for one in survey(bystander)} == before


@pytest.mark.promise("P19", "P21")
def test_two_sweepers_at_once_take_each_record_once(
    app: Flask, factory: Factory, store: LocalStore
) -> None:
    sweep.sweep(datetime.now(UTC), store.delete)
    made = [over(factory) for _ in range(5)]
    with ThreadPoolExecutor(2) as both:
        counts = both.map(lambda _: sweep.sweep(datetime.now(UTC), store.delete), range(2))
        assert sum(counts) == 2 * len(made)
    for _, order, key in made:
        assert not Order.objects(id=order)
        assert not connection.current().keyring.exists(key)


@pytest.mark.promise("P19")
def test_the_command_reports_first_and_a_dry_run_changes_nothing(
    app: Flask, factory: Factory
) -> None:
    _, order, key = over(factory)
    run = app.test_cli_runner().invoke
    dry = run(args=["retention", "sweep", "--dry-run"])
    connection.connect(app.config["ALKO"])
    assert dry.exit_code == 0, dry.output
    assert "orders: 1 due" in dry.output and "Nothing was changed." in dry.output
    assert Order.objects(id=order)
    swept = run(args=["retention", "sweep"])
    connection.connect(app.config["ALKO"])
    assert swept.exit_code == 0 and "records erased." in swept.output, swept.output
    assert not Order.objects(id=order)
    assert not connection.current().keyring.exists(key)
