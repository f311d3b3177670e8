"""Sign-ins and page views: the technical information. Addresses are stored truncated (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mongoengine import BooleanField, DateTimeField, StringField

from alko.database import records
from alko.database.records import SealedRecord


class SignInState(StrEnum):
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDetails(records.Personal):
    address: str
    """Truncated: the last byte of IPv4, the last ten of IPv6 are zero."""
    device: str
    browser: str


class SignIn(SealedRecord):
    """One sign-in of a client on one device; the cookie names it by a token."""

    meta = {
        "collection": "sign_ins",
        "indexes": [
            {"fields": ["token_hash"], "unique": True},
            ("client", "-recorded_at"),
            {"fields": ["state"], "partialFilterExpression": {"state": "open"}},
        ],
    }
    KEY_CLASS = "technical"
    Personal = SignInDetails

    token_hash = StringField(required=True)
    device_index = StringField(required=True)
    """Blind index of the device: tells a new one from a known one without opening anything."""
    state = StringField(required=True, choices=[state.value for state in SignInState])
    analytics = BooleanField(required=True, default=False)
    """The client's choice, repeated here so that a page view costs no further look-up."""
    policy_unread = BooleanField(required=True, default=False)
    """A newer policy waits to be read; repeated here for the same reason (see notices.py)."""
    erasure_at = DateTimeField()
    """When a scheduled deletion begins; repeated here so that each page can say so."""
    last_seen_at = DateTimeField(required=True)
    ended_at = DateTimeField()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageViewDetails(records.Personal):
    page: str
    address: str
    browser: str


class PageView(SealedRecord):
    """One page seen by a client who opted in to usage analysis."""

    meta = {"collection": "page_views", "indexes": [("client", "-recorded_at")]}
    KEY_CLASS = "technical"
    Personal = PageViewDetails
