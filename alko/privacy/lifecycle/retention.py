"""How long each thing is kept: the rules, and the dates they give (promises P19-P23).

Pure functions of aware UTC times. Every rule ends; there is no "forever".
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alko.words import N_

REGISTRATION_PERIOD = timedelta(hours=48)
INACTIVITY_MONTHS = 24
TRANSACTION_YEARS = 7
DOCUMENT_PERIOD = timedelta(days=30)
TECHNICAL_MONTHS = 12
CORRESPONDENCE_MONTHS = 24
REQUEST_MONTHS = 24
CASE_MONTHS = 24
REGISTER_YEARS = 7
HOLD_MONTHS = 24
SUPPRESSION_YEARS = 7
STAFF_MONTHS = 12
OVERSIGHT_YEARS = 5


class Retention(StrEnum):
    """The retention rules; a data key is made per client and rule."""

    REGISTRATION = "registration"
    ACCOUNT = "account"
    TRANSACTIONS = "transactions"
    DOCUMENTS = "documents"
    CORRESPONDENCE = "correspondence"
    CASES = "cases"
    REQUESTS = "requests"
    HOLDS = "holds"
    TECHNICAL = "technical"
    MARKETING = "marketing"
    SUPPRESSION = "suppression"
    REGISTER = "register"
    STAFF = "staff"
    OVERSIGHT = "oversight"


@dataclass(frozen=True)
class Rule:
    """A retention rule in words: its name, how long, and why so long."""

    name: str
    period: str
    until: str
    """The event or moment of the end, in words that read well after "until"."""
    why: str


RULES: dict[Retention, Rule] = {
    Retention.REGISTRATION: Rule(
        N_("Unconfirmed registration"),
        N_("48 hours, unless the address is confirmed"),
        N_("48 hours after you registered"),
        N_("Somebody else may have typed the address."),
    ),
    Retention.ACCOUNT: Rule(
        N_("Account data"),
        N_("While the account is active: until 24 months pass with no sign-in and no open order"),
        N_("your account ends"),
        N_("Without it there is no account. We warn 60, 30 and 7 days before the end."),
    ),
    Retention.TRANSACTIONS: Rule(
        N_("Transaction records"),
        N_("7 years from the end of the calendar year in which the order was closed"),
        N_("7 years after the year in which the order closes"),
        N_("Tax law and other legal duties ask for it."),
    ),
    Retention.DOCUMENTS: Rule(
        N_("Uploaded documents"),
        N_("Until the car is delivered, and 30 days more; longer only where the law requires it"),
        N_("30 days after your car is delivered"),
        N_("The papers serve the purchase and the registration of the car."),
    ),
    Retention.CORRESPONDENCE: Rule(
        N_("Messages and support"),
        N_("24 months after the message; in a case, 24 months after the case was closed"),
        N_("24 months after the message, or after its case is closed"),
        N_("So that a question that comes back need not be told twice."),
    ),
    Retention.CASES: Rule(
        N_("Cases"),
        N_("24 months after the case was closed"),
        N_("24 months after the case is closed"),
        N_("Somebody may come back to it, and an open case must not vanish unanswered."),
    ),
    Retention.REQUESTS: Rule(
        N_("Requests under your rights"),
        N_("24 months after the request was answered or withdrawn"),
        N_("24 months after it is answered"),
        N_("So that you and we can show what was asked and what was answered."),
    ),
    Retention.HOLDS: Rule(
        N_("Legal holds"),
        N_("24 months after the hold ended"),
        N_("24 months after it ends"),
        N_("So that you and we can show why something was kept longer."),
    ),
    Retention.TECHNICAL: Rule(
        N_("Technical information"),
        N_("12 months after it was recorded"),
        N_("12 months after it was recorded"),
        N_("Long enough to find out about misuse of an account, and no longer."),
    ),
    Retention.MARKETING: Rule(
        N_("Marketing preferences"),
        N_("Until you unsubscribe or are removed, and at the latest with the account"),
        N_("your account ends"),
        N_("The last choice must be known in order to be respected."),
    ),
    Retention.SUPPRESSION: Rule(
        N_("Unsubscribed addresses"),
        N_("7 years after you last unsubscribed, or until you opt in again; only a keyed hash"),
        N_("7 years after you unsubscribed"),
        N_("An address that unsubscribed stays so, even after its account was erased."),
    ),
    Retention.REGISTER: Rule(
        N_("Erasure register"),
        N_("7 years after the erasure, without any personal value"),
        N_("7 years after the erasure"),
        N_("A restored backup must not bring back what was erased."),
    ),
    Retention.STAFF: Rule(
        N_("Staff accounts"),
        N_("While the person works for ALKO Cars, and 12 months more"),
        N_("12 months after the person leaves"),
        N_("Access ends at once; who it was that acted may be asked about for a year."),
    ),
    Retention.OVERSIGHT: Rule(
        N_("Alerts and the register of breaches"),
        N_("5 years after they were dealt with"),
        N_("5 years after it was dealt with"),
        N_("So that we can show how we watched over your data."),
    ),
}


def add_months(moment: datetime, months: int) -> datetime:
    """The same day so many months later; the last day of the month where there is no such day."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def account_ends(last_active_at: datetime, has_open_order: bool) -> datetime | None:
    """When an inactive account is erased; None while an order is open (P20)."""
    return None if has_open_order else add_months(last_active_at, INACTIVITY_MONTHS)


def order_ended(reported_at: datetime, ordered_at: datetime) -> datetime:
    """When an order ended: no order ends before it was placed, whatever day was reported."""
    return max(reported_at, ordered_at)


def transactions_end(closed_at: datetime | None) -> datetime | None:
    """1 January after seven full calendar years; None while the order is open (P21)."""
    if closed_at is None:
        return None
    return datetime(closed_at.astimezone(UTC).year + 1 + TRANSACTION_YEARS, 1, 1, tzinfo=UTC)


def documents_end(delivered_at: datetime | None) -> datetime | None:
    """30 days after the car's delivery; None while it is awaited (P22)."""
    return None if delivered_at is None else delivered_at + DOCUMENT_PERIOD


def correspondence_ends(sent_at: datetime) -> datetime:
    return add_months(sent_at, CORRESPONDENCE_MONTHS)


def case_ends(closed_at: datetime) -> datetime:
    return add_months(closed_at, CASE_MONTHS)


def request_ends(finished_at: datetime) -> datetime:
    return add_months(finished_at, REQUEST_MONTHS)


def hold_ends(ended_at: datetime) -> datetime:
    return add_months(ended_at, HOLD_MONTHS)


def technical_ends(recorded_at: datetime) -> datetime:
    return add_months(recorded_at, TECHNICAL_MONTHS)


def staff_ends(left_at: datetime) -> datetime:
    return add_months(left_at, STAFF_MONTHS)


def suppression_ends(unsubscribed_at: datetime) -> datetime:
    return add_months(unsubscribed_at, 12 * SUPPRESSION_YEARS)


def oversight_ends(dealt_with_at: datetime) -> datetime:
    return add_months(dealt_with_at, 12 * OVERSIGHT_YEARS)


def registration_ends(registered_at: datetime) -> datetime:
    return registered_at + REGISTRATION_PERIOD
