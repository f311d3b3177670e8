"""The client's choices, addresses that want no news, and policy versions shown (P2, P5, P23)."""

from __future__ import annotations

from dataclasses import dataclass

from mongoengine import BooleanField, DateTimeField, StringField

from alko.database import records
from alko.database.records import Record, SealedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDetails(records.Personal):
    wording: str
    """The sentence the client agreed or disagreed to."""
    given_through: str
    """One of choices_page, rights_page, global_privacy_control, unsubscribe_link, new_address."""


class Consent(SealedRecord):
    """One decision about one optional purpose; the newest counts."""

    meta = {"collection": "consents", "indexes": [("client", "-recorded_at")]}
    KEY_CLASS = "account"
    Personal = ConsentDetails

    choice = StringField(required=True, choices=["analytics", "marketing", "profiling"])
    granted = BooleanField(required=True)


class Suppression(Record):
    """An address that gets no marketing any more (P23): a keyed hash, tied to no account.

    It outlives the account, so that the same address starts without marketing again. ``client`` is
    the record's own number.
    """

    meta = {
        "collection": "suppressions",
        "indexes": [{"fields": ["address_hash"], "unique": True}, "erase_after"],
    }

    address_hash = StringField(required=True)


class Notice(Record):
    """A policy version was shown to the client, and later read by them (P2, P36)."""

    meta = {
        "collection": "notices",
        "indexes": [{"fields": ["client", "version"], "unique": True}],
    }

    version = StringField(required=True)
    read_at = DateTimeField()
