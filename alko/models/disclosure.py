"""What was passed to a recipient outside ALKO: to whom, what, what for, when (promise P9)."""

from __future__ import annotations

from dataclasses import dataclass, field

from mongoengine import ListField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import SealedRecord
from alko.models.recipient import RECIPIENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(records.Personal):
    """What the recipient was told about the data later on (GDPR Art. 19)."""

    on: str
    """ISO 8601 date (UTC)."""
    about: str
    data: str = ""
    """The details it was about, ``category.field`` with commas between; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureDetails(records.Personal):
    company: str
    bound_by: str
    """The reference of the agreement that bound the company then."""
    occasion: str
    """What it was passed on for, in words."""
    told: list[Told] = field(default_factory=list)


class Disclosure(SealedRecord):
    """One disclosure. ``reference`` is what the recipient knows it by when it is told more."""

    meta = {
        "collection": "disclosures",
        "indexes": [
            ("client", "-recorded_at"),
            {"fields": ["reference"], "unique": True},
            ("agreement", "-recorded_at"),
        ],
    }
    KEY_CLASS = "correspondence"
    Personal = DisclosureDetails

    reference = StringField(required=True)
    recipient = StringField(required=True, choices=RECIPIENTS)
    agreement = ObjectIdField(required=True)
    purpose = StringField(required=True)
    data = ListField(StringField(), required=True)
    """Which details were passed on, as ``category.field``."""
