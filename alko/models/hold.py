"""Legal holds: something about a client that must not be erased yet, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from mongoengine import BooleanField, DateTimeField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import SealedRecord

EVERYTHING = "everything"
"""What a hold on a client covers, instead of one category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReason(records.Personal):
    reason: str


class LegalHold(SealedRecord):
    """One hold, on one record or on all of a client's. It keeps itself as long as it stands."""

    meta = {"collection": "legal_holds", "indexes": [("client", "until")]}
    KEY_CLASS = "correspondence"
    Personal = HoldReason

    covers = StringField(required=True)
    """The category of the record that is held, or everything."""
    record = ObjectIdField()
    """The record that is held; absent: all that there is about the client."""
    until = DateTimeField(required=True)
    lifted_at = DateTimeField()
    """When it was ended early; ``until`` is then the same moment."""
    told = BooleanField(required=True)
    """False where a law forbids to tell the client: then no page or copy of theirs shows it."""
    placed_by = ObjectIdField(required=True)
