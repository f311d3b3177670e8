"""Making a backup: one moment of the database, and every sealed paper that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pymongo.client_session import ClientSession

import alko.models as models
from alko.backups import copies, frames, sealed_file
from alko.backups.kept import existing, file_of
from alko.backups.recipients import recipient
from alko.database import connection
from alko.models.document import UploadIntent
from alko.models.housekeeping import Lease, Outage, Restoration
from alko.vault.access import store_of
from alko.vault.stores import NotStored, Store
from config import Settings

BATCH = 1_000
PIECE = 256 * 1024
FILED = [m for m in models.ALL if "vault_key" in m._fields and m is not UploadIntent]
"""The models whose records name a file of the vault."""

Progress = Callable[[int], None]
"""Called with how many more records and files are in."""


def create(settings: Settings, progress: Progress | None = None) -> Path:
    """Make a backup and forget the oldest; returns its file.

    Raises NoRecipient, OSError, and PyMongoError: the database keeps the moment that is copied for
    five minutes, unless it is told otherwise (docs/backups.md).
    """
    to = recipient(settings)
    began = datetime.now(UTC)
    path = file_of(settings, began)
    content = _Content(began, store_of(settings), progress or _silent)
    with connection.current().client.start_session(snapshot=True) as session:
        sealed_file.write(path, to, content.frames(session))
    copies.replace(settings)
    for old in existing(settings)[: -settings.backup_keep]:
        old.unlink(missing_ok=True)
    return path


def size() -> int:
    """About how many records and files there are to write."""
    database = connection.current().database
    counts = [database[name].estimated_document_count() for name in _collections()]
    files = [model._get_collection().estimated_document_count() for model in FILED]
    return sum(counts) + sum(files)


def _silent(_: int) -> None:
    return None


def _collections() -> list[str]:
    left_out = {model._get_collection_name() for model in (Lease, Outage, Restoration)}
    names = connection.current().database.list_collection_names()
    return sorted(name for name in names if name not in left_out and not name.startswith("system."))


class _Content:
    """The frames of a backup."""

    def __init__(self, began: datetime, store: Store, progress: Progress) -> None:
        self._began = began
        self._store = store
        self._progress = progress
        self._written = {"files": 0, "gone": 0}

    def frames(self, session: ClientSession) -> Iterator[bytes]:
        started = {"kind": "backup", "version": 1, "made_at": self._began}
        yield frames.document(frames.HEADER, started)
        for name in _collections():
            yield frames.frame(frames.COLLECTION, name.encode())
            yield from self._records(name, session)
        named = {"vault_key": {"$exists": True}}
        for model in FILED:
            found = model._get_collection().find(named, {"vault_key": 1}, session=session)
            for record in found:
                yield from self._file(record["vault_key"])
                self._progress(1)
        yield frames.document(frames.END, self._written)

    def _records(self, name: str, session: ClientSession) -> Iterator[bytes]:
        collection: Any = connection.current().database[name]
        for batch in collection.find_raw_batches({}, batch_size=BATCH, session=session):
            yield copies.frame_of(batch)
            self._progress(len(frames.records(batch)))

    def _file(self, key: str) -> Iterator[bytes]:
        # A paper that was erased since this began is not there any more.
        self._written["gone"] += 1
        with suppress(NotStored):
            with self._store.open(key) as source:
                yield frames.frame(frames.FILE, key.encode())
                yield from _pieces(source)
            self._written["files"] += 1
            self._written["gone"] -= 1


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield frames.frame(frames.PIECE, piece)
