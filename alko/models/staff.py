"""People who work at ALKO. Their values are sealed like a client's, under a key of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import StringField

from alko.database import records
from alko.database.records import SealedRecord


class StaffRole(StrEnum):
    AGENT = "agent"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDetails(records.Personal):
    full_name: str
    email: str
    password_hash: str
    totp_secret: str


class StaffMember(SealedRecord):
    """One member of staff; ``client`` equals ``id`` so that the key has a name."""

    meta = {"collection": "staff", "indexes": [{"fields": ["email_index"], "unique": True}]}
    KEY_CLASS = "staff"
    Personal = StaffDetails

    email_index = StringField(required=True)
    role = StringField(required=True, choices=[role.value for role in StaffRole])
