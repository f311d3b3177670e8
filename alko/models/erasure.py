"""The erasure register: which client was erased, when, by which plan. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import DateTimeField, DictField, ListField, ObjectIdField, StringField

from alko.database import records
from alko.database.keyring import key_name
from alko.database.records import Record


class ErasureState(StrEnum):
    SCHEDULED = "scheduled"
    """Confirmed by the client; can be cancelled until ``execute_after``."""
    RUNNING = "running"
    """The point of no return is passed; a crash is followed by a resumption."""
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell(records.Personal):
    email: str
    """Where the receipt goes; forgotten with its key as soon as that is done."""


UNDER_WAY = (ErasureState.SCHEDULED.value, ErasureState.RUNNING.value)


class ErasureRun(Record):
    """One erasure as a state machine. Its key dies last: it seals the address of the receipt.

    Most of its life there is nothing sealed in it: before it begins, and after the receipt is sent.
    """

    meta = {
        "collection": "erasures",
        "indexes": [
            "client",
            ("state", "execute_after"),
            {"fields": ["token_hash"]},
            {
                "name": "one_under_way",
                "fields": ["client"],
                "unique": True,
                "partialFilterExpression": {"state": {"$in": list(UNDER_WAY)}, "follows": None},
            },
            {
                "fields": ["follows"],
                "unique": True,
                "partialFilterExpression": {"follows": {"$type": "objectId"}},
            },
        ],
    }
    KEY_CLASS = "farewell"
    Personal = Farewell

    sealed = records.SealedField()
    state = StringField(required=True, choices=[state.value for state in ErasureState])
    execute_after = DateTimeField(required=True)
    follows = ObjectIdField()
    """The run which had to leave what this one takes."""
    started_at = DateTimeField()
    cancelled_at = DateTimeField()
    finished_at = DateTimeField()
    keys_destroyed_at = DateTimeField()
    copies_replaced_at = DateTimeField()
    """When the copy of the key vault was replaced by one without the destroyed keys."""
    copies_unreadable_at = DateTimeField()
    """When the master key that wrapped the destroyed keys was destroyed as well (P25)."""
    steps = ListField(StringField())
    """The steps that are complete, in order."""
    erased = DictField()
    """How many records of each category go: all that are not kept."""
    kept = ListField(DictField())
    """Of each record that stays: category, id, why, until, and the fields that go."""
    keys = ListField(StringField())
    """The names of the keys that were destroyed."""
    recipients = ListField(DictField())
    """Of each company that got data: recipient, company, and how it is told."""
    receipt = DictField()
    token_hash = StringField()
    """The hash of the token under which the receipt can be read without an account."""

    def key_name(self) -> str:
        return key_name(self.client, self.KEY_CLASS)
