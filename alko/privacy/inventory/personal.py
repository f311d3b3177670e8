"""Personal information and uploaded documents (policy, section 2, first two parts)."""

from __future__ import annotations

from alko.privacy.inventory.common import sealed_housekeeping
from alko.privacy.inventory.types import Category, Field, Group, Kind
from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Basis, Purpose, Recipient, Source
from alko.words import N_

IDENTITY = Category(
    slug="identity",
    label=N_("Identity"),
    group=Group.PERSONAL,
    model="IdentityRecord",
    summary=N_(
        "Full name, date of birth, nationality and government-issued identification numbers"
    ),
    purposes=(Purpose.SERVICE, Purpose.LEGAL),
    basis=Basis.CONTRACT,
    source=Source.CLIENT,
    retention=Retention.ACCOUNT,
    fields=(
        *sealed_housekeeping(N_("First recorded")),
        Field(
            path="sealed.full_name",
            label=N_("Full name"),
            correctable=True,
            why=N_("Your contract, your invoices and the car's registration carry it."),
            purposes=(Purpose.SERVICE, Purpose.FINANCE, Purpose.LEGAL, Purpose.COMMUNICATION),
            recipients=(Recipient.PAYMENT_PROCESSOR,),
        ),
        Field(
            path="sealed.birth_date",
            label=N_("Date of birth"),
            kind=Kind.DATE,
            sensitive=True,
            correctable=True,
            why=N_("Only an adult can buy and register a car."),
        ),
        Field(
            path="sealed.nationality",
            label=N_("Nationality"),
            kind=Kind.COUNTRY,
            correctable=True,
            why=N_("Customs and registration forms ask for it."),
        ),
        Field(
            path="sealed.identification_kind",
            label=N_("Kind of identification"),
            kind=Kind.CODE,
            correctable=True,
            why=N_("It says what the number below belongs to."),
        ),
        Field(
            path="sealed.identification_number",
            label=N_("Identification number"),
            sensitive=True,
            correctable=True,
            why=N_("Anti-fraud law has us identify whom we sell a car to."),
            purposes=(Purpose.LEGAL, Purpose.SECURITY),
            basis=Basis.LEGAL_OBLIGATION,
        ),
        Field(
            path="identification_index",
            label=N_("Keyed hash of the identification number, to find duplicates"),
            kind=Kind.INTERNAL,
            purposes=(Purpose.SECURITY,),
        ),
    ),
)

CONTACT = Category(
    slug="contact",
    label=N_("Contact details"),
    group=Group.PERSONAL,
    model="ContactRecord",
    summary=N_("Email address, phone number and postal address"),
    purposes=(Purpose.SERVICE, Purpose.COMMUNICATION),
    basis=Basis.CONTRACT,
    source=Source.CLIENT,
    retention=Retention.ACCOUNT,
    fields=(
        *sealed_housekeeping(N_("First recorded")),
        Field(
            path="sealed.email",
            label=N_("Email address"),
            correctable=True,
            why=N_("You sign in with it, and we write to it."),
            purposes=(Purpose.SERVICE, Purpose.COMMUNICATION, Purpose.SECURITY),
        ),
        Field(
            path="sealed.phone",
            label=N_("Phone number"),
            correctable=True,
            why=N_("For questions about your order that cannot wait."),
        ),
        Field(
            path="sealed.street",
            label=N_("Street and number"),
            correctable=True,
            why=N_("Your car and your invoices go there."),
            purposes=(Purpose.SERVICE, Purpose.FINANCE),
            recipients=(Recipient.PAYMENT_PROCESSOR,),
        ),
        Field(
            path="sealed.city",
            label=N_("City"),
            correctable=True,
            why=N_("Your car and your invoices go there."),
            purposes=(Purpose.SERVICE, Purpose.FINANCE),
            recipients=(Recipient.PAYMENT_PROCESSOR,),
        ),
        Field(
            path="sealed.postal_code",
            label=N_("Postal code"),
            correctable=True,
            why=N_("Your car and your invoices go there."),
            purposes=(Purpose.SERVICE, Purpose.FINANCE),
            recipients=(Recipient.PAYMENT_PROCESSOR,),
        ),
        Field(
            path="sealed.country",
            label=N_("Country"),
            kind=Kind.COUNTRY,
            correctable=True,
            why=N_("It decides about taxes, customs and registration."),
            purposes=(Purpose.SERVICE, Purpose.FINANCE, Purpose.LEGAL),
            recipients=(Recipient.PAYMENT_PROCESSOR,),
        ),
        Field(
            path="sealed.new_email",
            label=N_("New email address, not confirmed yet"),
            purposes=(Purpose.SERVICE, Purpose.SECURITY),
        ),
        Field(path="new_email_until", label=N_("Forgotten after"), kind=Kind.INTERNAL),
        Field(
            path="phone_index",
            label=N_("Keyed hash of the phone number, to find your account when you call"),
            kind=Kind.INTERNAL,
        ),
    ),
)

DOCUMENTS = Category(
    slug="documents",
    label=N_("Uploaded documents"),
    group=Group.DOCUMENTS,
    model="PaperRecord",
    summary=N_(
        "Copies of your national ID card or passport; driver's licence and related permits; "
        "proof of residence (utility bill, lease); payment receipts and financial documents"
    ),
    purposes=(Purpose.SERVICE, Purpose.LEGAL),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.CLIENT,
    recipients=(Recipient.CLOUD_STORAGE,),
    retention=Retention.DOCUMENTS,
    fields=(
        *sealed_housekeeping(N_("Uploaded on")),
        Field(path="sealed.filename", label=N_("File name"), recipients=()),
        Field(path="kind", label=N_("Kind of document"), kind=Kind.CODE, recipients=()),
        Field(
            path="status",
            label=N_("State"),
            kind=Kind.CODE,
            source=Source.STAFF,
            recipients=(),
        ),
        Field(path="size", label=N_("Size"), kind=Kind.BYTES, source=Source.PORTAL),
        Field(
            path="sealed.media_type",
            label=N_("File type"),
            source=Source.PORTAL,
            recipients=(),
        ),
        Field(
            path="sealed.sha256",
            label=N_("Checksum of the file (SHA-256)"),
            source=Source.PORTAL,
            purposes=(Purpose.SECURITY,),
            basis=Basis.LEGITIMATE_INTEREST,
            recipients=(),
        ),
        Field(
            path="sealed.rejection_reason",
            label=N_("Why it was not accepted"),
            source=Source.STAFF,
            recipients=(),
        ),
        Field(
            path="sealed.vault_identity",
            label=N_("Key of the encrypted file"),
            kind=Kind.SECRET,
            recipients=(),
            source=Source.PORTAL,
            purposes=(Purpose.SECURITY,),
        ),
        Field(path="order", label=N_("Order"), kind=Kind.INTERNAL),
        Field(path="assigned_to", label=N_("Who works on it"), kind=Kind.INTERNAL),
        Field(path="pending", label=N_("Mail still to be written"), kind=Kind.INTERNAL),
        Field(path="request", label=N_("Request it is evidence of"), kind=Kind.INTERNAL),
        Field(path="closed_year", label=N_("Year of closing"), kind=Kind.INTERNAL),
        Field(
            path="vault_key",
            label=N_("The encrypted file, under a random name"),
            kind=Kind.INTERNAL,
            recipients=(Recipient.CLOUD_STORAGE,),
        ),
        Field(
            path="content_index",
            label=N_("Keyed hash of the file, so that the same file is not stored twice"),
            kind=Kind.INTERNAL,
        ),
    ),
)

PERSONAL = (IDENTITY, CONTACT, DOCUMENTS)
