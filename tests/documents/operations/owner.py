"""A client who has papers, and what must hold of them whatever happened."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import current_app

from alko.database.records import unsealed
from alko.demo.factories import Factory
from alko.documents import intents, operations
from alko.models.activity import LedgerEntry
from alko.models.document import PaperKind, PaperRecord, UploadIntent
from alko.privacy.accountability import ledger
from alko.privacy.door.access import Actor
from alko.vault.access import vault_of
from alko.vault.inspection.types import Inspected
from alko.vault.stores import Store, StoreUnavailable

PLAIN = b"%PDF-1.7 the passport of Ada Lovelace, number X0000001. "


def inspected(content: bytes, filename: str = "passport.pdf") -> Inspected:
    return Inspected(io.BytesIO(content), "application/pdf", filename, len(content), ())


class Client:
    """A client with an order, and what they do with papers."""

    def __init__(self, client: ObjectId, order: ObjectId) -> None:
        self.id, self.order = client, order
        self.actor = Actor.client(client)

    @classmethod
    def new(cls, factory: Factory) -> Client:
        client = factory.client().id
        return cls(client, factory.order(client).pk)

    def add(
        self,
        content: bytes = PLAIN,
        kind: PaperKind = PaperKind.IDENTITY,
        order: ObjectId | None = None,
    ) -> ObjectId:
        return operations.add(self.id, self.actor, kind, order or self.order, inspected(content))

    def replace(self, paper: ObjectId, content: bytes) -> None:
        operations.replace(self.id, self.actor, paper, inspected(content, "new.pdf"))

    def remove(self, paper: ObjectId) -> None:
        operations.remove(self.id, self.actor, paper)

    def record(self, paper: ObjectId) -> PaperRecord:
        found: PaperRecord = PaperRecord.objects(id=paper, client=self.id).get()
        return found

    def content(self, paper: ObjectId) -> bytes:
        record = self.record(paper)
        vault = vault_of(current_app.config["ALKO"])
        return b"".join(vault.read(record.vault_key, unsealed(record).vault_identity))

    @property
    def contents(self) -> set[bytes]:
        return {self.content(record.pk) for record in PaperRecord.objects(client=self.id)}

    @property
    def keys(self) -> set[str]:
        return {paper.vault_key for paper in PaperRecord.objects(client=self.id)}

    @property
    def noted(self) -> list[tuple[str, str]]:
        """What the ledger says about papers: event and paper."""
        found = LedgerEntry.raw().find({"client": self.id, "event": {"$regex": "^document"}})
        return [(one["event"], one["details"]["record"]) for one in found.sort("seq", 1)]

    @property
    def unfinished(self) -> int:
        return int(UploadIntent.raw().count_documents({"client": self.id}))


class Crash(BaseException):
    """Stands for the end of the process."""


def crash(*_: Any, **__: Any) -> Any:
    raise Crash


def away(*_: Any) -> Any:
    raise StoreUnavailable("away")


def reconcile(after: timedelta = timedelta(days=2)) -> int:
    return intents.reconcile(current_app.config["ALKO"], datetime.now(UTC) + after)


def whole(client: Client, store: Store) -> None:
    """Both sides hold the same, all of it opens, and the ledger has said so once."""
    assert set(store.keys()) == client.keys
    assert client.unfinished == 0
    assert all(client.contents)
    for record in PaperRecord.objects(client=client.id):
        assert client.noted.count(("document.added", str(record.pk))) == 1
    assert ledger.verify(client.id).verified
