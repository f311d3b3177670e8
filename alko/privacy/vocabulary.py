"""The field's terms, as the inventory uses them: purposes, lawful bases, sources, recipients."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alko.words import N_


class Purpose(StrEnum):
    """The six purposes of the policy, section 3. Every read of personal data names one (P6)."""

    SERVICE = "service"
    FINANCE = "finance"
    LEGAL = "legal"
    COMMUNICATION = "communication"
    IMPROVEMENT = "improvement"
    SECURITY = "security"


@dataclass(frozen=True)
class Explained:
    """A term and what it means, in plain words."""

    name: str
    text: str


PURPOSES: dict[Purpose, Explained] = {
    Purpose.SERVICE: Explained(
        N_("Service delivery"),
        N_("to register you, run your account, and handle purchases and deliveries"),
    ),
    Purpose.FINANCE: Explained(
        N_("Financial processing"), N_("to issue invoices, take payments and keep the records")
    ),
    Purpose.LEGAL: Explained(
        N_("Legal compliance"), N_("to meet tax, anti-fraud and data-protection duties")
    ),
    Purpose.COMMUNICATION: Explained(
        N_("Communication"), N_("to send updates and notifications and to answer inquiries")
    ),
    Purpose.IMPROVEMENT: Explained(
        N_("Service improvement"), N_("to analyse how the service is used, only if you opted in")
    ),
    Purpose.SECURITY: Explained(
        N_("Security and fraud prevention"), N_("to protect your account and ours from misuse")
    ),
}


class Basis(StrEnum):
    """Lawful bases, GDPR Art. 6(1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


BASES: dict[Basis, Explained] = {
    Basis.CONSENT: Explained(N_("Your consent"), N_("GDPR Art. 6(1)(a)")),
    Basis.CONTRACT: Explained(N_("Our contract with you"), N_("GDPR Art. 6(1)(b)")),
    Basis.LEGAL_OBLIGATION: Explained(N_("A legal obligation"), N_("GDPR Art. 6(1)(c)")),
    Basis.LEGITIMATE_INTEREST: Explained(N_("Our legitimate interest"), N_("GDPR Art. 6(1)(f)")),
}


class Source(StrEnum):
    """Where a value comes from."""

    CLIENT = "client"
    PORTAL = "portal"
    BROWSER = "browser"
    STAFF = "staff"
    PROCESSOR = "processor"
    CARRIER = "carrier"


SOURCES: dict[Source, str] = {
    Source.CLIENT: N_("You gave it to us"),
    Source.PORTAL: N_("Made by this portal"),
    Source.BROWSER: N_("Sent by your browser"),
    Source.STAFF: N_("Entered by ALKO's staff"),
    Source.PROCESSOR: N_("The payment processor"),
    Source.CARRIER: N_("The carrier of your car"),
}


class Recipient(StrEnum):
    """Who may receive a value besides ALKO: trusted processors, as needed (P9)."""

    PAYMENT_PROCESSOR = "payment_processor"
    CLOUD_STORAGE = "cloud_storage"


RECIPIENTS: dict[Recipient, str] = {
    Recipient.PAYMENT_PROCESSOR: N_("Payment processor"),
    Recipient.CLOUD_STORAGE: N_("Cloud storage (encrypted files only)"),
}


class Erasure(StrEnum):
    """What erasure does to a value (P24)."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"


ERASURES: dict[Erasure, str] = {
    Erasure.DELETE: N_("Deleted"),
    Erasure.ANONYMISE: N_("Anonymised: nothing links it to you any more"),
    Erasure.KEEP: N_("Kept sealed until its retention rule ends, then deleted"),
}
