"""Uploaded papers: what is known about each file. The file itself lies sealed in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import IntField, ObjectIdField, StringField

from alko.database import records
from alko.database.keyring import key_name
from alko.database.records import SealedRecord


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

    meta = {"collection": "papers", "indexes": [("client", "-recorded_at"), "erase_after"]}
    KEY_CLASS = "documents"
    Personal = Paper

    kind = StringField(required=True, choices=[kind.value for kind in PaperKind])
    status = StringField(required=True, choices=[status.value for status in PaperStatus])
    order = ObjectIdField()
    closed_year = IntField()
    size = IntField(required=True)
    vault_key = StringField(required=True)

    def key_name(self) -> str:
        if self.kind == PaperKind.FINANCIAL:
            return key_name(self.client, f"ledger/{self.closed_year or 'open'}")
        return super().key_name()
