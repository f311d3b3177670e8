"""Messages between the client and ALKO, and the mails the portal sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mongoengine import BooleanField, DateTimeField, IntField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import SealedRecord


class Direction(StrEnum):
    FROM_CLIENT = "from_client"
    TO_CLIENT = "to_client"
    INTERNAL = "internal"
    """A note of staff about a case: part of the dossier and of every copy (P26)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetails(records.Personal):
    subject: str
    body: str


class Message(SealedRecord):
    """One message of a conversation; ``reference`` joins those that belong together."""

    meta = {
        "collection": "messages",
        "indexes": [
            ("client", "-recorded_at"),
            ("reference", "recorded_at"),
            {
                "fields": ["mail_index"],
                "unique": True,
                "partialFilterExpression": {"mail_index": {"$exists": True}},
            },
        ],
    }
    KEY_CLASS = "correspondence"
    Personal = MessageDetails

    reference = StringField(required=True)
    direction = StringField(required=True, choices=[item.value for item in Direction])
    channel = StringField(required=True, choices=["portal", "email", "phone"])
    author = ObjectIdField()
    """The member of staff who wrote it."""
    mail_index = StringField()
    """Blind index of the mail it came by, so that the same mail is taken in once."""
    sender_verified = BooleanField()
    """By mail: our mail server vouched for the sender's domain. Absent: nobody did."""


class MailStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    """Given up by the worker; staff may try again or drop it (alko/mail/dead_letters.py)."""
    DROPPED = "dropped"
    VOID = "void"
    """Never to be sent: takes the place of a mail where there is no account."""
    WITHDRAWN = "withdrawn"
    """Marketing which its reader stopped before it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDetails(records.Personal):
    to: str
    context: dict[str, Any] = field(default_factory=dict)
    """What the template needs; emptied once the mail is sent or dropped, for it can hold a link."""


class Mail(SealedRecord):
    """The outbox, and afterwards the evidence of sending (promise P36)."""

    meta = {
        "collection": "mails",
        "indexes": [
            ("status", "next_attempt_at"),
            ("client", "-recorded_at"),
            {
                "fields": ["event", "client"],
                "unique": True,
                "partialFilterExpression": {"event": {"$type": "string"}},
            },
        ],
    }
    KEY_CLASS = "account"
    Personal = MailDetails

    kind = StringField(required=True)
    under = StringField(required=True, default=KEY_CLASS)
    """The class of the key: the mail with an erasure's receipt outlives the account's key."""
    event = StringField()
    """What it tells of, where its writer may be interrupted and begin anew: one mail for each."""
    status = StringField(required=True, choices=[status.value for status in MailStatus])
    attempts = IntField(required=True, default=0)
    next_attempt_at = DateTimeField()
    sent_at = DateTimeField()
    about = StringField()
    """The reference of the case it is about: an answer by mail finds its way back."""

    def key_class(self) -> str:
        return str(self.under)
