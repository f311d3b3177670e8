"""The pages that the browser tests visit; a test sees to it that none is missing."""

from __future__ import annotations

from alko.models.staff import StaffRole
from alko.privacy.inventory import CATEGORIES

PUBLIC = (
    "/",
    "/privacy",
    "/privacy/cookies",
    "/privacy/promises",
    "/privacy/versions",
    "/privacy/versions/2024-01",
    "/account/sign-in",
    "/account/register",
    "/account/registered",
    "/account/forgotten-password",
    "/account/link-sent",
    "/account/confirm/some-token",
    "/demo/mailbox",
    "/rights",
    "/contact",
    "/contact/C-2026-N0B0DY/open/some-token",
    "/news",
    "/news/electric-cars",
    "/staff/sign-in",
)
CLIENT = (
    "/my-data",
    *(f"/my-data/{slug}" for slug in CATEGORIES if slug != "activity"),
    "/my-data/activity",
    "/my-data/download",
    "/orders",
    "/documents",
    "/account/profile",
    "/account/security",
    "/account/sessions",
    "/account/change-password",
    "/account/confirm-password",
    "/account/two-factor",
    "/account/email",
    "/rights/access",
    "/rights/correction/full_name",
    "/rights/deletion",
    "/rights/objection",
    "/rights/restriction",
)
MISSING = (
    "/nothing-here",
    "/account/reset-password/some-token",
    "/demo/mailbox/nothing",
    "/rights/receipts/nothing",
    "/contact/C-2026-N0B0DY",
    "/staff/join/nothing",
)
"""Answered with 404 and a page that helps."""
NO_PAGES = {
    "/account/email/sent": "after a form: see tests/rights/test_correction.py",
    "/account/confirm-email/<token>": "its token is mailed: likewise",
    "/rights/notices/<token>": "its token is mailed: see tests/privacy/test_disclosures.py",
    "/news/unsubscribe/<token>": "its token is mailed: see tests/mail/test_news.py",
    "/contact/<reference>/receipt": "its reference is made by chance: see test_contact.py",
    "/contact/<reference>/files/<record>": "the file itself",
    "/contact/<reference>/delete": "only by the mailed link: see test_contact.py",
    "/orders/<number>": "its number has the day in it: see test_tracking.py",
    "/orders/<number>/tracking": "likewise",
    "/orders/<number>/invoices/<invoice>.pdf": "a PDF: see tests/orders/test_pages.py",
    "/rights/requests/<reference>": "its reference is made by chance: see test_rights.py",
    "/documents/<record>": "visited in test_uploads.py, with a paper that was sent there",
    "/documents/<record>/file": "the file itself",
    "/documents/<record>/remove": "visited in test_uploads.py",
    "/staff/sign-in/code": "leads back to signing in unless the first step was just taken",
    "/account/sign-in/code": "leads back to signing in unless the first step was just taken",
}
"""Routes that answer GET with HTML and are not in the lists above, and why."""
STAFF = {
    StaffRole.AGENT: ("/staff/orders?view=mine", "/staff"),
    StaffRole.OFFICER: ("/staff/requests?holder=mine", "/staff"),
    StaffRole.ADMINISTRATOR: ("/staff",),
}
"""Where the walk through the staff's pages begins, for each role; links lead on from there. Add a
page here that no link leads to."""
STAFF_FILES = {
    "/staff/orders/<number>/invoices/<invoice>.pdf",
    "/staff/documents/<record>/file",
    "/staff/documents/<record>/picture",
    "/staff/reports/<name>.csv",
    "/staff/messages/<reference>/files/<record>",
    "/staff/messages/<reference>/source/<record>",
}
"""Routes of staff that answer with a file."""
STAFF_UNREACHED: dict[str, str] = {
    "/staff/requests/<reference>/papers/<record>": "where a correction came with evidence",
    "/staff/breaches/<reference>": "the demo has no breach",
    "/staff/breaches/<reference>/edit": "likewise",
    "/staff/clients/<client>/legal-holds/<hold>": "the demo's client is under no hold now",
    "/staff/ledger/verification": "while the ledger is verified: see test_staff.py",
    "/staff/policy/compare": "the demo has no draft of a policy",
}
"""Routes of staff that the demo's data does not lead to, and why."""
