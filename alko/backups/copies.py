"""What must be newest: the copy of the key vault, and the register of erasures beside it.

Only one of each is kept. Both are replaced after every erasure, so that no copy of ours holds a
destroyed key, and with every backup, so that each backup's records have their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson

import alko.models as models
from alko.backups import frames, sealed_file
from alko.backups.kept import reaches_back_to
from alko.backups.recipients import recipient
from alko.database import connection
from alko.models.activity import LedgerEntry
from alko.models.erasure import ErasureRun, ErasureState
from alko.privacy.accountability.events import Event
from alko.privacy.inventory import CATEGORIES
from config import Settings

KEYS, REGISTER = "keys.age", "register.age"
BATCH = 1_000
KEPT, RUNS, REMOVALS = "kept/", "runs", "removals"
"""The register's sections: what the law kept of those erased (by collection), the erasures, and the
numbers of papers that clients removed one by one."""


def replace(settings: Settings) -> datetime:
    """Replace both; returns the moment whose state they hold at least. NoRecipient, OSError.

    The register first: a crash between leaves one that also destroys the keys of an older copy.
    """
    began = replace_register(settings)
    content = _whole("keys", connection.current().keyring.stored(), began)
    sealed_file.write(settings.backups / KEYS, recipient(settings), content)
    return began


def replace_register(settings: Settings) -> datetime:
    """Replace the register alone. It also names the erasures that are only scheduled."""
    began = datetime.now(UTC)
    sealed_file.write(settings.backups / REGISTER, recipient(settings), _register(settings, began))
    return began


def _register(settings: Settings, now: datetime) -> Iterator[bytes]:
    yield frames.document(frames.HEADER, {"kind": "register", "version": 1, "made_at": now})
    since = reaches_back_to(settings, now)
    yield from _left_by_erasures(since)
    yield frames.frame(frames.COLLECTION, RUNS.encode())
    # Ids, dates and signed receipts: the address of a receipt on its way stays out.
    for batch in ErasureRun.raw().find_raw_batches({}, {"sealed": 0}, batch_size=BATCH):
        yield frame_of(batch)
    yield frames.frame(frames.COLLECTION, REMOVALS.encode())
    removed = {"event": Event.DOCUMENT_REMOVED.value, "recorded_at": {"$gt": since}}
    fields = {"_id": 0, "client": 1, "record": "$details.record"}
    for batch in LedgerEntry.raw().find_raw_batches(removed, fields, batch_size=BATCH):
        yield frame_of(batch)
    yield frames.document(frames.END, {})


def _left_by_erasures(since: datetime) -> Iterator[bytes]:
    """What the law kept of those erased, as it is now: in older backups its key is destroyed."""
    done = {"state": ErasureState.DONE.value, "finished_at": {"$gt": since}}
    for run in ErasureRun.raw().find(done, {"kept": 1}):
        for slug in sorted({entry["category"] for entry in run["kept"]}):
            collection = getattr(models, CATEGORIES[slug].model).raw()
            ids = [entry["id"] for entry in run["kept"] if entry["category"] == slug]
            yield frames.frame(frames.COLLECTION, f"{KEPT}{collection.name}".encode())
            for batch in collection.find_raw_batches({"_id": {"$in": ids}}, batch_size=BATCH):
                yield frame_of(batch)


def _whole(kind: str, batches: Iterator[bytes], now: datetime) -> Iterator[bytes]:
    yield frames.document(frames.HEADER, {"kind": kind, "version": 1, "made_at": now})
    for batch in batches:
        yield frame_of(batch)
    yield frames.document(frames.END, {})


def frame_of(batch: bytes) -> bytes:
    """A frame of documents as the database sent them."""
    return frames.frame(frames.RECORDS, batch)


def made_at(path: Path, identity: str, kind: str) -> datetime:
    """When a copy was made. WrongIdentity, BackupDamaged, OSError."""
    opened = sealed_file.Opened(path, identity, kind)
    opened.close()
    made: datetime = opened.header["made_at"]
    return made


_AWARE: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)


def documents(path: Path, identity: str, kind: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The documents of a copy in batches, each with the section it is in (empty: the first)."""
    section = ""
    for what, content in sealed_file.Opened(path, identity, kind):
        if what == frames.COLLECTION:
            section = content.decode()
        elif what == frames.RECORDS:
            yield section, bson.decode_all(content, _AWARE)
