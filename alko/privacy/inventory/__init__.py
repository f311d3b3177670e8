"""The inventory: the policy as data (record of processing activities, GDPR Art. 30).

Everything else is derived from it: "my data", the export, the erasure, the retention sweep and the
sections 2, 3, 5 and 6 of the policy. A stored field without an entry fails the tests, and so does
an entry without a field (P3).
"""

from __future__ import annotations

from alko.privacy.inventory.accountability import ACCOUNTABILITY
from alko.privacy.inventory.oversight import BREACH_NOTICES, OVERSIGHT
from alko.privacy.inventory.personal import PERSONAL
from alko.privacy.inventory.technical import TECHNICAL
from alko.privacy.inventory.transactions import TRANSACTIONS
from alko.privacy.inventory.types import Category, Field, Group, Kind

ALL_CATEGORIES: tuple[Category, ...] = (
    *PERSONAL,
    *TRANSACTIONS,
    *TECHNICAL,
    *ACCOUNTABILITY,
    BREACH_NOTICES,
    *OVERSIGHT,
)

CATEGORIES: dict[str, Category] = {c.slug: c for c in ALL_CATEGORIES if c.of_client}
"""What a client's dossier holds, by slug, in the order of the pages."""

NOT_PERSONAL: dict[str, str] = {
    "PolicyVersion": "published texts",
    "PolicyDraft": "a text that is not published yet",
    "Campaign": "how many mails of one kind were written, and the last client's id",
    "NewsItem": "published news",
    "Lease": "which worker runs a job",
    "Outage": "since when the mail server cannot be reached",
    "Agreement": "companies and the agreements they are bound by",
    "RecipientNotice": "what companies are told, by disclosure references and client id",
    "IntakeCount": "how many mails were taken in, by what became of them",
    "Restoration": "which backup was restored",
    "BreachStatement": "published texts",
    "Verification": "how many chains were verified, and the last client's number",
    "Bookmark": "until when something was read",
    "UploadIntent": "files on their way into the vault or out of it, by client id",
    "StaffSession": "which member of staff is signed in, by id and keyed hash",
    "Override": "which officer may open which dossier until when, by ids",
    "LedgerCheckpoint": "signed hashes of ledger entries, by client id",
}
"""Models that hold nothing about a person, and why."""


class UnknownCategory(LookupError):
    """There is no such category in the inventory."""


BY_SLUG: dict[str, Category] = {c.slug: c for c in ALL_CATEGORIES}
"""Every category, those outside a client's dossier included."""


def category(slug: str) -> Category:
    """The client-visible category of that slug; UnknownCategory where there is none."""
    try:
        return CATEGORIES[slug]
    except KeyError:
        raise UnknownCategory(slug) from None


__all__ = [
    "ALL_CATEGORIES",
    "BY_SLUG",
    "CATEGORIES",
    "NOT_PERSONAL",
    "Category",
    "Field",
    "Group",
    "Kind",
    "UnknownCategory",
    "category",
]
