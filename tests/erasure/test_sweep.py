"""Retention: what is due goes with its keys; nothing early, twice or half (P19-P22)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from alko.database import connection
from alko.database.keyring import key_name
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.mail import erasures, inactivity
from alko.models.client import Client
from alko.models.communication import Mail
from alko.models.document import PaperRecord
from alko.models.erasure import ErasureRun
from alko.models.technical import PageView, SignIn
from alko.models.transaction import Order
from alko.privacy import clock, erasure, sign_ins, sweep
from alko.privacy.access import Actor
from alko.privacy.inactivity import WARNINGS, is_over, next_warning
from alko.privacy.retention import add_months
from alko.vault import Vault
from alko.vault.stores import LocalStore

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


@pytest.mark.promise("P20")
def test_three_warnings_come_before_the_end_however_late_the_worker_is() -> None:
    """Walks day by day through an account that nobody uses; the worker sleeps 70 days first."""
    active = datetime(2024, 2, 29, 12, tzinfo=UTC)
    account = {"last_active_at": active, "warned": []}
    end = add_months(active, 24)
    told: list[datetime] = []
    day = end - 70 * DAY
    while not is_over(account, day):
        stage = next_warning(account, day)
        if stage is not None:
            told.append(day)
            account |= {"warned": [*account["warned"], stage], "warned_at": day}
        day += DAY
    assert account["warned"] == list(WARNINGS)
    assert [(end - moment).days for moment in told] == list(WARNINGS)
    late = {"last_active_at": active, "warned": []}
    assert not is_over(late, end + 100 * DAY)


@pytest.mark.promise("P20")
def test_an_inactive_client_is_warned_and_signing_in_ends_it(factory: Factory) -> None:
    client = factory.client().id
    Client.raw().update_one({"_id": client}, {"$set": {"last_active_at": add_months(NOW, -24)}})
    inactivity.look_after()
    warned = {"client": client, "kind": "inactivity_warning"}
    assert Mail.raw().count_documents(warned) == 1
    inactivity.look_after()
    assert Mail.raw().count_documents(warned) == 1, "one warning a day"
    sign_ins.begin(client, "192.0.2.0", "Linux", "Firefox", analytics=False)
    assert Client.raw().find_one({"_id": client}).get("warned") in (None, [])
    inactivity.look_after()
    assert Mail.raw().count_documents(warned) == 1
    assert erasure.pending(client) is None


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
