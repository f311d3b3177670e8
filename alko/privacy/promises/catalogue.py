"""The 37 promises in the project's own words, and how far the software keeps each by design."""

from __future__ import annotations

from alko.privacy.promises.types import Promise, Status
from alko.words import N_

SUMMARY = "P1"
"""The promise whose state is the state of all others."""

_INTRODUCTION = (
    Promise(
        "P1",
        N_("Your privacy is protected."),
        N_("This ledger: it shows the state of every other promise in public, the red ones too."),
    ),
    Promise(
        "P2",
        N_("The policy applies whenever you use the service."),
        N_(
            "Which version was shown to you, and when, is recorded. It is never treated as "
            "consent: no choice is derived from it."
        ),
    ),
)
_COLLECTION = (
    Promise(
        "P3",
        N_("Only the data listed in the policy is collected."),
        N_(
            "Every field that the software can store has an entry in the inventory from which the "
            "policy is made. A field without an entry, or an entry without a field, fails."
        ),
    ),
    Promise(
        "P4",
        N_("Identification numbers get special care."),
        N_(
            "They are encrypted under your own key, masked on screen until revealed, and found "
            "only through a keyed hash."
        ),
    ),
    Promise(
        "P5",
        N_("Analytics and cookies respect your choice."),
        N_(
            "Usage analysis is off until you opt in, and Global Privacy Control counts as an "
            "objection. Addresses are shortened. The cookies set are exactly those published."
        ),
    ),
)
_USE = (
    Promise(
        "P6",
        N_("Your data is used for the six purposes only."),
        N_("Every read of personal data names its purpose. Without a purpose there is no read."),
    ),
    Promise(
        "P7",
        N_("You get the updates that matter."),
        N_(
            "Mail about your account is kept apart from marketing, and no switch "
            "turns it off by accident."
        ),
    ),
    Promise(
        "P8",
        N_("Your data is never sold, and never shared for marketing."),
        N_(
            "No page loads anything from elsewhere: the browser is told to forbid it. No recipient "
            "for marketing exists in the inventory."
        ),
    ),
    Promise(
        "P9",
        N_("Your data is shared only as far as needed."),
        N_(
            "For each recipient the inventory lists the fields it may get. Each disclosure is in "
            "your activity log and among your data, and what changes later the recipient is told."
        ),
    ),
    Promise(
        "P10",
        N_("Processors are bound by confidentiality agreements."),
        N_(
            "A register holds the agreements. A recipient without one that is still valid gets "
            "nothing: not even an encrypted file is stored with it."
        ),
    ),
)
_STORAGE = (
    Promise(
        "P11",
        N_("All personal data is encrypted at rest in MongoDB."),
        N_(
            "Personal values are encrypted field by field before they reach the database, and the "
            "database refuses a record that is not."
        ),
    ),
    Promise(
        "P12",
        N_("Only authorised people have access."),
        N_(
            "Every address of this portal declares who may open it; without that it is closed. "
            "Each is tested against every role of our staff."
        ),
    ),
    Promise(
        "P13",
        N_("Uploaded documents are kept on Cloudinary."),
        N_("Only encrypted files leave, under signed addresses, and erasing empties all caches."),
        Status.PARTLY,
        N_("A Cloudinary account of the operator. Without one, the encrypted files lie here."),
    ),
    Promise(
        "P14",
        N_("Everything is transmitted over TLS."),
        N_(
            "In production the portal does not start without TLS to the browser, the database and "
            "the mail server, and refuses forms sent in clear. Mails carry links, not data."
        ),
    ),
    Promise(
        "P15",
        N_("Sensitive data is sealed."),
        N_("What is sensitive is written in the inventory, and sealed and masked accordingly."),
    ),
    Promise(
        "P16",
        N_("Only staff whose work needs it have access."),
        N_("Staff open a client's data through an assigned case, or with a reason that is told."),
    ),
    Promise(
        "P17",
        N_("Every access is logged and monitored."),
        N_(
            "The entry is written before data is returned; if it cannot be written, nothing is. "
            "Entries form a signed chain that you can check yourself. Unusual access by staff "
            "raises an alert, and a person says what they found."
        ),
    ),
    Promise(
        "P18",
        N_("There are regular, encrypted backups."),
        N_("They are made on schedule, and restoring one is part of the tests."),
    ),
)
_RETENTION = (
    Promise(
        "P19",
        N_("Data is kept only as long as needed."),
        N_("Every entry of the inventory has a rule that ends; there is no “forever”."),
    ),
    Promise(
        "P20",
        N_("Account data is kept while the account is active."),
        N_("After 24 months without a sign-in or an open order, and three warnings, it is erased."),
    ),
    Promise(
        "P21",
        N_("Transaction records are kept for 7 years."),
        N_(
            "Counted from the end of the year in which the order closed. From then on staff and "
            "the portal itself get them for tax and legal duties only; you always do."
        ),
    ),
    Promise(
        "P22",
        N_("Uploaded documents are kept until the car is delivered."),
        N_("Delivery sets their erasure to 30 days later; payment receipts count as transactions."),
    ),
    Promise(
        "P23",
        N_("Marketing ends when you unsubscribe."),
        N_(
            "It is off until you opt in. One click in any such mail ends it, without signing in; "
            "only a keyed hash of the address is kept, so that it stays ended."
        ),
    ),
    Promise(
        "P24",
        N_("Data is deleted or anonymised at the end."),
        N_(
            "The inventory says which, for each field. What the law has us keep is reduced to what "
            "it needs, and sealed under keys of its own."
        ),
    ),
    Promise(
        "P25",
        N_("Deleted data cannot be recovered."),
        N_(
            "Keys lie outside the backups and are destroyed, and the master key changes within a "
            "day: what they sealed stays unreadable in every copy. A restored backup erases "
            "again what was erased since, before anybody can use it."
        ),
    ),
)
_RIGHTS = (
    Promise(
        "P26",
        N_("You can have a copy of all your data."),
        N_("The copy is made from the inventory: all categories, logs and messages included."),
    ),
    Promise(
        "P27",
        N_("You can have your data corrected."),
        N_(
            "Each detail has its form. Contact details change at once, who you are after a person "
            "looked at it. Old and new are kept side by side, and recipients are told."
        ),
    ),
    Promise(
        "P28",
        N_("You can have your data deleted, subject to the law."),
        N_("Before you confirm, a list shows what goes now, what stays, why, and until when."),
    ),
    Promise(
        "P29",
        N_("Your copy is structured and machine-readable."),
        N_("It follows a published JSON Schema which is made from the inventory."),
    ),
    Promise(
        "P30",
        N_("You can object to certain purposes."),
        N_("There is a switch for each, and it takes effect at once."),
    ),
    Promise(
        "P31",
        N_("You can have the use of your data restricted."),
        N_(
            "On the four grounds of the law; meanwhile the data is only stored. You can lift it "
            "yourself, and are told seven days before it ends otherwise."
        ),
    ),
)
_CONTACT = (
    Promise(
        "P32",
        N_("contact@alkocars.com reaches the privacy team."),
        N_("Mail to that address becomes a case that cannot get lost."),
    ),
    Promise(
        "P33",
        N_("There is a contact form."),
        N_("It leads to the same cases as the address."),
    ),
    Promise(
        "P34",
        N_("You have an answer within 30 days."),
        N_("Due is the earlier of 30 days and one calendar month; staff work in that order."),
    ),
    Promise(
        "P35",
        N_("“URGENT - Privacy Request” is treated as urgent."),
        N_("The subject is recognised, has a queue of its own and a target of one day."),
    ),
    Promise(
        "P36",
        N_("You are told of significant changes."),
        N_("By mail, and by a notice on every page until you have read it; both are on record."),
    ),
    Promise(
        "P37",
        N_("The policy says when it was updated and reviewed."),
        N_(
            "Both dates come from the store of published versions. A review older than 12 months "
            "raises an alert, and so does a text that differs from what was published."
        ),
    ),
)

PROMISES: tuple[Promise, ...] = (
    *_INTRODUCTION,
    *_COLLECTION,
    *_USE,
    *_STORAGE,
    *_RETENTION,
    *_RIGHTS,
    *_CONTACT,
)
