"""When a data-subject request must be answered (promise P34; GDPR Art. 12(3)).

Pure functions of aware UTC times. The clock starts at receipt and never stops silently: waiting for
an identity check or for the client changes nothing about the date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alko.privacy.lifecycle.retention import add_months
from alko.words import N_

ANSWER_DAYS = 30
ANSWER_MONTHS = 1
LONGEST_EXTENSION_MONTHS = 2


class ExtensionRefused(ValueError):
    """The law does not allow this extension; the message says why, in words for a page."""


@dataclass(frozen=True)
class Deadline:
    """The due date of a request, and the two dates it was chosen from."""

    received_at: datetime
    in_thirty_days: datetime
    in_one_month: datetime
    extended_to: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.extended_to or min(self.in_thirty_days, self.in_one_month)

    def days_left(self, now: datetime) -> int:
        """Whole days until the due date; negative once it has passed."""
        return (self.due_at - now) // timedelta(days=1)


def deadline(received_at: datetime) -> Deadline:
    """The earlier of 30 days and one calendar month after receipt.

    A month later is the same day of the next month, or its last: 30 January becomes 28 February.
    """
    return Deadline(
        received_at,
        received_at + timedelta(days=ANSWER_DAYS),
        add_months(received_at, ANSWER_MONTHS),
    )


def extended(current: Deadline, months: int, reason: str, told_at: datetime) -> Deadline:
    """The deadline moved by one or two months, once.

    ``told_at`` is when the reason was sent to the client. Raises ExtensionRefused for a second
    extension, another number of months, no reason, or a client who was told after the first month.
    """
    if current.extended_to is not None:
        raise ExtensionRefused(N_("This request was extended already; that is possible once."))
    if not 1 <= months <= LONGEST_EXTENSION_MONTHS:
        raise ExtensionRefused(N_("An extension is one or two months."))
    if not reason.strip():
        raise ExtensionRefused(N_("An extension needs a reason, which the client is told."))
    if told_at > current.due_at:
        raise ExtensionRefused(N_("The first month is over: by then the client had to be told."))
    return Deadline(
        current.received_at,
        current.in_thirty_days,
        current.in_one_month,
        add_months(current.due_at, months),
    )
