"""Records about the portal itself; none of them is about a person."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)


class PolicyVersion(Document):
    """A published text of the privacy policy, kept word for word."""

    meta = {
        "collection": "policy_versions",
        "auto_create_index": False,
        "indexes": [{"fields": ["version"], "unique": True}],
    }

    version = StringField(required=True)
    """Year and month, for instance 2024-01; versions sort by it."""
    updated_on = DateTimeField(required=True)
    reviewed_on = DateTimeField(required=True)
    summary = StringField(required=True)
    lines = ListField(StringField())
    """The text as paragraphs; a heading starts with '# ' (see policy/text.py)."""
    fingerprint = StringField(required=True)
    written = DictField()
    """By a section's id the words that its writers put instead of the software's."""
    significant = BooleanField(required=True, default=True)
    """Whether everybody is told of it (P36); a matter of wording alone is not."""
    untold = BooleanField(required=True, default=False)
    """The telling has still to begin (see policy/store.py)."""


class PolicyDraft(Document):
    """The next version while it is written; there is one at most."""

    meta = {
        "collection": "policy_drafts",
        "auto_create_index": False,
        "indexes": [{"fields": ["name"], "unique": True}],
    }

    name = StringField(required=True)
    version = StringField(required=True)
    summary = StringField(required=True)
    significant = BooleanField(required=True)
    written = DictField()
    revision = IntField(required=True)
    changed_at = DateTimeField(required=True)


class Campaign(Document):
    """One mail to many: how far the writing of it got (see mail/campaigns.py)."""

    meta = {
        "collection": "campaigns",
        "auto_create_index": False,
        "indexes": [{"fields": ["event"], "unique": True}, "finished_at"],
    }

    event = StringField(required=True)
    """What the mails tell of, for instance ``policy/2026-05``: each client gets one for it."""
    kind = StringField(required=True)
    link = StringField(required=True)
    audience = StringField(required=True)
    begun_at = DateTimeField(required=True)
    cursor = ObjectIdField()
    """The last client whose mail was written; they come in the order of their ids."""
    written = IntField(required=True, default=0)
    unreachable = IntField(required=True, default=0)
    """Clients who were left out: their key is gone, or they want no such mail any more."""
    finished_at = DateTimeField()


class NewsItem(Document):
    """News and offers, as published under ``/news``; clients who opted in are mailed the link."""

    meta = {
        "collection": "news",
        "auto_create_index": False,
        "indexes": [{"fields": ["name"], "unique": True}, "-published_at"],
    }

    name = StringField(required=True)
    """Part of the address, for instance ``winter-2026``."""
    title = StringField(required=True)
    paragraphs = ListField(StringField())
    published_at = DateTimeField(required=True)


class Verification(Document):
    """How far a walk through all chains is (see privacy/accountability/verification.py)."""

    meta = {
        "collection": "verifications",
        "auto_create_index": False,
        "indexes": [{"fields": ["name"], "unique": True}],
    }

    name = StringField(required=True)
    begun_at = DateTimeField(required=True)
    finished_at = DateTimeField()
    cursor = ObjectIdField()
    """The last chain that was verified; they come in the order of their numbers."""
    chains = IntField(required=True)
    done = IntField(required=True)
    entries = IntField(required=True)
    broken = IntField(required=True)
    named = ListField(ObjectIdField())


class Lease(Document):
    """Which worker runs a scheduled job, so that only one does."""

    meta = {
        "collection": "leases",
        "auto_create_index": False,
        "indexes": [{"fields": ["job"], "unique": True}],
    }

    job = StringField(required=True)
    holder = StringField(required=True)
    until = DateTimeField(required=True)
    last_success = DateTimeField()


class Outage(Document):
    """Something outside that cannot be reached just now (see mail/outage.py)."""

    meta = {
        "collection": "outages",
        "auto_create_index": False,
        "indexes": [{"fields": ["what"], "unique": True}],
    }

    what = StringField(required=True)
    since = DateTimeField(required=True)
    ask_at = DateTimeField(required=True)
    """Not before then it is asked whether it is back."""


class Restoration(Document):
    """The restore that is under way or was the last (see alko/backups/mark.py)."""

    meta = {
        "collection": "restorations",
        "auto_create_index": False,
        "indexes": [{"fields": ["name"], "unique": True}],
    }

    name = StringField(required=True)
    state = StringField(required=True, choices=["loading", "replaying", "done"])
    backup = StringField(required=True)
    """The name of the file."""
    changed_at = DateTimeField(required=True)
    keys_from_copy = BooleanField()
