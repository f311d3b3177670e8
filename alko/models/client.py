"""The account of a client, and the registration that comes before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mongoengine import DateTimeField, IntField, ListField, StringField

from alko.database import records
from alko.database.records import SealedRecord


class ClientStatus(StrEnum):
    ACTIVE = "active"
    ERASING = "erasing"
    """An erasure is under way: nobody signs in any more."""
    DECOY = "decoy"
    """Nobody's account: unknown addresses are checked against it, at equal cost (see sign-in)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials(records.Personal):
    password_hash: str
    totp_secret: str | None = None
    totp_last_used: int = 0
    recovery_hashes: list[str] = field(default_factory=list)


class Client(SealedRecord):
    """One account. ``client`` equals ``id``, so that every record is found the same way."""

    meta = {
        "collection": "clients",
        "indexes": [
            "client",
            {"fields": ["email_index"], "unique": True},
            ("status", "last_active_at"),
            {
                "fields": ["restricted_at"],
                "partialFilterExpression": {"restricted_at": {"$type": "date"}},
            },
            {
                "fields": ["restriction_ends"],
                "partialFilterExpression": {"restriction_ends": {"$type": "date"}},
            },
        ],
    }
    KEY_CLASS = "account"
    Personal = Credentials

    email_index = StringField(required=True)
    status = StringField(required=True, choices=[status.value for status in ClientStatus])
    last_active_at = DateTimeField(required=True)
    """The last sign-in, closing of an order or end of a restriction, whichever came last (P20)."""
    restricted_at = DateTimeField()
    """Since when the use of the client's data is restricted (P31); None: it is not."""
    restriction_ground = StringField()
    restriction_ends = DateTimeField()
    """When it ends, once the client was told so."""
    warned = ListField(IntField())
    """The inactivity warnings that were given, in days before the end (P20)."""
    warned_at = DateTimeField()

    def delete(self, *args: object, **kwargs: object) -> None:
        """A person is never deleted like a row: erasure is the one way (promise P24)."""
        raise RuntimeError("clients are erased by lifecycle/erasure.py, never deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDetails(records.Personal):
    email: str
    password_hash: str


class Registration(SealedRecord):
    """An address waiting for its owner's confirmation; becomes a Client with the same id."""

    meta = {"collection": "registrations", "indexes": ["client"]}
    KEY_CLASS = "account"
    Personal = RegistrationDetails

    email_index = StringField(required=True)
