"""The restore drill: real files, a real server, and nobody comes back who was erased (P18, P25)."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

import alko.models as models
from alko import create_app
from alko.backups import copies, mark, recipients, restore, schedule
from alko.backups.create import FILED
from alko.backups.frames import BackupDamaged
from alko.backups.kept import existing, file_of
from alko.backups.restore import RestoreRefused, Sources
from alko.backups.rotation import rotate
from alko.backups.sealed_file import WrongIdentity
from alko.database import connection
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.documents import operations as documents
from alko.models.communication import Message
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.document import PaperRecord
from alko.models.erasure import ErasureRun
from alko.models.technical import SignIn
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import cases, correspondents
from alko.privacy.door.access import Actor, Job
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle.survey import survey
from alko.vault.access import store_of, vault_of
from config import Settings
from tests.backups.conftest import elsewhere
from tests.portal import Portal

pytestmark = pytest.mark.promise("P18", "P25")

Connect = Callable[[Settings], Settings]


@pytest.fixture
def people(own: Settings) -> tuple[Everything, Everything]:
    """Somebody who will be erased, and somebody who stays."""
    factory = Factory(seed=7, vault=vault_of(own))
    return everything_about(factory), everything_about(factory)


def sources(own: Settings, backup: Path) -> Sources:
    folder = own.backups
    identity = recipients.trial_identity(own)
    return Sources(backup, folder / copies.KEYS, folder / copies.REGISTER, identity)


def erase(client: ObjectId, own: Settings) -> ErasureRun:
    run = erasure.schedule(client, Actor.client(client), at_once=True)
    return erasure.execute(run, store_of(own).delete)


def raw(client: ObjectId) -> dict[str, list[dict[str, Any]]]:
    """Every record of the client, as stored; sign-ins apart, which a restore ends."""
    return {
        slug: list(getattr(models, c.model).raw().find({"client": client}).sort("_id", 1))
        for slug, c in CATEGORIES.items()
        if slug != "sign-ins"
    }


def silent(_read: int, _size: int) -> None:
    return None


def opened(client: ObjectId, settings: Settings) -> bytes:
    """One of the client's papers, in clear."""
    paper = PaperRecord.raw().find_one({"client": client})
    inside = connection.current().keyring.unseal(paper["sealed"])
    stream = vault_of(settings).read(paper["vault_key"], inside["vault_identity"])
    return b"".join(stream)


def test_what_was_erased_since_stays_erased_and_all_else_comes_back(
    own: Settings, people: tuple[Everything, Everything], connect_to: Connect, tmp_path: Path
) -> None:
    gone, stays = people[0].person.id, people[1].person.id
    backup = schedule.create(own)
    assert backup is not None
    old_keys = shutil.copy(own.backups / copies.KEYS, tmp_path / "old-keys.age")
    run = erase(gone, own)
    kept = {(entry["category"], entry["id"]) for entry in run.kept}
    assert schedule.replace_copies_if_due(own)
    assert ErasureRun.objects.get(id=run.pk).receipt["copies_replaced_at"]
    before, content = raw(stays), opened(stays, own)
    here = sources(own, backup)

    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    done = restore.restore(there, here, silent)
    assert done.erasures == 1
    assert done.files == len(people[0].files) + len(people[1].files)
    assert mark.state() is None
    assert {(one.category, one.id) for one in survey(gone)} == kept
    keyring = connection.current().keyring
    assert all("/kept/" in name for name in keyring.names(f"client/{gone}/"))
    left = [one["sealed"] for records in raw(gone).values() for one in records if "sealed" in one]
    assert len(left) == len(kept) and all(map(keyring.unseal, left)), "the law can be obeyed"
    store = store_of(there)
    named = [
        one["vault_key"]
        for model in FILED
        for one in model._get_collection().find({"vault_key": {"$exists": True}})
    ]
    assert sorted(store.keys()) == sorted(named)
    assert raw(stays) == before
    assert opened(stays, there) == content
    assert not SignIn.objects(state="open")

    # And with what the server has kept: an older copy of the keys opens nothing after a rotation.
    connect_to(own)
    rotate(own)
    third = elsewhere(own, tmp_path / "third", secrets_of=own.instance)
    connect_to(third)
    with pytest.raises(RestoreRefused, match="master key local:1 is missing"):
        restore.restore(third, dataclasses.replace(here, keys=old_keys), silent)
    assert mark.state() is None


def test_a_paper_that_was_removed_since_stays_removed(
    own: Settings, people: tuple[Everything, Everything], connect_to: Connect, tmp_path: Path
) -> None:
    client = people[0].person.id
    paper = PaperRecord.objects(client=client, kind="identity").first()
    backup = schedule.create(own)
    assert backup is not None
    app = create_app(own)
    with app.test_request_context():
        documents.remove(client, Actor.client(client), paper.pk)
    schedule.create_if_due(own)  # nothing is due, but the register is replaced
    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    restore.restore(there, sources(own, backup), silent)
    assert PaperRecord.objects(client=client).count() == 1
    assert not store_of(there).exists(paper.vault_key)


def test_an_old_backup_brings_back_no_paper_removed_while_none_were_made(
    own: Settings, people: tuple[Everything, Everything], connect_to: Connect, tmp_path: Path
) -> None:
    """Backups are kept by number: where none succeeded for long, the newest is old as well."""
    client = people[0].person.id
    paper = PaperRecord.objects(client=client, kind="identity").first()
    made = schedule.create(own)
    assert made is not None
    now = datetime.now(UTC)
    backup = made.rename(file_of(own, now - timedelta(days=400)))
    (own.backups / "backup-named otherwise.age").touch()
    with create_app(own).test_request_context():
        documents.remove(client, Actor.client(client), paper.pk)
    removed = {"client": client, "event": Event.DOCUMENT_REMOVED.value}
    long_ago = {"$set": {"recorded_at": now - timedelta(days=300)}}
    assert models.LedgerEntry.raw().update_one(removed, long_ago).modified_count
    schedule.create_if_due(own)
    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    restore.restore(there, sources(own, backup), silent)
    assert PaperRecord.objects(client=client).count() == 1
    assert not store_of(there).exists(paper.vault_key)


def test_a_stranger_who_deleted_their_case_does_not_come_back(
    own: Settings, connect_to: Connect, tmp_path: Path
) -> None:
    visitor = Actor.job(Job.CASES)
    gone, stays = (
        cases.open_case(
            visitor,
            cases.Written(
                body="Please delete it.",
                kind=CaseKind.PRIVACY,
                channel=CaseChannel.FORM,
                name="Ana Example",
                email=email,
                subject="My data",
            ),
        )
        for email in ("gone@mail.example", "stays@mail.example")
    )
    backup = schedule.create(own)
    assert backup is not None
    assert correspondents.erase(gone.pk, store_of(own).delete)
    assert schedule.replace_copies_if_due(own), "the copy of the keys still held its key"
    assert not schedule.replace_copies_if_due(own)
    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    assert restore.restore(there, sources(own, backup), silent).erasures == 1
    assert [one["_id"] for one in Case.raw().find({}, {"_id": 1})] == [stays.pk]
    assert not Message.raw().find_one({"client": gone.pk})


def test_interrupted_anywhere_it_serves_nothing_and_begins_again(
    own: Settings,
    people: tuple[Everything, Everything],
    connect_to: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, stays = people[0].person.id, people[1].person.id
    backup = schedule.create(own)
    assert backup is not None
    erase(gone, own)
    schedule.replace_copies_if_due(own)
    before = raw(stays)
    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    app = create_app(there)
    portal = Portal(app)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore.restore(there, sources(own, backup), stop)
    assert mark.state() == mark.LOADING
    assert portal.get("/readyz").status == 503
    page = portal.get("/account/sign-in")
    assert page.status == 503
    assert "not available at this moment" in page.main and "record" not in page.main
    assert portal.get("/healthz").status == 200
    refused = app.test_cli_runner().invoke(args=["retention", "sweep"])
    assert refused.exit_code == 1 and "restore was not finished" in refused.output

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(erasure, "execute", stop)
        restore.restore(there, sources(own, backup), silent)
    assert mark.state() == mark.REPLAYING
    restore.restore(there, sources(own, backup), silent)
    assert mark.state() is None
    assert raw(stays) == before
    assert all("/kept/" in n for n in connection.current().keyring.names(f"client/{gone}/"))


def test_what_cannot_be_restored_is_refused_and_changes_nothing(
    own: Settings, people: tuple[Everything, Everything], connect_to: Connect, tmp_path: Path
) -> None:
    early = dataclasses.replace(own, backup_folder=tmp_path / "early")
    copies.replace(early)
    backup = schedule.create(own)
    assert backup is not None
    good = sources(own, backup)
    with pytest.raises(RestoreRefused, match="not empty"):
        restore.restore(own, good, silent)
    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    with pytest.raises(RestoreRefused, match="older than the backup"):
        old = dataclasses.replace(good, register=early.backups / copies.REGISTER)
        restore.restore(there, old, silent)
    with pytest.raises(WrongIdentity):
        stranger = recipients.trial_identity(there)
        restore.restore(there, dataclasses.replace(good, identity=stranger), silent)
    assert mark.state() is None
    short = tmp_path / "short.age"
    short.write_bytes(backup.read_bytes()[:-20_000])
    with pytest.raises((BackupDamaged, WrongIdentity)):
        restore.restore(there, dataclasses.replace(good, backup=short), silent)
    restore.restore(there, good, silent)


def test_the_commands(own: Settings, tmp_path: Path, connect_to: Connect) -> None:
    client = Factory(seed=3).client().id
    run = create_app(own).test_cli_runner().invoke
    made = run(args=["backup", "create"])
    assert made.exit_code == 0, made.output
    [backup] = existing(own)
    assert str(backup) in made.output
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    again = run(args=["backup", "restore", str(backup)])
    assert again.exit_code == 1 and "not empty" in again.output

    there = connect_to(elsewhere(own, tmp_path / "second", secrets_of=own.instance))
    run = create_app(there).test_cli_runner().invoke
    alone = shutil.copy(backup, tmp_path / "alone.age")
    identity = own.instance / recipients.TRIAL
    refused = run(args=["backup", "restore", str(alone), "--identity", str(identity)])
    assert refused.exit_code == 1 and "keys.age is not beside" in refused.output
    refused = run(args=["backup", "restore", str(backup), "--identity", str(backup)])
    assert refused.exit_code == 1 and "holds no age identity" in refused.output
    done = run(args=["backup", "restore", str(backup), "--identity", str(identity)])
    assert done.exit_code == 0, done.output
    assert "The portal may serve." in done.output
    connection.connect(there)
    assert models.Client.objects(id=client)


def test_only_so_many_are_kept_and_the_promise_says_when_the_last_was_made(
    own: Settings,
) -> None:
    app = create_app(own)
    for hour in range(3):
        older = own.backups / f"backup-2020-01-01T0{hour}-00-00Z.age"
        older.parent.mkdir(exist_ok=True)
        older.touch()
    portal = Portal(app)
    assert "No backup was made here yet." in portal.get("/privacy/promises").main
    keeping = dataclasses.replace(own, backup_keep=2)
    newest = schedule.create_if_due(keeping)
    assert newest is not None and schedule.create_if_due(keeping) is None
    assert existing(own) == [own.backups / "backup-2020-01-01T02-00-00Z.age", newest]
    report = app.test_cli_runner().invoke(args=["promises", "check"]).output
    assert "P18  kept" in report
    lease = models.Lease._get_collection()
    connection.connect(own)
    lease = models.Lease._get_collection()
    lease.update_one(
        {"job": schedule.JOB}, {"$set": {"last_success": datetime.now(UTC) - timedelta(days=3)}}
    )
    late = app.test_cli_runner().invoke(args=["promises", "check"])
    assert "P18" in late.output and late.exit_code == 1
