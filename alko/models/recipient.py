"""The register of processors: who is bound by which agreement, and what they were told.

Companies, references and dates; nothing about a client. Which data each may get is no entry here
but follows from the inventory (alko/privacy/sharing/recipients.py).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mongoengine import DateTimeField, Document, ListField, ObjectIdField, StringField

RECIPIENTS = ("payment_processor", "cloud_storage")
"""The codes of alko.privacy.vocabulary.Recipient. There is none for marketing (P8)."""


class Agreement(Document):
    """One confidentiality agreement with one company. A renewal is another one (P10)."""

    meta = {
        "collection": "agreements",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["code", "company", "reference"], "unique": True},
            ("code", "-expires_on"),
        ],
    }

    recorded_at = DateTimeField(required=True, default=lambda: datetime.now(UTC))
    code = StringField(required=True, choices=RECIPIENTS)
    """What kind of recipient the company is."""
    company = StringField(required=True)
    contact = StringField(required=True, default="")
    """The company's address for notices: a shared one, of no person. Empty: told by hand."""
    reference = StringField(required=True)
    signed_on = DateTimeField(required=True)
    """Midnight (UTC) of the first day on which it holds."""
    expires_on = DateTimeField(required=True)
    """Midnight (UTC) of the last day on which it holds."""
    ended_at = DateTimeField()
    """When it was ended before its time."""


class RecipientNotice(Document):
    """What a company must be told about data it got: corrected, restricted, erased (Art. 19).

    It names the disclosures by their references, which only the company and ALKO can resolve.
    """

    meta = {
        "collection": "recipient_notices",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["occasion", "agreement"], "unique": True},
            "client",
            ("mailed_at", "recorded_at"),
        ],
    }

    recorded_at = DateTimeField(required=True, default=lambda: datetime.now(UTC))
    agreement = ObjectIdField(required=True)
    """Under which the company got the data."""
    about = StringField(required=True)
    """A code of alko.privacy.sharing.telling.About."""
    occasion = StringField(required=True)
    """What it is about, so that nobody is told the same thing twice: a request, a run."""
    client = ObjectIdField()
    """Whose disclosures note that it was told; absent for an erasure, which leaves none."""
    references = ListField(StringField())
    """Of the disclosures that it concerns."""
    data = ListField(StringField())
    """Which details, as ``category.field``; empty for all."""
    mailed_at = DateTimeField()
    told_at = DateTimeField()
    """When the company confirmed it, or a member of staff told it by hand."""
