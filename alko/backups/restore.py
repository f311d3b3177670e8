"""Restoring a backup into an empty database, and erasing again what was erased since.

Until all of it is done a mark in the database keeps the portal from serving. Whatever interrupts
it, the same command begins again where that is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from bson import ObjectId

import alko.models as models
from alko.backups import copies, frames, mark, sealed_file
from alko.backups.frames import BackupDamaged
from alko.database import connection, records
from alko.database.records import is_sealed
from alko.models.client import Client, ClientStatus
from alko.models.document import PaperRecord
from alko.models.erasure import ErasureRun, ErasureState
from alko.models.staff import StaffSession
from alko.models.technical import SignIn, SignInState
from alko.privacy.correspondence import correspondents
from alko.privacy.lifecycle import erasure
from alko.vault.access import store_of
from alko.vault.stores import Store
from config import Settings

REPLAYED = ("remove_files", "remove_records", "destroy_keys")
"""The steps of an erasure that a restored backup needs once more."""

Progress = Callable[[int, int], None]
"""Called with how many bytes of the backup were read, and how many there are."""


class RestoreRefused(Exception):
    """Nothing was changed; the message says why, in one line."""


@dataclass(frozen=True)
class Sources:
    """The files of a restore, and the text of the identity that opens them."""

    backup: Path
    keys: Path
    register: Path
    identity: str


@dataclass
class Restored:
    """What was done."""

    records: int = 0
    files: int = 0
    keys: int = 0
    erasures: int = 0


def restore(settings: Settings, sources: Sources, progress: Progress) -> Restored:
    """Load the backup, then replay the register. Returns what was done.

    Raises RestoreRefused, WrongIdentity, BackupDamaged, OSError.
    """
    made_at = copies.made_at(sources.backup, sources.identity, "backup")
    if copies.made_at(sources.register, sources.identity, "register") < made_at:
        raise RestoreRefused("the register is older than the backup: give the newest (--register)")
    state = mark.state()
    if state is None:
        _refuse_unless_empty()
    store, done = store_of(settings), Restored()
    if state != mark.REPLAYING:
        from_copy = _keys_are_lost()
        if from_copy:
            _check_master_keys(sources)
        mark.write(mark.LOADING, sources.backup.name, keys_from_copy=from_copy)
        done.keys = _load_keys(sources) if from_copy else 0
        _load(sources, store, done, progress)
        records.prepare(list(models.ALL))
        mark.write(mark.REPLAYING, sources.backup.name)
    done.erasures = _replay(sources, made_at, store)
    _end_sessions()
    mark.write(mark.DONE, sources.backup.name)
    return done


def _refuse_unless_empty() -> None:
    people = Client.raw().find_one({"status": {"$ne": ClientStatus.DECOY.value}}, {"_id": 1})
    others = (models.StaffMember, models.Registration, models.ErasureRun)
    if people or any(model.raw().find_one({}, {"_id": 1}) for model in others):
        raise RestoreRefused("the database is not empty; restore into another one (ALKO_DATABASE)")


def _keys_are_lost() -> bool:
    """Whether the key vault must come from its copy; one that survived knows what was destroyed."""
    decoys = [one["_id"] for one in Client.raw().find({}, {"_id": 1})]
    return mark.keys_from_copy() or not connection.current().keyring.holds_any(but=decoys)


def _check_master_keys(sources: Sources) -> None:
    known = connection.current().keyring.providers()
    for _, found in copies.documents(sources.keys, sources.identity, "keys"):
        if missing := {one["masterKey"]["provider"] for one in found} - known:
            raise RestoreRefused(
                f"the master key {min(missing)} is missing: bring back your copy of the secrets"
            )


def _load_keys(sources: Sources) -> int:
    keyring, count = connection.current().keyring, 0
    keyring.prepare()
    keyring.clear()
    for _, found in copies.documents(sources.keys, sources.identity, "keys"):
        keyring.take_back(found)
        count += len(found)
    return count


def _load(sources: Sources, store: Store, done: Restored, progress: Progress) -> None:
    database = connection.current().database
    for name in database.list_collection_names():
        if name != mark.COLLECTION and not name.startswith("system."):
            database.drop_collection(name)
    opened = sealed_file.Opened(sources.backup, sources.identity, "backup")
    incoming, collection = iter(opened), database["none"]
    for kind, content in incoming:
        if kind == frames.COLLECTION:
            collection = database[content.decode()]
        elif kind == frames.RECORDS:
            found = frames.records(content)
            if any(one.get("sealed") and not is_sealed(one["sealed"]) for one in found):
                raise BackupDamaged("a record in it is not sealed")
            collection.insert_many(found, ordered=False)
            done.records += len(found)
        while kind == frames.FILE:
            kind, content = _take_file(store, content.decode(), incoming)
            done.files += 1
        progress(opened.read, opened.size)


def _take_file(
    store: Store, key: str, incoming: Iterator[tuple[bytes, bytes]]
) -> tuple[bytes, bytes]:
    """Store one file; returns the frame after its pieces."""
    after = [(b"", b"")]

    def write(target: BinaryIO) -> None:
        for kind, content in incoming:
            if kind != frames.PIECE:
                after[0] = (kind, content)
                return
            target.write(content)

    store.put(key, write)
    return after[0]


def _replay(sources: Sources, made_at: datetime, store: Store) -> int:
    """Erase again what was erased since the backup was made, and what was to be erased by now."""
    count = 0
    for section, found in copies.documents(sources.register, sources.identity, "register"):
        for one in found:
            if section.startswith(copies.KEPT):
                kept = connection.current().database[section.removeprefix(copies.KEPT)]
                kept.replace_one({"_id": one["_id"]}, one, upsert=True)
            elif section == copies.REMOVALS:
                _remove_paper(one, store)
            else:
                count += _replay_run(one, made_at, store)
    for run in erasure.due(datetime.now(UTC)):
        erasure.execute(run, store.delete)
        count += 1
    for number in correspondents.unreadable():
        count += correspondents.erase(number, store.delete)
    return count


def _replay_run(run: dict[str, Any], made_at: datetime, store: Store) -> bool:
    steps = run.get("steps", [])
    again = run["state"] == ErasureState.DONE and run["finished_at"] >= made_at
    if run["state"] == ErasureState.RUNNING:
        run["steps"] = []  # the whole of it, planned anew from what is here
    elif again:
        run["steps"] = [step for step in steps if step not in REPLAYED]
    ErasureRun.raw().replace_one({"_id": run["_id"]}, run, upsert=True)
    if again:
        # The register knows no address: if its receipt had not been sent, it never will be.
        erasure.forget_address(erasure.execute(run["_id"], store.delete))
    return again


def _remove_paper(removal: dict[str, Any], store: Store) -> None:
    only = {"_id": ObjectId(removal["record"]), "client": removal["client"]}
    paper = PaperRecord.raw().find_one(only, {"vault_key": 1})
    if paper is not None:
        store.delete(paper["vault_key"])
        PaperRecord.raw().delete_one(only)


def _end_sessions() -> None:
    """Whoever was signed in then has signed out since, perhaps because a device was lost."""
    ended = {"state": SignInState.ENDED.value, "ended_at": datetime.now(UTC)}
    SignIn.raw().update_many({"state": SignInState.OPEN.value}, {"$set": ended})
    StaffSession.raw().delete_many({})
