"""Who the client is and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass

from mongoengine import DateTimeField, StringField

from alko.database import records
from alko.database.records import SealedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(records.Personal):
    full_name: str = ""
    birth_date: str = ""
    """ISO 8601, for instance 1988-04-12."""
    nationality: str = ""
    """ISO 3166-1 alpha-2."""
    identification_kind: str = ""
    """One of passport, national_id, driving_licence."""
    identification_number: str = ""


class IdentityRecord(SealedRecord):
    """One per client. The identification number is found only by its blind index (P4)."""

    meta = {
        "collection": "identities",
        "indexes": [{"fields": ["client"], "unique": True}, "identification_index"],
    }
    KEY_CLASS = "account"
    Personal = Identity

    identification_index = StringField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(records.Personal):
    email: str
    phone: str = ""
    """E.164, for instance +40712345678."""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""
    new_email: str = ""
    """An address that was typed but not confirmed yet."""


class ContactRecord(SealedRecord):
    """One per client."""

    meta = {
        "collection": "contacts",
        "indexes": [
            {"fields": ["client"], "unique": True},
            "phone_index",
            {"fields": ["new_email_until"], "sparse": True},
        ],
    }
    KEY_CLASS = "account"
    Personal = Contact

    phone_index = StringField()
    new_email_until = DateTimeField()
    """When a new address that nobody confirmed is forgotten."""
