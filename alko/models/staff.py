"""People who work at ALKO. Their values are sealed like a client's, under a key of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import DateTimeField, IntField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import Record, SealedRecord


class StaffRole(StrEnum):
    """What somebody works as; alko/privacy/door/permissions.py says what each may do."""

    AGENT = "agent"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


class StaffStatus(StrEnum):
    INVITED = "invited"
    """Has a link to choose a password and a second factor, and cannot sign in yet."""
    ACTIVE = "active"
    LEFT = "left"
    """Cannot sign in any more; name and address go 12 months later."""
    DECOY = "decoy"
    """Nobody: unknown addresses are checked against it, at equal cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDetails(records.Personal):
    full_name: str
    email: str
    password_hash: str = ""
    totp_secret: str = ""


class StaffMember(SealedRecord):
    """One member of staff; ``client`` equals ``id`` so that the key has a name."""

    meta = {
        "collection": "staff",
        "indexes": [
            {"fields": ["email_index"], "unique": True},
            ("role", "status"),
        ],
    }
    KEY_CLASS = "staff"
    Personal = StaffDetails

    email_index = StringField(required=True)
    role = StringField(required=True, choices=[role.value for role in StaffRole])
    status = StringField(
        required=True,
        default=StaffStatus.ACTIVE.value,
        choices=[status.value for status in StaffStatus],
    )
    totp_last_used = IntField(required=True, default=0)
    """The time step of the last code of the second factor: each works once."""
    last_seen_at = DateTimeField()
    """When a page was last asked for, to a minute."""
    invitation = StringField()
    """Changes with each invitation, so that only the newest link works."""


class StaffSession(Record):
    """One sign-in of a member (``client`` is the member); the session cookie names it by a token.

    Removed by the database itself once it is over.
    """

    meta = {
        "collection": "staff_sessions",
        "indexes": [
            {"fields": ["token_hash"], "unique": True},
            "client",
            {"fields": ["erase_after"], "expireAfterSeconds": 0},
        ],
    }

    token_hash = StringField(required=True)
    last_seen_at = DateTimeField(required=True)


class Override(Record):
    """An officer may open one client's dossier for a short time without an assigned case (P16).

    Ids and times only: the reason is in the client's ledger. The database removes it at its end.
    """

    meta = {
        "collection": "overrides",
        "indexes": [
            {"fields": ["reference"], "unique": True},
            ("client", "staff"),
            {"fields": ["erase_after"], "expireAfterSeconds": 0},
        ],
    }

    reference = StringField(required=True)
    staff = ObjectIdField(required=True)
    until = DateTimeField(required=True)
