"""The mails about a case: its receipt, and that there is news; each once, even after a crash.

A case says which mail is still to be written (``pending``). One address is mailed so many receipts
an hour and no more, for anybody can type the address of another, and machines answer receipts. What
is over that waits for its turn and is not lost; receipts of urgent cases have a turn of their own.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from alko.database.keyring import KeyDestroyed
from alko.mail.kinds import MailKind
from alko.mail.service import notify_about
from alko.models.contact import Case
from alko.privacy.door.dossier import NoSuchRecord

MOST_RECEIPTS = 5
"""Receipts that one address is mailed in an hour; of urgent cases so many more."""
RECEIPTS = frozenset({MailKind.CASE_RECEIVED.value, MailKind.CASE_URGENT.value})


def receipt(*, urgent: bool) -> str:
    """The kind of mail that confirms the receipt of a case."""
    return (MailKind.CASE_URGENT if urgent else MailKind.CASE_RECEIVED).value


def awaits_receipt(case: Case) -> bool:
    """Whether the link to its page is still to be mailed."""
    return case.pending in RECEIPTS


def tell(case: Case) -> Case:
    """Write the mail that is still to be written about a case, unless its turn comes later."""
    if case.pending and (not awaits_receipt(case) or _left(case.email_index, case.urgent)):
        event = f"case/{case.reference}/{case.revision}"
        with suppress(KeyDestroyed, NoSuchRecord):  # erased meanwhile
            notify_about(case, MailKind(case.pending), event)
        done: dict[str, Any] = {"$unset": {"pending": 1}}
        if awaits_receipt(case):
            done["$set"] = {"acknowledged_at": datetime.now(UTC)}
        Case.raw().update_one({"_id": case.pk, "revision": case.revision}, done)
        case.pending = None
    return case


def tell_all() -> int:
    """Write the mails that crashes left, and the receipts whose turn has come; returns how many."""
    waiting = Case.objects(pending__exists=True).exclude("sealed").order_by("recorded_at")
    return sum(tell(case).pending is None for case in list(waiting))


def _left(email_index: str | None, urgent: bool) -> bool:
    """Whether that address may be sent one more receipt within the hour."""
    recent = {
        "email_index": email_index,
        "urgent": urgent,
        "acknowledged_at": {"$gte": datetime.now(UTC) - timedelta(hours=1)},
    }
    return bool(Case.raw().count_documents(recent, limit=MOST_RECEIPTS) < MOST_RECEIPTS)
