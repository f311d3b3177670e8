"""How ALKO watches over itself: alerts about unusual access, and breaches of personal data.

Both belong to one *register* of the company: its number stands where a client's number stands, with
a key and a ledger chain of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bson import ObjectId
from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from alko.database import records
from alko.database.records import Record, SealedField, SealedRecord

REGISTER = ObjectId("0" * 23 + "2")
"""The register's number. Nobody's account has it."""
KEY_CLASS = "register"


class AlertKind(StrEnum):
    BULK = "bulk_viewing"
    """A member of staff opened many dossiers within an hour."""
    OFF_HOURS = "off_hours"
    OVERRIDE = "override"
    """A dossier was opened without an assigned case."""
    BROKEN_CHAIN = "broken_chain"
    """A chain of the ledger does not verify."""
    FAILED_SIGN_INS = "failed_sign_ins"
    STALE_REVIEW = "stale_review"
    """The policy was not reviewed for 12 months (P37)."""
    DRIFTED_POLICY = "drifted_policy"
    """The software says something else than the published policy (P37)."""


class AlertOutcome(StrEnum):
    """What the person found who looked into it."""

    EXPECTED = "expected"
    """Work as it should be."""
    EXPLAINED = "explained"
    """Unusual, and explained by the member of staff."""
    BREACH = "breach"
    """Entered in the register of breaches."""
    MENDED = "mended"
    """A fault or a neglected duty, which was put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNote(records.Personal):
    note: str


class Alert(Record):
    """One cause for a person to look. Nothing is sealed in it until that person wrote a note."""

    meta = {
        "collection": "alerts",
        "indexes": [
            {"fields": ["cause"], "unique": True},
            ("client", "-recorded_at"),
            ("client", "acknowledged_at", "-recorded_at"),
            "erase_after",
        ],
    }
    KEY_CLASS = KEY_CLASS
    Personal = AlertNote

    cause = StringField(required=True)
    """Kind, ids and times: the same cause raises no second alert."""
    kind = StringField(required=True, choices=[kind.value for kind in AlertKind])
    member = ObjectIdField()
    """The member of staff it is about."""
    about = ObjectIdField()
    """The number of the client whose chain or dossier it is about."""
    count = IntField()
    """How many dossiers, or attempts."""
    acknowledged_at = DateTimeField()
    acknowledged_by = ObjectIdField()
    outcome = StringField(choices=[outcome.value for outcome in AlertOutcome])
    sealed = SealedField()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachDetails(records.Personal):
    """The facts, the effects and what was done about it (GDPR Art. 33(5))."""

    happened: str
    effects: str = ""
    measures: str = ""
    to_authority: str = ""
    """What the authority was told and its reference; why late, or why it was not told."""
    to_clients: str = ""
    """Why the clients were not told, where they were not."""


class Breach(SealedRecord):
    """An entry of the register of breaches; ``recorded_at`` is when it was entered."""

    meta = {
        "collection": "breaches",
        "indexes": [
            {"fields": ["reference"], "unique": True},
            ("client", "-recorded_at"),
            {"fields": ["telling"], "partialFilterExpression": {"telling": True}},
            "erase_after",
        ],
    }
    KEY_CLASS = KEY_CLASS
    Personal = BreachDetails

    reference = StringField(required=True)
    discovered_at = DateTimeField(required=True)
    """When ALKO became aware of it: the 72 hours begin."""
    began_at = DateTimeField(required=True)
    ended_at = DateTimeField(required=True)
    """The period in which data was reached."""
    everybody = BooleanField(required=True, default=False)
    """All clients are affected, whatever the ledger says: the whole database was reached."""
    member = ObjectIdField()
    """Whose accesses they were; without one those of all staff."""
    categories = ListField(StringField())
    """Which categories of data; empty: all."""
    authority_told_at = DateTimeField()
    authority_spared_at = DateTimeField()
    """When it was decided that no risk is likely, and so the authority need not be told."""
    statement = ObjectIdField()
    """The number of the text that the clients read."""
    clients_told_at = DateTimeField()
    clients_spared_at = DateTimeField()
    telling = BooleanField(required=True, default=False)
    """The telling has still to begin; a crash is followed by a resumption."""
    closed_at = DateTimeField()


class BreachStatement(Document):
    """What the clients are told of a breach: a published text, the same for all of them."""

    meta = {"collection": "breach_statements", "auto_create_index": False}

    text = StringField(required=True)
    published_at = DateTimeField(required=True)


class BreachNotice(Record):
    """A client's data was reached by a breach, and they are told (GDPR Art. 34)."""

    meta = {
        "collection": "breach_notices",
        "indexes": [
            {"fields": ["breach", "client"], "unique": True},
            ("client", "-recorded_at"),
        ],
    }

    breach = ObjectIdField(required=True)
    reference = StringField(required=True)


class Bookmark(Document):
    """How far something was read, so that the next reading begins there."""

    meta = {
        "collection": "bookmarks",
        "auto_create_index": False,
        "indexes": [{"fields": ["name"], "unique": True}],
    }

    name = StringField(required=True)
    until = DateTimeField(required=True)
