"""The ledger of what was done with a client's data: ids and codes, a hash chain per client."""

from __future__ import annotations

from dataclasses import dataclass

from mongoengine import (
    BinaryField,
    DateTimeField,
    DictField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from alko.database import records
from alko.database.records import Record, SealedField

BY_STAFF = "acts_of_staff"
"""The index of what staff did, and of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGiven(records.Personal):
    reason: str


class LedgerEntry(Record):
    """Append-only. A typed reason is sealed; the chain covers the hash of its ciphertext."""

    meta = {
        "collection": "ledger",
        "indexes": [
            {"fields": ["client", "seq"], "unique": True},
            ("client", "-recorded_at"),
            ("-recorded_at", "-id"),
            ("event", "-recorded_at", "-id"),
            {
                "name": BY_STAFF,
                "fields": ["recorded_at", "id", "actor_id"],
                "partialFilterExpression": {"actor_id": {"$type": "objectId"}},
            },
            {
                # What staff did to a case before it joined this chain.
                "fields": ["details.member", "details.on"],
                "partialFilterExpression": {"details.member": {"$type": "string"}},
            },
            {
                "fields": ["details.reference"],
                "partialFilterExpression": {"details.reference": {"$type": "string"}},
            },
        ],
    }
    KEY_CLASS = "account"
    Personal = ReasonGiven

    seq = IntField(required=True)
    event = StringField(required=True)
    purpose = StringField(required=True)
    actor = StringField(required=True)
    """client, system:<job> or staff:<role>."""
    actor_id = ObjectIdField()
    categories = ListField(StringField())
    details = DictField()
    sealed = SealedField()
    reason_hash = StringField()
    previous = StringField(required=True)
    hash = StringField(required=True)
    signature = BinaryField(required=True)


class LedgerCheckpoint(Record):
    """How far a client's chain reached at some moment, signed: a shortened chain is noticed."""

    meta = {"collection": "ledger_checkpoints", "indexes": [{"fields": ["client"], "unique": True}]}

    seq = IntField(required=True)
    hash = StringField(required=True)
    signature = BinaryField(required=True)
    verified_at = DateTimeField(required=True)
