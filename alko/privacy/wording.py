"""Values in words a person reads: dates, money, countries, codes. Pages and copies share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import format_currency, format_decimal

from alko.privacy.accountability.events import EVENTS, Event
from alko.privacy.door.access import Job
from alko.privacy.inventory import CATEGORIES
from alko.privacy.inventory.types import Field, Kind
from alko.privacy.vocabulary import PURPOSES, RECIPIENTS, Purpose, Recipient
from alko.vault.inspection.types import REFUSALS
from alko.words import N_

Translate = Callable[[str], str]

CODES: dict[str, str] = {
    "passport": N_("Passport"),
    "national_id": N_("National ID card"),
    "driving_licence": N_("Driving licence"),
    "identity": N_("National ID card or passport"),
    "residence": N_("Proof of residence"),
    "financial": N_("Payment receipt or financial document"),
    "received": N_("Received"),
    "checking": N_("Being checked"),
    "accepted": N_("Accepted"),
    "rejected": N_("Not accepted"),
    "ordered": N_("Ordered"),
    "paid": N_("Paid"),
    "in_production": N_("In production"),
    "built": N_("Built or bought"),
    "at_port": N_("At the port of loading"),
    "shipped": N_("Shipped"),
    "at_sea": N_("At sea"),
    "arrived": N_("Arrived"),
    "customs": N_("Customs"),
    "registration": N_("Registration"),
    "ready": N_("Ready for handover"),
    "delivered": N_("Delivered"),
    "cancelled": N_("Cancelled"),
    "bank_transfer": N_("Bank transfer"),
    "card": N_("Card"),
    "from_client": N_("From you"),
    "to_client": N_("To you"),
    "portal": N_("Portal"),
    "email": N_("Email"),
    "phone": N_("Phone"),
    "internal": N_("Note of our staff"),
    "form": N_("Contact form"),
    "general": N_("General question"),
    "privacy": N_("Privacy request"),
    "waiting": N_("Answered"),
    "closed": N_("Closed"),
    "file": N_("File"),
    "source": N_("The mail as it came"),
    "case_received": N_("Your message was received"),
    "case_urgent": N_("Your urgent request was received"),
    "case_news": N_("News about your case"),
    "open": N_("Open"),
    "ended": N_("Ended"),
    "active": N_("Active"),
    "queued": N_("Waiting to be sent"),
    "sent": N_("Sent"),
    "dead": N_("Could not be delivered"),
    "dropped": N_("Given up"),
    "void": N_("Never sent"),
    "profiling": N_("Profiling"),
    "rights_page": N_("The page of your rights"),
    "restriction_ends": N_("The restriction ends soon"),
    "analytics": N_("Usage analysis"),
    "marketing": N_("Marketing"),
    "choices_page": N_("The page of choices"),
    "global_privacy_control": N_("Your browser's privacy signal"),
    "unsubscribe_link": N_("The unsubscribe link"),
    "new_address": N_("A new address that had unsubscribed"),
    "identity_check": N_("Identity being checked"),
    "in_progress": N_("Being worked on"),
    "waiting_for_client": N_("Waiting for your answer"),
    "extended": N_("Extended"),
    "done": N_("Done"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "approved": N_("Approved"),
    "declined": N_("Declined"),
    "taken_back": N_("Taken back"),
    "access": N_("Access"),
    "correction": N_("Correction"),
    "deletion": N_("Deletion"),
    "portability": N_("Portability"),
    "objection": N_("Objection"),
    "restriction": N_("Restriction"),
    "accuracy": N_("Its accuracy is disputed"),
    "unlawful": N_("Its use is unlawful, and it shall not be erased"),
    "claims": N_("Needed for a legal claim"),
    "objected": N_("An objection is being examined"),
    "full_name": N_("Full name"),
    "birth_date": N_("Date of birth"),
    "nationality": N_("Nationality"),
    "identification_kind": N_("Kind of identification"),
    "identification_number": N_("Identification number"),
    "street": N_("Street and number"),
    "city": N_("City"),
    "postal_code": N_("Postal code"),
    "country": N_("Country"),
    "request_received": N_("Your request was received"),
    "erasure_scheduled": N_("Deletion of your data confirmed"),
    "request_news": N_("News about your request"),
    "deletion_decided": N_("The deletion that you asked for was decided"),
    "confirm_registration": N_("Confirm your registration"),
    "already_registered": N_("You already have an account"),
    "new_password": N_("Link for a new password"),
    "password_changed": N_("Your password was changed"),
    "new_device": N_("Sign-in on a new device"),
    "email_changed": N_("Your email address was changed"),
    "two_factor_changed": N_("Your second factor was changed"),
    "inactivity_warning": N_("Your account will be erased soon"),
    "erasure_done": N_("Your data was erased"),
    "policy_changed": N_("The privacy policy changed"),
    "news": N_("News and offers"),
    "breach_notice": N_("A breach reached your data"),
    "due_soon": N_("Something is due soon"),
    "overdue": N_("Something is overdue"),
    "breach_clock": N_("The 72 hours of a breach run"),
    "digest": N_("What is due"),
    "bulk_viewing": N_("Many dossiers within an hour"),
    "off_hours": N_("Access outside working hours"),
    "override": N_("Access without an assigned case"),
    "broken_chain": N_("A chain of the ledger does not verify"),
    "failed_sign_ins": N_("Failed sign-ins of staff"),
    "stale_review": N_("The policy is due for a review"),
    "drifted_policy": N_("The software differs from the published policy"),
    "expected": N_("Work as it should be"),
    "explained": N_("Unusual, and explained"),
    "breach": N_("Entered as a breach"),
    "mended": N_("Put right"),
    "delivery_update": N_("News of your car"),
    "paper_rejected": N_("A paper was not accepted"),
    "order_cancelled": N_("An order was cancelled"),
    "order_placed": N_("An order was entered"),
    "override_begun": N_("A privacy officer opened your data"),
    "staff_invitation": N_("Access to the staff area"),
    "agent": N_("Agent"),
    "officer": N_("Privacy officer"),
    "administrator": N_("Administrator"),
    "invited": N_("Invited"),
    "left": N_("Left"),
    "confirm_email": N_("Confirm your new email address"),
    "recipient_notice": N_("A notice to a recipient"),
    "corrected": N_("The data was corrected"),
    "restricted": N_("Its use was restricted"),
    "restriction_lifted": N_("The restriction ended"),
    "erased": N_("The data was erased"),
}
REFUSED = {refusal: why for refusal, (why, _) in REFUSALS.items()}

WHO: dict[str, str] = {
    "client": N_("You"),
    "staff:agent": N_("ALKO agent"),
    "staff:officer": N_("ALKO privacy officer"),
    "staff:administrator": N_("ALKO administrator"),
    "operator": N_("Whoever runs the portal, by a command"),
    f"system:{Job.REGISTRATION.value}": N_("The portal, opening your account"),
    f"system:{Job.SIGN_IN.value}": N_("The portal, checking a sign-in"),
    f"system:{Job.RECOVERY.value}": N_("The portal, for a forgotten password"),
    f"system:{Job.MAIL.value}": N_("The portal, sending mail"),
    f"system:{Job.DELIVERY.value}": N_("The portal, following your delivery"),
    f"system:{Job.CLOSING.value}": N_("The portal, keeping a closed order for the tax rule"),
    f"system:{Job.NEWS.value}": N_("The portal, sending news"),
    f"system:{Job.DISCLOSURE.value}": N_("The portal, telling a recipient"),
    f"system:{Job.CASES.value}": N_("The portal, taking in what you wrote"),
    f"system:{Job.OVERSIGHT.value}": N_("The portal, watching over accesses"),
    f"system:{Job.RETENTION.value}": N_("The portal, erasing what is due"),
    f"system:{Job.STAFF.value}": N_("The portal, signing staff in"),
    f"system:{Job.ERASURE.value}": N_("The portal, erasing an account"),
}

HELD = {
    "held.everything": N_("Everything about you"),
    **{f"held.{category.slug}": category.label for category in CATEGORIES.values()},
}
"""What a legal hold covers: all of it, or one record of a category."""

_UNITS = ("B", "kB", "MB", "GB")
_THOUSAND = 1000


def in_words(
    shown: Field, value: Any, siblings: Mapping[str, Any], translate: Translate, locale: Locale
) -> str:
    """The value as text; empty where there is none. Lists are shown item by item elsewhere.

    ``siblings`` are the other values of the record: an amount finds its currency there.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if shown.kind is Kind.TEXT:
        return str(value)
    match shown.kind:
        case Kind.MOMENT:
            return moment(value, locale)
        case Kind.DATE:
            return day(date.fromisoformat(value), locale)
        case Kind.MONEY:
            return format_currency(value / 100, siblings.get("currency") or "EUR", locale=locale)
        case Kind.BYTES:
            return size(value, locale)
        case Kind.FLAG:
            return translate(N_("Yes")) if value else translate(N_("No"))
        case Kind.COUNTRY:
            return str(locale.territories.get(value, value))
        case Kind.CODE:
            return code(str(value), translate)
        case Kind.LIST:
            return ", ".join(code(str(item), translate) for item in value)
    return str(value)


WORDS = (CODES, REFUSED, WHO, HELD)
"""Each code stands in one of them, so that it means the same everywhere."""


def code(value: str, translate: Translate) -> str:
    """A code in words; a code without words stands as it is."""
    known = next((words[value] for words in WORDS if value in words), None)
    if known is None and value in Event._value2member_map_:
        known = EVENTS[Event(value)].sentence
    if known is None and value in Purpose._value2member_map_:
        known = PURPOSES[Purpose(value)].name
    if known is None and value in Recipient._value2member_map_:
        known = RECIPIENTS[Recipient(value)]
    if known is None and "." in value:
        return _detail(value, translate)
    return translate(known) if known else value


def _detail(value: str, translate: Translate) -> str:
    """``category.field`` by its labels; what is none stands as it is."""
    slug, _, name = value.partition(".")
    try:
        chosen = CATEGORIES[slug]
        return f"{translate(chosen.label)}: {translate(chosen.field(name).label)}"
    except KeyError:
        return value


def moment(value: datetime, locale: Locale) -> str:
    return f"{day(value, locale)}, {value:%H:%M} UTC"


def day(value: date, locale: Locale) -> str:
    # Babel's general formatter takes five times as long, which a copy of thousands feels.
    return f"{value.day} {_month(locale, value.month)} {value.year}"


@cache
def _month(locale: Locale, number: int) -> str:
    return str(locale.months["format"]["abbreviated"][number])


def size(count: float, locale: Locale) -> str:
    """Bytes in the largest unit that keeps the number above one, for instance ``1.2 MB``."""
    unit = 0
    while count >= _THOUSAND and unit < len(_UNITS) - 1:
        count /= _THOUSAND
        unit += 1
    number = format_decimal(round(count, 1 if unit else 0), locale=locale)
    return f"{number} {_UNITS[unit]}"


VISIBLE_TAIL = 3
LONG_ENOUGH = 8


def masked(shown: Field, text: str) -> str:
    """Dots, and the end of a long number so that one can tell which it is; never of a date (P4)."""
    telling = shown.kind is Kind.TEXT and len(text) >= LONG_ENOUGH
    return "••••••" + (text[-VISIBLE_TAIL:] if telling else "")
