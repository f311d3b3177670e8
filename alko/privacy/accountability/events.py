"""The registry of what the ledger can say. An event with other details than listed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from alko.words import N_


class Event(StrEnum):
    REGISTRATION_OPENED = "registration.opened"
    REGISTRATION_CONFIRMED = "registration.confirmed"
    ACCOUNT_OPENED = "account.opened"
    SIGN_IN_ATTEMPTED = "sign_in.attempted"
    SIGNED_IN = "sign_in.succeeded"
    SIGNED_OUT = "sign_in.ended"
    SESSIONS_ENDED = "sign_in.others_ended"
    SECOND_FACTOR_CHECKED = "sign_in.second_factor"
    SECOND_FACTOR_REFUSED = "sign_in.second_factor_refused"
    CREDENTIALS_READ = "sign_in.settings_read"
    REAUTHENTICATED = "sign_in.confirmed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105
    PASSWORD_RESET = "password.reset"  # noqa: S105
    TWO_FACTOR_ENABLED = "two_factor.enabled"
    TWO_FACTOR_DISABLED = "two_factor.disabled"
    RECOVERY_CODES_MADE = "two_factor.recovery_codes"
    PROFILE_CHANGED = "profile.changed"
    NEW_ADDRESS_ASKED = "profile.new_address"
    NEW_ADDRESS_CONFIRMED = "profile.new_address_confirmed"
    NEW_ADDRESS_FORGOTTEN = "profile.new_address_forgotten"
    CHOICE_MADE = "choice.made"
    NOTICE_SHOWN = "notice.shown"
    NOTICE_READ = "notice.read"
    OVERVIEW_SHOWN = "dossier.overview"
    CATEGORY_SHOWN = "dossier.shown"
    VALUE_REVEALED = "dossier.revealed"
    INVOICE_ISSUED = "invoice.issued"
    INVOICE_OPENED = "invoice.opened"
    PAYMENT_RECORDED = "payment.recorded"
    DELIVERY_UPDATED = "delivery.updated"
    ORDER_PLACED = "order.placed"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_CLOSED = "order.closed"
    DOCUMENT_OPENED = "document.opened"
    DOCUMENT_ADDED = "document.added"
    DOCUMENT_REPLACED = "document.replaced"
    DOCUMENT_REMOVED = "document.removed"
    DOCUMENT_ACCEPTED = "document.accepted"
    DOCUMENT_REJECTED = "document.rejected"
    COPY_TAKEN = "copy.taken"
    COPY_COMPLETED = "copy.completed"
    LEDGER_TAKEN = "ledger.taken"
    ADDRESS_READ = "mail.address_read"
    MAIL_WRITTEN = "mail.written"
    MAIL_SENT = "mail.sent"
    MAIL_RETRIED = "mail.retried"
    MAILS_RETRIED = "mails.retried"
    MAIL_DROPPED = "mail.dropped"
    CASE_OPENED = "case.opened"
    CASE_CONFIRMED = "case.confirmed"
    CASE_READ = "case.read"
    CASE_MESSAGE = "case.message"
    CASE_NOTE = "case.note"
    CASE_MOVED = "case.moved"
    CASE_RIGHT = "case.right"
    CASE_JOINED = "case.joined"
    CASE_EARLIER = "case.earlier"
    ATTACHMENT_OPENED = "attachment.opened"
    REQUEST_FILED = "request.filed"
    REQUEST_MOVED = "request.moved"
    REQUEST_MESSAGE = "request.message"
    REQUEST_IDENTIFIED = "request.identified"
    DELETION_PROPOSED = "deletion.proposed"
    DELETION_APPROVED = "deletion.approved"
    DELETION_DECLINED = "deletion.declined"
    DELETION_TAKEN_BACK = "deletion.taken_back"
    RESTRICTED = "restriction.begun"
    RESTRICTION_ANNOUNCED = "restriction.end_announced"
    RESTRICTION_LIFTED = "restriction.lifted"
    ERASURE_PLANNED = "erasure.planned"
    ERASURE_CONFIRMED = "erasure.confirmed"
    ERASURE_CANCELLED = "erasure.cancelled"
    HOLD_PLACED = "hold.placed"
    HOLD_RENEWED = "hold.renewed"
    HOLD_LIFTED = "hold.lifted"
    HOLD_READ = "hold.read"
    RECORD_REDUCED = "erasure.reduced"
    DISCLOSED = "disclosure.made"
    RECIPIENT_TOLD = "disclosure.recipient_told"
    NOTICE_GIVEN = "recipient.notice_given"
    AGREEMENT_ENTERED = "recipient.agreement_entered"
    AGREEMENT_ENDED = "recipient.agreement_ended"
    OVERRIDE = "dossier.override"
    POLICY_DRAFTED = "policy.drafted"
    POLICY_DRAFT_DROPPED = "policy.draft_dropped"
    POLICY_PUBLISHED = "policy.published"
    POLICY_REVIEWED = "policy.reviewed"
    CASE_ASSIGNED = "case.assigned"
    STAFF_SIGN_IN_ATTEMPTED = "staff.sign_in_attempted"
    STAFF_CODE_REFUSED = "staff.code_refused"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SIGNED_OUT = "staff.signed_out"
    STAFF_INVITED = "staff.invited"
    STAFF_JOINED = "staff.joined"
    STAFF_CHANGED = "staff.changed"
    STAFF_LEFT = "staff.left"
    STAFF_READ = "staff.read"
    STAFF_SEARCHED = "staff.searched"
    CLIENT_FOUND = "dossier.found"
    CASES_SEARCHED = "staff.cases_searched"
    CASE_FOUND = "case.found"
    OVERRIDE_ENDED = "dossier.override_ended"
    ALERT_RAISED = "alert.raised"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    BREACH_ENTERED = "breach.entered"
    BREACH_AMENDED = "breach.amended"
    BREACH_AUTHORITY_TOLD = "breach.authority_told"
    BREACH_AUTHORITY_SPARED = "breach.authority_spared"
    BREACH_CLIENTS_TOLD = "breach.clients_told"
    BREACH_CLIENTS_SPARED = "breach.clients_spared"
    BREACH_CLOSED = "breach.closed"
    LEDGER_SEARCHED = "ledger.searched"
    LEDGER_VERIFIED = "ledger.verified"


@dataclass(frozen=True)
class EventType:
    """What happened, in the words the client reads, and which details come with it."""

    sentence: str
    details: frozenset[str] = frozenset()


EVENTS: dict[Event, EventType] = {
    Event.REGISTRATION_OPENED: EventType(N_("The link to confirm the email address was used")),
    Event.REGISTRATION_CONFIRMED: EventType(N_("The email address was confirmed")),
    Event.ACCOUNT_OPENED: EventType(N_("The account was opened")),
    Event.SIGN_IN_ATTEMPTED: EventType(N_("A password was checked at sign-in")),
    Event.SIGNED_IN: EventType(N_("Signed in")),
    Event.SIGNED_OUT: EventType(N_("A session was ended")),
    Event.SESSIONS_ENDED: EventType(N_("All other sessions were ended")),
    Event.SECOND_FACTOR_CHECKED: EventType(N_("A code of the second factor was checked")),
    Event.SECOND_FACTOR_REFUSED: EventType(
        N_("A sign-in failed: after the right password came a wrong code of the second factor")
    ),
    Event.CREDENTIALS_READ: EventType(N_("The security settings were read")),
    Event.REAUTHENTICATED: EventType(N_("The password was confirmed once more")),
    Event.PASSWORD_CHANGED: EventType(N_("The password was changed")),
    Event.PASSWORD_RESET_ASKED: EventType(N_("A link for a new password was asked for")),
    Event.PASSWORD_RESET: EventType(N_("A new password was set through a link")),
    Event.TWO_FACTOR_ENABLED: EventType(N_("The second factor was turned on")),
    Event.TWO_FACTOR_DISABLED: EventType(N_("The second factor was turned off")),
    Event.RECOVERY_CODES_MADE: EventType(N_("New recovery codes were made")),
    Event.PROFILE_CHANGED: EventType(N_("Details were changed"), frozenset({"fields"})),
    Event.NEW_ADDRESS_ASKED: EventType(N_("A new email address was given, to be confirmed")),
    Event.NEW_ADDRESS_CONFIRMED: EventType(N_("The link to confirm a new email address was used")),
    Event.NEW_ADDRESS_FORGOTTEN: EventType(
        N_("A new email address that nobody confirmed was forgotten")
    ),
    Event.CHOICE_MADE: EventType(
        N_("A choice about optional use was made"), frozenset({"choice", "granted"})
    ),
    Event.NOTICE_SHOWN: EventType(
        N_("A version of the privacy policy was shown"), frozenset({"version"})
    ),
    Event.NOTICE_READ: EventType(
        N_("A version of the privacy policy was marked as read"), frozenset({"version"})
    ),
    Event.OVERVIEW_SHOWN: EventType(N_("The overview was shown: counts and dates, no values")),
    Event.CATEGORY_SHOWN: EventType(N_("Data was shown")),
    Event.VALUE_REVEALED: EventType(
        N_("A masked value was revealed"), frozenset({"field", "record"})
    ),
    Event.INVOICE_ISSUED: EventType(N_("An invoice was issued"), frozenset({"record"})),
    Event.INVOICE_OPENED: EventType(N_("An invoice was opened"), frozenset({"record"})),
    Event.PAYMENT_RECORDED: EventType(N_("A payment was recorded"), frozenset({"record"})),
    Event.DELIVERY_UPDATED: EventType(N_("News of a delivery was noted"), frozenset({"record"})),
    Event.ORDER_PLACED: EventType(N_("An order was entered for you"), frozenset({"record"})),
    Event.ORDER_CANCELLED: EventType(N_("An order was cancelled"), frozenset({"record"})),
    Event.ORDER_CLOSED: EventType(
        N_("An order was closed: its records moved under the key of that year"),
        frozenset({"record"}),
    ),
    Event.DOCUMENT_OPENED: EventType(N_("A document was opened"), frozenset({"record"})),
    Event.DOCUMENT_ADDED: EventType(N_("A document was added"), frozenset({"record"})),
    Event.DOCUMENT_REPLACED: EventType(
        N_("A document was replaced by another file"), frozenset({"record"})
    ),
    Event.DOCUMENT_REMOVED: EventType(N_("A document was removed"), frozenset({"record"})),
    Event.DOCUMENT_ACCEPTED: EventType(N_("A document was accepted"), frozenset({"record"})),
    Event.DOCUMENT_REJECTED: EventType(N_("A document was not accepted"), frozenset({"record"})),
    Event.COPY_TAKEN: EventType(N_("A copy of the data was taken")),
    Event.COPY_COMPLETED: EventType(
        N_("The download of a copy was complete"), frozenset({"began"})
    ),
    Event.LEDGER_TAKEN: EventType(N_("The activity log was downloaded")),
    Event.ADDRESS_READ: EventType(N_("Your address was read to write you a mail")),
    Event.MAIL_WRITTEN: EventType(N_("A mail was written"), frozenset({"kind"})),
    Event.MAIL_SENT: EventType(N_("A mail was opened to be sent"), frozenset({"kind"})),
    Event.MAIL_RETRIED: EventType(
        N_("A mail that could not be delivered was queued again"), frozenset({"kind"})
    ),
    Event.MAILS_RETRIED: EventType(
        N_("All mails of a kind that could not be delivered were queued again"),
        frozenset({"kind"}),
    ),
    Event.MAIL_DROPPED: EventType(
        N_("A mail that could not be delivered was given up for good"), frozenset({"kind"})
    ),
    Event.CASE_OPENED: EventType(
        N_("A message to ALKO Cars became a case"), frozenset({"reference", "channel"})
    ),
    Event.CASE_CONFIRMED: EventType(
        N_("The address of a case was confirmed"), frozenset({"reference"})
    ),
    Event.CASE_READ: EventType(N_("A case was read"), frozenset({"reference"})),
    Event.CASE_MESSAGE: EventType(N_("A message of a case was written"), frozenset({"reference"})),
    Event.CASE_NOTE: EventType(
        N_("An internal note about a case was written"), frozenset({"reference"})
    ),
    Event.CASE_MOVED: EventType(N_("A case took a step"), frozenset({"reference", "state"})),
    Event.CASE_RIGHT: EventType(
        N_("A request under your rights was recognised in a case"),
        frozenset({"reference", "right"}),
    ),
    Event.CASE_JOINED: EventType(
        N_("A case and all that belongs to it joined your data"), frozenset({"reference"})
    ),
    Event.CASE_EARLIER: EventType(
        N_("Before a case joined your data, this happened to it"),
        frozenset({"reference", "entry", "event", "actor", "member", "on"}),
    ),
    Event.ATTACHMENT_OPENED: EventType(
        N_("A file that came with a mail was opened"), frozenset({"record"})
    ),
    Event.REQUEST_FILED: EventType(
        N_("A request under your rights was filed"), frozenset({"reference", "right"})
    ),
    Event.REQUEST_MOVED: EventType(N_("A request took a step"), frozenset({"reference", "state"})),
    Event.REQUEST_MESSAGE: EventType(
        N_("A message about a request was written"), frozenset({"reference"})
    ),
    Event.REQUEST_IDENTIFIED: EventType(
        N_("Who filed a request was identified"), frozenset({"reference"})
    ),
    Event.DELETION_PROPOSED: EventType(
        N_("A member of staff proposed the deletion that a request asks for"),
        frozenset({"reference"}),
    ),
    Event.DELETION_APPROVED: EventType(
        N_("A second member of staff approved the deletion"), frozenset({"reference"})
    ),
    Event.DELETION_DECLINED: EventType(
        N_("A second member of staff declined the deletion"), frozenset({"reference"})
    ),
    Event.DELETION_TAKEN_BACK: EventType(
        N_("The proposal to delete was taken back"), frozenset({"reference"})
    ),
    Event.RESTRICTED: EventType(N_("The use of the data was restricted"), frozenset({"ground"})),
    Event.RESTRICTION_ANNOUNCED: EventType(N_("The end of the restriction was announced")),
    Event.RESTRICTION_LIFTED: EventType(N_("The restriction was lifted")),
    Event.ERASURE_PLANNED: EventType(N_("A plan of what deletion would remove was made")),
    Event.ERASURE_CONFIRMED: EventType(N_("Deletion was confirmed")),
    Event.ERASURE_CANCELLED: EventType(N_("Deletion was cancelled")),
    Event.HOLD_PLACED: EventType(
        N_("A legal hold was placed: what it covers is not erased before it ends"),
        frozenset({"hold", "until"}),
    ),
    Event.HOLD_RENEWED: EventType(
        N_("The end of a legal hold was moved"), frozenset({"hold", "until"})
    ),
    Event.HOLD_LIFTED: EventType(N_("A legal hold was lifted"), frozenset({"hold"})),
    Event.HOLD_READ: EventType(N_("The reason of a legal hold was read"), frozenset({"hold"})),
    Event.RECORD_REDUCED: EventType(N_("A record was reduced to what the law keeps")),
    Event.POLICY_DRAFTED: EventType(
        N_("The draft of the next policy was changed"), frozenset({"version"})
    ),
    Event.POLICY_DRAFT_DROPPED: EventType(
        N_("The draft of a policy was thrown away"), frozenset({"version"})
    ),
    Event.POLICY_PUBLISHED: EventType(
        N_("A version of the policy was published"), frozenset({"version", "significant"})
    ),
    Event.POLICY_REVIEWED: EventType(
        N_("The policy was reviewed and stays as it is"), frozenset({"version"})
    ),
    Event.OVERRIDE: EventType(
        N_("Data was opened without an assigned case, for a stated reason"),
        frozenset({"reference"}),
    ),
    Event.CASE_ASSIGNED: EventType(
        N_("A case was given to a member of staff, or put back"), frozenset({"reference"})
    ),
    Event.STAFF_SIGN_IN_ATTEMPTED: EventType(N_("A password of staff was checked at sign-in")),
    Event.STAFF_CODE_REFUSED: EventType(
        N_("A sign-in of staff failed: after the right password came a wrong code")
    ),
    Event.STAFF_SIGNED_IN: EventType(N_("A member of staff signed in")),
    Event.STAFF_SIGNED_OUT: EventType(N_("A member of staff signed out")),
    Event.STAFF_INVITED: EventType(N_("A member of staff was invited"), frozenset({"role"})),
    Event.STAFF_JOINED: EventType(N_("A member of staff set a password and a second factor")),
    Event.STAFF_CHANGED: EventType(
        N_("The role of a member of staff was changed"), frozenset({"role"})
    ),
    Event.STAFF_LEFT: EventType(N_("The access of a member of staff was ended")),
    Event.STAFF_READ: EventType(N_("The record of a member of staff was read")),
    Event.STAFF_SEARCHED: EventType(
        N_("A member of staff searched for a client"), frozenset({"by", "found"})
    ),
    Event.CASES_SEARCHED: EventType(
        N_("A member of staff searched for a case"), frozenset({"by", "found"})
    ),
    Event.CASE_FOUND: EventType(
        N_("Your case was found by what you gave; nothing that is in it was shown"),
        frozenset({"by", "reference"}),
    ),
    Event.CLIENT_FOUND: EventType(
        N_("Your account was found by what you gave; none of your data was shown"),
        frozenset({"by"}),
    ),
    Event.OVERRIDE_ENDED: EventType(
        N_("The opening of data without an assigned case was ended"), frozenset({"reference"})
    ),
    Event.DISCLOSED: EventType(
        N_("Data was passed to a recipient outside ALKO"),
        frozenset({"recipient", "reference", "fields"}),
    ),
    Event.RECIPIENT_TOLD: EventType(
        N_("A recipient of your data is told of a change"), frozenset({"recipient", "about"})
    ),
    Event.NOTICE_GIVEN: EventType(
        N_("A recipient was told by hand of a change of data"), frozenset({"record"})
    ),
    Event.AGREEMENT_ENTERED: EventType(
        N_("An agreement with a recipient was entered"), frozenset({"recipient", "record"})
    ),
    Event.AGREEMENT_ENDED: EventType(
        N_("An agreement with a recipient was ended"), frozenset({"recipient", "record"})
    ),
    Event.ALERT_RAISED: EventType(N_("An alert was raised"), frozenset({"kind"})),
    Event.ALERT_ACKNOWLEDGED: EventType(
        N_("An alert was acknowledged"), frozenset({"alert", "outcome"})
    ),
    Event.BREACH_ENTERED: EventType(N_("A breach was entered"), frozenset({"reference"})),
    Event.BREACH_AMENDED: EventType(
        N_("The entry of a breach was amended"), frozenset({"reference"})
    ),
    Event.BREACH_AUTHORITY_TOLD: EventType(
        N_("The authority was told of a breach"), frozenset({"reference"})
    ),
    Event.BREACH_AUTHORITY_SPARED: EventType(
        N_("It was decided that the authority need not be told of a breach"),
        frozenset({"reference"}),
    ),
    Event.BREACH_CLIENTS_TOLD: EventType(
        N_("The clients were told of a breach"), frozenset({"reference"})
    ),
    Event.BREACH_CLIENTS_SPARED: EventType(
        N_("It was decided that the clients need not be told of a breach"),
        frozenset({"reference"}),
    ),
    Event.BREACH_CLOSED: EventType(
        N_("The entry of a breach was closed"), frozenset({"reference"})
    ),
    Event.LEDGER_SEARCHED: EventType(N_("The ledger was searched"), frozenset({"by"})),
    Event.LEDGER_VERIFIED: EventType(N_("The ledger was verified"), frozenset({"chains"})),
}


class WrongDetails(ValueError):
    """An event was given details that its type does not list, or lacks some."""


def checked_details(event: Event, details: Mapping[str, Any]) -> dict[str, Any]:
    """The details, if they are exactly those of the event's type; WrongDetails otherwise."""
    if details.keys() != EVENTS[event].details:
        expected = ", ".join(sorted(EVENTS[event].details)) or "none"
        raise WrongDetails(f"{event.value} takes these details: {expected}")
    return dict(details)
