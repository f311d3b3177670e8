"""Erasure: the plan is what happens, whatever interrupts it, and nobody else is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import bson
import pytest
from bson import ObjectId
from flask import Flask

import alko.models as models
from alko.account import operations
from alko.database import connection
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.mail import erasures
from alko.models.document import PaperRecord
from alko.models.erasure import ErasureRun, ErasureState
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure, receipts
from alko.privacy.lifecycle.planner import Occasion, plan
from alko.privacy.lifecycle.survey import survey
from alko.vault import Vault
from alko.vault.stores import LocalStore
from config import Settings

pytestmark = pytest.mark.promise("P24", "P25", "P28")

KILLS = [f"{name} {moment}" for name, _ in erasure.STEPS for moment in ("done", "noted")]


@pytest.fixture
def vault_folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def factory(app: Flask, vault_folder: Path) -> Factory:
    return Factory(seed=int.from_bytes(os.urandom(4)), vault=Vault(LocalStore(vault_folder)))


@pytest.fixture
def everything(factory: Factory) -> Everything:
    return everything_about(factory)


@pytest.fixture(scope="module")
def bystander(
    app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Everything, set[tuple[str, ObjectId]]]:
    """Somebody else with everything, and what is held about them before."""
    vault = Vault(LocalStore(tmp_path_factory.mktemp("bystander")))
    other = everything_about(Factory(seed=int.from_bytes(os.urandom(4)), vault=vault))
    return other, held_ids(other.person.id)


def confirm(client: ObjectId) -> ObjectId:
    return erasure.schedule(client, Actor.client(client), at_once=True)


def held_ids(client: ObjectId) -> set[tuple[str, ObjectId]]:
    return {(record.category, record.id) for record in survey(client)}


def assert_true(
    run: ErasureRun, everything: Everything, planned: set[tuple[str, ObjectId]]
) -> None:
    """The run is done, its receipt is signed and true, and nothing readable is left."""
    client = everything.person.id
    assert run.state == ErasureState.DONE
    assert receipts.verified(run.receipt, connection.current().signing_key.public_key())
    assert run.receipt["as_planned"]
    assert held_ids(client) == planned
    needed = {record.key_name() for record in _kept_records(run)}
    left = set(connection.current().keyring.names(f"client/{client}/"))
    assert left == needed | {run.key_name()}
    kept_files = {paper["vault_key"] for paper in PaperRecord.raw().find({"client": client})}
    assert set(kept_files) <= set(_all_files(everything))


def _kept_records(run: ErasureRun) -> list[models.Order]:
    return [
        getattr(models, CATEGORIES[entry["category"]].model).objects.get(id=entry["id"])
        for entry in run.kept
    ]


def _all_files(everything: Everything) -> list[str]:
    found = PaperRecord.raw().find({"_id": {"$in": list(everything.files)}}, {"vault_key": 1})
    return [paper["vault_key"] for paper in found]


def test_what_was_planned_is_what_happens(
    everything: Everything, factory: Factory, vault_folder: Path
) -> None:
    client = everything.person.id
    bystander = everything_about(factory)
    before = held_ids(bystander.person.id)
    planned = plan(survey(client), Occasion.REQUEST, datetime.now(UTC))
    files = set(_all_files(everything))
    run = erasure.execute(confirm(client), LocalStore(vault_folder).delete)
    assert_true(run, everything, {(k.held.category, k.held.id) for k in planned.kept})
    assert held_ids(bystander.person.id) == before
    store = LocalStore(vault_folder)
    left = {one["vault_key"] for one in PaperRecord.raw().find({"client": client})}
    assert {key for key in files if store.exists(key)} == left


def test_what_stays_holds_only_what_the_tax_rule_needs(
    factory: Factory, vault_folder: Path
) -> None:
    everything = everything_about(factory)
    client = everything.person.id
    run = erasure.execute(confirm(client), LocalStore(vault_folder).delete)
    keyring = connection.current().keyring
    for entry in run.kept:
        if not entry["dropped"]:
            continue
        model = getattr(models, CATEGORIES[entry["category"]].model)
        inside = keyring.unseal(model.raw().find_one({"_id": entry["id"]})["sealed"])
        assert all(inside[name] == "" for name in entry["dropped"])
        assert any(inside.values())


def test_the_address_can_register_again_as_a_stranger(
    everything: Everything, vault_folder: Path
) -> None:
    client, email = everything.person.id, everything.person.contact.email
    run = erasure.execute(confirm(client), LocalStore(vault_folder).delete)
    assert erasure.address_for_receipt(run) == email
    erasure.forget_address(run)
    assert operations.check_password(email, "whatever") is None
    stranger = _open_again(everything)
    assert stranger != client
    assert not models.LedgerEntry.raw().count_documents({"client": client})
    index = accounts.email_index(email)
    owners = {one["_id"] for one in models.Client.raw().find({"email_index": index})}
    assert owners == {stranger}


def _open_again(everything: Everything) -> ObjectId:
    credentials = models.client.Credentials(password_hash="x")
    return accounts.open_account(ObjectId(), credentials, everything.person.contact)


def test_nobody_signs_in_once_it_has_begun(factory: Factory) -> None:
    person = factory.client(password="plover-anvil-dusk")
    client, email = person.id, person.contact.email
    assert operations.check_password(email, "plover-anvil-dusk") is not None
    with pytest.raises(KeyboardInterrupt):
        erasure.execute(confirm(client), lambda key: None, on_step=_stop_at("freeze noted"))
    assert operations.check_password(email, "plover-anvil-dusk") is None
    assert not erasure.cancel(client, Actor.client(client))


def _stop_at(target: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    def stop(step: str) -> None:
        if step == target:
            raise KeyboardInterrupt

    return stop


def test_a_scheduled_erasure_can_be_cancelled(everything: Everything) -> None:
    client = everything.person.id
    before = {one for one in held_ids(client) if one[0] != "activity"}
    run = erasure.schedule(client, Actor.client(client), at_once=False)
    assert run not in erasure.due(datetime.now(UTC))
    assert run in erasure.due(datetime.now(UTC) + erasure.GRACE)
    with pytest.raises(erasure.NothingToErase):
        confirm(client)
    assert erasure.cancel(client, Actor.client(client))
    assert run not in erasure.due(datetime.now(UTC) + erasure.GRACE)
    assert {one for one in held_ids(client) if one[0] != "activity"} == before


def test_confirmed_twice_at_the_same_moment_it_is_one(factory: Factory) -> None:
    client = factory.client().id
    both = threading.Barrier(2)

    def once(_: int) -> bool:
        both.wait()
        try:
            confirm(client)
        except erasure.NothingToErase:
            return False
        return True

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(once, range(2))) == [False, True]
    assert erasure.cancel(client, Actor.client(client))
    assert erasure.pending(client) is None


def test_one_that_was_cancelled_while_it_waited_its_turn_touches_nothing(
    factory: Factory, vault_folder: Path
) -> None:
    client = factory.client().id
    confirm(client)
    listed = erasure.due(datetime.now(UTC))
    assert erasure.cancel(client, Actor.client(client))
    before = held_ids(client)
    for run in listed:
        erasure.execute(run, LocalStore(vault_folder).delete)
    assert held_ids(client) == before
    assert models.Client.raw().find_one({"_id": client})["status"] == "active"
    states = models.ErasureRun.raw().distinct("state", {"client": client})
    assert states == ["cancelled"]


def test_one_that_fails_keeps_nobody_else_waiting(factory: Factory, vault_folder: Path) -> None:
    store = LocalStore(vault_folder)
    first, second = everything_about(factory), factory.client()
    stuck, other = confirm(first.person.id), confirm(second.id)
    away = set(_all_files(first))

    def remove(key: str) -> None:
        if key in away:
            raise PermissionError(key)
        store.delete(key)

    with pytest.raises(erasures.ErasureStuck):
        erasures.run_due(remove)
    assert ErasureRun.objects.get(id=other).state == ErasureState.DONE
    mail = models.Mail.raw().find_one({"client": second.id, "kind": "erasure_done"})
    assert mail is not None
    assert ErasureRun.objects.get(id=stuck).state == ErasureState.RUNNING
    erasures.run_due(store.delete)
    assert ErasureRun.objects.get(id=stuck).state == ErasureState.DONE


def test_the_run_of_a_long_history_is_no_longer_than_of_a_short_one(
    factory: Factory, vault_folder: Path
) -> None:
    """A document has 16 MB at most, and nobody may grow out of their own erasure."""
    sizes = []
    for entries in (1, 3000):
        client = factory.client().id
        pattern = models.LedgerEntry.raw().find_one({"client": client})
        more = [{**pattern, "_id": ObjectId(), "seq": 1000 + n} for n in range(entries)]
        models.LedgerEntry.raw().insert_many(more)
        run = erasure.execute(confirm(client), LocalStore(vault_folder).delete)
        assert run.erased["activity"] > entries
        sizes.append(len(bson.encode(models.ErasureRun.raw().find_one({"_id": run.pk}))))
        assert not models.LedgerEntry.raw().find_one({"client": client})
    assert sizes[1] - sizes[0] < 100


KILLED = """
import os, signal, sys
from bson import ObjectId
import config, dataclasses
from pathlib import Path
import alko
from alko.database import connection
from alko.privacy.lifecycle import erasure
from alko.vault.stores import LocalStore
settings = dataclasses.replace(
    config.Settings(), environment="development", instance=Path(sys.argv[1]),
    mongodb_uri=os.environ["TEST_URI"], database=sys.argv[2], key_vault_database=sys.argv[3],
    blind_index_key=os.environ["TEST_BLIND"],
)
connection.connect(settings)
def kill(step):
    if step == sys.argv[6]:
        os.kill(os.getpid(), signal.SIGKILL)
erasure.execute(ObjectId(sys.argv[5]), LocalStore(Path(sys.argv[4])).delete, on_step=kill)
"""


@pytest.mark.parametrize("moment", KILLS)
def test_killed_at_any_step_it_finishes_afterwards(
    moment: str,
    everything: Everything,
    bystander: tuple[Everything, set[tuple[str, ObjectId]]],
    vault_folder: Path,
    app: Flask,
    settings: Settings,
) -> None:
    client = everything.person.id
    planned = plan(survey(client), Occasion.REQUEST, datetime.now(UTC))
    run_id = confirm(client)
    current: Settings = app.config["ALKO"]
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            str(current.instance),
            settings.database,
            settings.key_vault_database,
            str(vault_folder),
            str(run_id),
            moment,
        ],
        env={**os.environ, "TEST_URI": settings.mongodb_uri, "TEST_BLIND": current.blind_index_key},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    state = ErasureRun.objects.get(id=run_id).state
    if moment != "finish done" and moment != "finish noted":
        assert run_id in erasure.due(datetime.now(UTC)), state
    run = erasure.execute(run_id, LocalStore(vault_folder).delete)
    assert_true(run, everything, {(k.held.category, k.held.id) for k in planned.kept})
    other, held = bystander
    assert held_ids(other.person.id) == held
    keys = connection.current().keyring.names(f"client/{other.person.id}/")
    assert {f"client/{other.person.id}/{name}" for name in accounts.KEY_CLASSES} <= set(keys)
