"""The registry of mails: what each is about, and which links it carries.

Mails carry links, never data (promise P14): the context of a mail holds paths of this portal and
nothing else. Service mail is what keeps an account safe and its owner informed: no marketing switch
stops it (promise P7). Marketing goes only to who opted in, and carries the way out (P23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alko.privacy.door.access import Job
from alko.words import N_


class MailKind(StrEnum):
    CONFIRM_REGISTRATION = "confirm_registration"
    ALREADY_REGISTERED = "already_registered"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a kind of mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of mail
    NEW_DEVICE = "new_device"
    EMAIL_CHANGED = "email_changed"
    TWO_FACTOR_CHANGED = "two_factor_changed"
    POLICY_CHANGED = "policy_changed"
    DELIVERY_UPDATE = "delivery_update"
    PAPER_REJECTED = "paper_rejected"
    ORDER_PLACED = "order_placed"
    ORDER_CANCELLED = "order_cancelled"
    REQUEST_RECEIVED = "request_received"
    REQUEST_NEWS = "request_news"
    CASE_RECEIVED = "case_received"
    CASE_URGENT = "case_urgent"
    CASE_NEWS = "case_news"
    ERASURE_SCHEDULED = "erasure_scheduled"
    DELETION_DECIDED = "deletion_decided"
    RESTRICTION_ENDS = "restriction_ends"
    INACTIVITY_WARNING = "inactivity_warning"
    ERASURE_DONE = "erasure_done"
    OVERRIDE_BEGUN = "override_begun"
    STAFF_INVITATION = "staff_invitation"
    CONFIRM_EMAIL = "confirm_email"
    RECIPIENT_NOTICE = "recipient_notice"
    NEWS = "news"
    BREACH_NOTICE = "breach_notice"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DIGEST = "digest"
    BREACH_CLOCK = "breach_clock"


@dataclass(frozen=True)
class MailType:
    """``subject`` is marked for translation; ``keys`` are exactly what the context holds: paths.

    ``marketing`` gets one more when it is sent: ``unsubscribe``.
    """

    subject: str
    keys: frozenset[str] = frozenset({"link"})
    marketing: bool = False


MAILS: dict[MailKind, MailType] = {
    MailKind.CONFIRM_REGISTRATION: MailType(N_("Confirm your email address")),
    MailKind.ALREADY_REGISTERED: MailType(N_("You already have an account")),
    MailKind.NEW_PASSWORD: MailType(N_("Choose a new password")),
    MailKind.PASSWORD_CHANGED: MailType(N_("Your password was changed")),
    MailKind.NEW_DEVICE: MailType(N_("A sign-in from a new device")),
    MailKind.EMAIL_CHANGED: MailType(N_("Your email address was changed")),
    MailKind.TWO_FACTOR_CHANGED: MailType(N_("Your second factor was changed")),
    MailKind.REQUEST_RECEIVED: MailType(N_("We received your request")),
    MailKind.REQUEST_NEWS: MailType(N_("There is news about your request")),
    MailKind.CASE_RECEIVED: MailType(N_("We received your message")),
    MailKind.CASE_URGENT: MailType(N_("We received your urgent request")),
    MailKind.CASE_NEWS: MailType(N_("There is news about your case")),
    MailKind.ERASURE_SCHEDULED: MailType(N_("The deletion of your data is confirmed")),
    MailKind.DELETION_DECIDED: MailType(N_("The deletion that you asked for was decided")),
    MailKind.RESTRICTION_ENDS: MailType(N_("The restriction of your data ends in 7 days")),
    MailKind.INACTIVITY_WARNING: MailType(N_("Your account will be erased soon")),
    MailKind.ERASURE_DONE: MailType(N_("Your data was erased")),
    MailKind.CONFIRM_EMAIL: MailType(N_("Confirm your new email address")),
    MailKind.RECIPIENT_NOTICE: MailType(N_("A notice about data you got from us")),
    MailKind.BREACH_NOTICE: MailType(N_("Somebody without a right to it reached your data")),
    MailKind.DUE_SOON: MailType(N_("For staff: something is due soon")),
    MailKind.OVERDUE: MailType(N_("For staff: something is overdue")),
    MailKind.BREACH_CLOCK: MailType(N_("For staff: the 72 hours of a breach")),
    MailKind.DIGEST: MailType(N_("For staff: what is due")),
    MailKind.POLICY_CHANGED: MailType(N_("Our privacy policy has changed")),
    MailKind.PAPER_REJECTED: MailType(N_("A paper you sent was not accepted")),
    MailKind.ORDER_PLACED: MailType(N_("Your order was entered")),
    MailKind.ORDER_CANCELLED: MailType(N_("Your order was cancelled")),
    MailKind.DELIVERY_UPDATE: MailType(N_("There is news of your car")),
    MailKind.OVERRIDE_BEGUN: MailType(N_("A privacy officer opened your data")),
    MailKind.STAFF_INVITATION: MailType(N_("Your access to the staff area")),
    MailKind.NEWS: MailType(N_("News from ALKO Cars"), marketing=True),
}


WHILE_RESTRICTED = frozenset(MailKind) - {MailKind.DELIVERY_UPDATE, MailKind.NEWS}
"""Mails about the account's safety, the policy and the client's own rights. They go out even while
the use of the data is restricted (P31); other news waits."""


def job_of(kind: str) -> Job:
    """As which job a mail's address is read; ``kind`` may be one that this version lacks."""
    return Job.MAIL if kind in WHILE_RESTRICTED else Job.NEWS


class WrongContext(ValueError):
    """A mail was given other keys than its kind lists, or something that is not a path."""


def checked_context(kind: MailKind, context: Mapping[str, str]) -> dict[str, str]:
    """The context, if it is exactly what the kind lists; WrongContext otherwise."""
    keys = MAILS[kind].keys
    if context.keys() != keys:
        raise WrongContext(f"{kind.value} takes exactly these keys: {', '.join(sorted(keys))}")
    for name, path in context.items():
        # "//host/…" and "/\host" would leave the portal once joined to its address.
        if not path.startswith("/") or path[1:2] in ("/", "\\") or not path.isprintable():
            raise WrongContext(f"{name} of {kind.value} must be a path of this portal")
    return dict(context)
