"""Records about the portal itself; none of them is about a person."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, ListField, StringField


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
