"""Uploaded papers: what is known about each file. The file itself lies sealed in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import BooleanField, DateTimeField, IntField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import Record, SealedRecord


class PaperKind(StrEnum):
    IDENTITY = "identity"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE = "residence"
    FINANCIAL = "financial"


class PaperStatus(StrEnum):
    RECEIVED = "received"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(records.Personal):
    filename: str
    media_type: str
    sha256: str
    vault_identity: str
    """The age secret key of this one file; it dies with the client's key."""
    rejection_reason: str = ""


class PaperRecord(SealedRecord):
    """One uploaded file. Receipts are transaction records and live under the year's key (P22)."""

    meta = {
        "collection": "papers",
        "indexes": [
            ("client", "-recorded_at"),
            ("status", "recorded_at"),
            {"fields": ["pending"], "partialFilterExpression": {"pending": {"$exists": True}}},
            {"fields": ["request"], "sparse": True},
            {
                "fields": ["client", "order", "content_index"],
                "unique": True,
                "partialFilterExpression": {"content_index": {"$exists": True}},
            },
        ],
    }
    KEY_CLASS = "documents"
    Personal = Paper

    kind = StringField(required=True, choices=[kind.value for kind in PaperKind])
    status = StringField(required=True, choices=[status.value for status in PaperStatus])
    order = ObjectIdField()
    request = ObjectIdField()
    """The request to which it was added as evidence; it ends with that, and has no order."""
    assigned_to = ObjectIdField()
    """The member of staff who checks it."""
    closed_year = IntField()
    pending = BooleanField()
    """Whether the mail about its rejection is still to be written (alko/sales/papers.py)."""
    size = IntField(required=True)
    vault_key = StringField(required=True)
    content_index = StringField()
    """Blind index of the file's content within the client's papers: the same file is recognised."""

    def key_class(self) -> str:
        if self.kind == PaperKind.FINANCIAL:
            return f"ledger/{self.closed_year or 'open'}"
        return super().key_class()


class IntentState(StrEnum):
    STORING = "storing"
    """The vault may hold the file; no record names it yet."""
    ABANDONED = "abandoned"
    """No record will ever name it: the file goes."""
    EMPTIED = "emptied"
    """The file is gone, and will be removed once more in case a late request brings it back."""
    KEPT = "kept"
    """A record names it; the ledger's entry may be missing."""
    LEAVING = "leaving"
    """No record names it any more: the file goes, and the ledger's entry may be missing."""


class UploadIntent(Record):
    """A file on its way into the vault or out of it, so that no crash leaves an orphan behind."""

    meta = {
        "collection": "upload_intents",
        "indexes": [{"fields": ["vault_key"], "unique": True}, "client", ("state", "changed_at")],
    }

    vault_key = StringField(required=True)
    paper = ObjectIdField(required=True)
    state = StringField(required=True, choices=[state.value for state in IntentState])
    changed_at = DateTimeField(required=True)
    size = IntField(required=True)
    """Bytes that count against the client's quota while the file is being stored."""
    event = StringField()
    """What the ledger is to say; absent where nothing is due."""
    actor = StringField(required=True)
    """Who did it, as the ledger names them: kind and role."""
    actor_id = ObjectIdField()
