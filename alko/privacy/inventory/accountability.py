"""What the portal holds for its own duties: the account, notices, mails, the access ledger."""

from __future__ import annotations

from alko.privacy.inventory.common import housekeeping, sealed_housekeeping
from alko.privacy.inventory.types import Category, Field, Group, Kind
from alko.privacy.retention import Retention
from alko.privacy.vocabulary import Basis, Purpose, Source
from alko.words import N_

ACCOUNT = Category(
    slug="account",
    label=N_("Account"),
    group=Group.ACCOUNTABILITY,
    model="Client",
    summary=N_("Your account, and what protects it"),
    purposes=(Purpose.SERVICE, Purpose.SECURITY),
    basis=Basis.CONTRACT,
    source=Source.PORTAL,
    retention=Retention.ACCOUNT,
    fields=(
        *sealed_housekeeping(N_("Account opened on")),
        Field(path="status", label=N_("State"), kind=Kind.CODE),
        Field(path="last_active_at", label=N_("Last active"), kind=Kind.MOMENT),
        Field(path="warned", label=N_("Inactivity warnings given"), kind=Kind.INTERNAL),
        Field(path="warned_at", label=N_("Last warned on"), kind=Kind.INTERNAL),
        Field(path="restricted_at", label=N_("Use restricted since"), kind=Kind.INTERNAL),
        Field(path="restriction_ground", label=N_("Ground of that"), kind=Kind.INTERNAL),
        Field(path="restriction_ends", label=N_("Restricted until"), kind=Kind.INTERNAL),
        Field(path="email_index", label=N_("Keyed hash of the email address"), kind=Kind.INTERNAL),
        Field(
            path="sealed.password_hash",
            label=N_("Password (only an argon2 hash is held)"),
            kind=Kind.SECRET,
            source=Source.CLIENT,
            purposes=(Purpose.SECURITY,),
        ),
        Field(
            path="sealed.totp_secret",
            label=N_("Secret of the second factor"),
            kind=Kind.SECRET,
            purposes=(Purpose.SECURITY,),
        ),
        Field(
            path="sealed.totp_last_used",
            label=N_("Last code used"),
            kind=Kind.SECRET,
            purposes=(Purpose.SECURITY,),
        ),
        Field(
            path="sealed.recovery_hashes",
            label=N_("Recovery codes (only hashes are held)"),
            kind=Kind.SECRET,
            purposes=(Purpose.SECURITY,),
        ),
    ),
)

NOTICES = Category(
    slug="notices",
    label=N_("Policy notices"),
    group=Group.ACCOUNTABILITY,
    model="Notice",
    summary=N_("Which version of the privacy policy was shown to you, and when you read it"),
    purposes=(Purpose.LEGAL, Purpose.COMMUNICATION),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.ACCOUNT,
    fields=(
        *housekeeping(N_("Shown on")),
        Field(path="version", label=N_("Version of the policy")),
        Field(path="read_at", label=N_("Read on"), kind=Kind.MOMENT),
    ),
)

MAILS = Category(
    slug="mails",
    label=N_("Mails we sent you"),
    group=Group.ACCOUNTABILITY,
    model="Mail",
    summary=N_("Updates and notifications: what kind of mail went to which address, and when"),
    purposes=(Purpose.COMMUNICATION, Purpose.LEGAL),
    basis=Basis.CONTRACT,
    source=Source.PORTAL,
    retention=Retention.CORRESPONDENCE,
    fields=(
        *sealed_housekeeping(N_("Written on")),
        Field(path="kind", label=N_("Kind of mail"), kind=Kind.CODE),
        Field(path="status", label=N_("State"), kind=Kind.CODE),
        Field(path="sent_at", label=N_("Sent on"), kind=Kind.MOMENT),
        Field(path="sealed.to", label=N_("Sent to"), source=Source.CLIENT),
        Field(path="sealed.context", label=N_("Links in a mail not yet sent"), kind=Kind.SECRET),
        Field(path="under", label=N_("Class of the key"), kind=Kind.INTERNAL),
        Field(path="event", label=N_("What it tells of"), kind=Kind.INTERNAL),
        Field(path="attempts", label=N_("Attempts"), kind=Kind.INTERNAL),
        Field(path="next_attempt_at", label=N_("Next attempt"), kind=Kind.INTERNAL),
    ),
)

REQUESTS = Category(
    slug="requests",
    label=N_("Your requests"),
    group=Group.ACCOUNTABILITY,
    model="DataRequest",
    summary=N_("Requests under your rights: what you asked, every step, and every answer"),
    purposes=(Purpose.LEGAL,),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.CLIENT,
    retention=Retention.REQUESTS,
    fields=(
        *sealed_housekeeping(N_("Received on")),
        Field(path="reference", label=N_("Reference"), source=Source.PORTAL),
        Field(path="right", label=N_("Right"), kind=Kind.CODE),
        Field(path="state", label=N_("State"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="channel", label=N_("How it came"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="due_at", label=N_("Due on"), kind=Kind.MOMENT, source=Source.PORTAL),
        Field(path="extended_at", label=N_("Extended on"), kind=Kind.MOMENT, source=Source.STAFF),
        Field(path="finished_at", label=N_("Finished on"), kind=Kind.MOMENT, source=Source.PORTAL),
        Field(path="assigned_to", label=N_("Who works on it"), kind=Kind.INTERNAL),
        Field(path="earlier", label=N_("Number of an earlier request"), kind=Kind.INTERNAL),
        Field(path="sealed.words", label=N_("What you wrote")),
        Field(path="sealed.ground", label=N_("Ground of the restriction"), kind=Kind.CODE),
        Field(
            path="sealed.reason",
            label=N_("Why it was refused or extended"),
            source=Source.STAFF,
        ),
        Field(path="sealed.events", label=N_("Steps"), kind=Kind.LIST, source=Source.PORTAL),
        Field(path="sealed.events.on", label=N_("On"), kind=Kind.DATE, source=Source.PORTAL),
        Field(path="sealed.events.state", label=N_("State"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="sealed.events.note", label=N_("Note"), source=Source.STAFF),
        Field(path="sealed.messages", label=N_("Messages"), kind=Kind.LIST),
        Field(path="sealed.messages.on", label=N_("On"), kind=Kind.DATE),
        Field(path="sealed.messages.direction", label=N_("Direction"), kind=Kind.CODE),
        Field(path="sealed.messages.body", label=N_("Text")),
        Field(path="sealed.changes", label=N_("Corrections"), kind=Kind.LIST),
        Field(path="sealed.changes.field", label=N_("Detail"), kind=Kind.CODE),
        Field(path="sealed.changes.old", label=N_("Before"), sensitive=True),
        Field(path="sealed.changes.new", label=N_("After"), sensitive=True),
    ),
)

ACTIVITY = Category(
    slug="activity",
    label=N_("Who looked at your data"),
    group=Group.ACCOUNTABILITY,
    model="LedgerEntry",
    summary=N_("Every access to your data and every change of it: when, by whom, for what purpose"),
    purposes=(Purpose.LEGAL, Purpose.SECURITY),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.ACCOUNT,
    fields=(
        *housekeeping(N_("When")),
        Field(path="seq", label=N_("Number"), kind=Kind.NUMBER),
        Field(path="event", label=N_("What happened"), kind=Kind.CODE),
        Field(path="purpose", label=N_("Purpose"), kind=Kind.CODE),
        Field(path="actor", label=N_("Who"), kind=Kind.CODE),
        Field(path="actor_id", label=N_("Staff number, without a name"), kind=Kind.CODE),
        Field(path="categories", label=N_("Categories of data"), kind=Kind.LIST),
        Field(path="details", label=N_("Details"), kind=Kind.LIST),
        Field(path="sealed.reason", label=N_("Reason given"), source=Source.STAFF),
        Field(path="reason_hash", label=N_("Hash of the sealed reason"), kind=Kind.CODE),
        Field(path="previous", label=N_("Hash of the entry before"), kind=Kind.CODE),
        Field(path="hash", label=N_("Hash of this entry"), kind=Kind.CODE),
        Field(path="signature", label=N_("Signature (Ed25519)"), kind=Kind.CODE),
    ),
)

REGISTRATIONS = Category(
    slug="registrations",
    label=N_("Unconfirmed registrations"),
    group=Group.ACCOUNTABILITY,
    model="Registration",
    summary=N_("An email address and a password, waiting to be confirmed"),
    purposes=(Purpose.SERVICE,),
    basis=Basis.CONTRACT,
    source=Source.CLIENT,
    retention=Retention.REGISTRATION,
    of_client=False,
    fields=(
        *sealed_housekeeping(N_("Registered on")),
        Field(path="email_index", label=N_("Keyed hash of the email address"), kind=Kind.INTERNAL),
        Field(path="sealed.email", label=N_("Email address")),
        Field(
            path="sealed.password_hash",
            label=N_("Password (only an argon2 hash is held)"),
            kind=Kind.SECRET,
        ),
    ),
)

ERASURES = Category(
    slug="erasures",
    label=N_("Erasure register"),
    group=Group.ACCOUNTABILITY,
    model="ErasureRun",
    summary=N_("Which dossier was erased, when, by which plan; replayed when a backup is restored"),
    purposes=(Purpose.LEGAL,),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.REGISTER,
    of_client=False,
    fields=(
        *housekeeping(N_("Confirmed on")),
        Field(
            path="sealed.email",
            label=N_("Address of the receipt, forgotten when it was sent"),
            source=Source.CLIENT,
        ),
        Field(path="state", label=N_("State"), kind=Kind.CODE),
        Field(path="execute_after", label=N_("Not before"), kind=Kind.MOMENT),
        Field(path="started_at", label=N_("Begun on"), kind=Kind.MOMENT),
        Field(path="finished_at", label=N_("Finished on"), kind=Kind.MOMENT),
        Field(
            path="copies_unreadable_at",
            label=N_("Older copies of the keys unreadable since"),
            kind=Kind.MOMENT,
        ),
        Field(path="steps", label=N_("Steps that are complete"), kind=Kind.LIST),
        Field(path="erased", label=N_("Numbers of the records that went"), kind=Kind.INTERNAL),
        Field(path="kept", label=N_("Numbers of the records that stay"), kind=Kind.INTERNAL),
        Field(path="keys", label=N_("Names of the keys that were destroyed"), kind=Kind.INTERNAL),
        Field(path="receipt", label=N_("Signed receipt"), kind=Kind.INTERNAL),
        Field(path="token_hash", label=N_("Hash of the receipt's token"), kind=Kind.INTERNAL),
    ),
)

STAFF = Category(
    slug="staff",
    label=N_("Staff accounts"),
    group=Group.STAFF,
    model="StaffMember",
    summary=N_("Name, address and credentials of people who work at ALKO Cars"),
    purposes=(Purpose.SECURITY,),
    basis=Basis.CONTRACT,
    source=Source.STAFF,
    retention=Retention.STAFF,
    of_client=False,
    fields=(
        *sealed_housekeeping(),
        Field(path="email_index", label=N_("Keyed hash of the email address"), kind=Kind.INTERNAL),
        Field(path="role", label=N_("Role"), kind=Kind.CODE),
        Field(path="status", label=N_("State"), kind=Kind.CODE),
        Field(path="totp_last_used", label=N_("Last code used"), kind=Kind.INTERNAL),
        Field(path="invitation", label=N_("Mark of the invitation"), kind=Kind.INTERNAL),
        Field(path="sealed.full_name", label=N_("Full name")),
        Field(path="sealed.email", label=N_("Email address")),
        Field(path="sealed.password_hash", label=N_("Password hash"), kind=Kind.SECRET),
        Field(path="sealed.totp_secret", label=N_("Second factor"), kind=Kind.SECRET),
    ),
)

ACCOUNTABILITY = (ACCOUNT, NOTICES, MAILS, REQUESTS, ACTIVITY, REGISTRATIONS, ERASURES, STAFF)
