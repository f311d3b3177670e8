"""The current policy: seven sections, of which 2, 3, 5 and 6 are made from the inventory.

The page /privacy and the published lines come from the same blocks, so that neither can say what
the code does not do. The other sections are words: a version may bring its own (see drafts.py), and
without them the ones below stand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from alko.policy import derived, writing
from alko.policy.blocks import Decision, Items, Paragraph, Section, Subheading, Table
from alko.privacy.inventory import Group
from alko.words import N_

NOTHING: Mapping[str, str] = MappingProxyType({})


def sections(written: Mapping[str, str] = NOTHING) -> tuple[Section, ...]:
    """The policy as it is now, in order.

    ``written`` holds, by a section's id, the text that stands instead of the software's words (see
    writing.py); only the sections of WRITTEN can have one.
    """
    return (
        _worded(INTRODUCTION, written),
        _data_we_collect(),
        _how_we_use_your_data(),
        _worded(STORAGE_AND_SECURITY, written),
        _data_retention(),
        _your_rights(),
        _worded(CONTACT_US, written),
    )


def _worded(section: Section, written: Mapping[str, str]) -> Section:
    own = written.get(section.id)
    return dataclasses.replace(section, blocks=writing.parsed(own)) if own else section


def lines(written: Mapping[str, str] = NOTHING) -> list[str]:
    """The text as paragraphs, in the source language; a heading starts with '# '."""
    return [line for section in sections(written) for line in section.lines()]


INTRODUCTION = Section(
    "introduction",
    N_("Introduction"),
    (
        Paragraph(
            N_(
                "ALKO Cars sells and imports cars to order, and protects the privacy of its "
                "clients. This policy explains how we collect, use, store and protect your data."
            )
        ),
        Decision(
            N_(
                "Reading this policy is not consent. If you are signed in we record which version "
                "was shown to you; we never call that agreement, and nothing is allowed by it."
            )
        ),
    ),
)


def _data_we_collect() -> Section:
    return Section(
        "data-we-collect",
        N_("Data We Collect"),
        (
            Paragraph(
                N_(
                    "This is everything we collect. The list is made from the inventory that the "
                    "software itself obeys: what is not in it cannot be stored."
                )
            ),
            *_holdings(Group.PERSONAL, N_("Personal Information")),
            *_holdings(Group.DOCUMENTS, N_("Uploaded Documents")),
            *_holdings(Group.TRANSACTIONS, N_("Transaction & Service Data")),
            *_holdings(Group.TECHNICAL, N_("Technical Information")),
            Decision(
                N_(
                    "IP addresses are shortened before they are stored, so that they name a "
                    "network and not a person. Visitors are never measured. Usage analysis is off "
                    "until a client opts in, and a browser's Global Privacy Control signal counts "
                    "as an objection to it."
                )
            ),
            *_holdings(Group.ACCOUNTABILITY, N_("Records of our own duties")),
            Decision(
                N_(
                    "The policy did not name the records in which we keep our own duties, so we "
                    "list them as well. Each record also carries references for the software "
                    "alone, such as record numbers and keyed hashes."
                )
            ),
        ),
    )


def _holdings(group: Group, title: str) -> tuple[Subheading, Items]:
    return Subheading(title), Items(derived.holdings(group))


def _how_we_use_your_data() -> Section:
    return Section(
        "how-we-use-your-data",
        N_("How We Use Your Data"),
        (
            Paragraph(N_("We use your data for six purposes, and for no other.")),
            Table(
                N_("The six purposes"),
                (N_("Purpose"), N_("What for"), N_("Which data"), N_("Legal basis")),
                derived.purposes(),
            ),
            Decision(
                N_(
                    "The legal bases are our reading of the law. Whether the operator has "
                    "confirmed them stands below the policy."
                )
            ),
            Subheading(N_("Third-party sharing")),
            Paragraph(
                N_(
                    "Your data is never sold, and never shared for marketing. Limited data goes to "
                    "trusted processors (a payment processor, a cloud storage), only as needed and "
                    "under confidentiality agreements."
                )
            ),
            Table(
                N_("Who may receive what"),
                (N_("Recipient"), N_("Nothing but this data")),
                derived.recipients(),
            ),
        ),
    )


STORAGE_AND_SECURITY = Section(
    "data-storage-and-security",
    N_("Data Storage & Security"),
    (
        Paragraph(
            N_(
                "Your data is kept in MongoDB, encrypted at rest; only authorised personnel can "
                "reach it. Uploaded documents are kept on Cloudinary."
            )
        ),
        Paragraph(
            N_(
                "Everything is transmitted over HTTPS/TLS. Sensitive data is encrypted in transit "
                "and at rest."
            )
        ),
        Paragraph(
            N_(
                "Only staff whose work needs it have access, and every access is logged and "
                "monitored. Regular backups are made, and they are encrypted."
            )
        ),
        Decision(
            N_(
                "Every personal value is encrypted under a key of its own client before it reaches "
                "the database, not only what is called sensitive. What is marked sensitive is also "
                "masked on screen until it is revealed."
            )
        ),
    ),
)


def _data_retention() -> Section:
    return Section(
        "data-retention",
        N_("Data Retention"),
        (
            Paragraph(
                N_(
                    "Account data is kept while the account is active; transaction records for 7 "
                    "years, for tax and other legal duties; uploaded documents until the car is "
                    "delivered, or as the law requires; marketing data until you unsubscribe or "
                    "are removed."
                )
            ),
            Table(
                N_("How long we keep what"),
                (
                    N_("What"),
                    N_("How long"),
                    N_("Why so long"),
                    N_("Which data"),
                    N_("At the end, or when you ask"),
                ),
                derived.retention_rules(),
            ),
            Paragraph(
                N_(
                    "After that, or when you ask for it (subject to legal duties), data is "
                    "securely deleted or anonymised. Deleted data cannot be recovered."
                )
            ),
            Decision(
                N_(
                    "An account is active while there was a sign-in within 24 months or an order "
                    "is open. The 7 years begin at the end of the calendar year in which the order "
                    "was closed. Identity papers go 30 days after delivery; payment receipts are "
                    "transaction records. For messages and technical information the policy named "
                    "no period: we chose the ones in the table."
                )
            ),
        ),
    )


def _your_rights() -> Section:
    return Section(
        "your-rights",
        N_("Your Rights"),
        (
            Paragraph(N_("You have six rights over your data. Using them costs nothing.")),
            Items(derived.rights()),
        ),
    )


CONTACT_US = Section(
    "contact-us",
    N_("Contact Us"),
    (
        Paragraph(
            N_(
                "Our privacy team answers at contact@alkocars.com. There is also a contact form, "
                "for general inquiries and for privacy requests. You have an answer within 30 "
                "days. If it is urgent, use the subject “URGENT - Privacy Request”."
            )
        ),
        Decision(
            N_(
                "The answer is due after 30 days or one calendar month, whichever is earlier. "
                "Urgent requests are taken up within one day."
            )
        ),
        Subheading(N_("Policy updates")),
        Paragraph(
            N_("Significant changes are announced by email or by a prominent notice on the site.")
        ),
        Decision(N_("We do both: a mail, and a notice on the site until you have read it.")),
    ),
)

WRITTEN: dict[str, Section] = {
    section.id: section for section in (INTRODUCTION, STORAGE_AND_SECURITY, CONTACT_US)
}
"""The sections that are not made from the inventory."""
