"""What is stored: one file per kind of record. ``ALL`` lists every collection the portal owns."""

from __future__ import annotations

from mongoengine import Document

from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.client import Client, Registration
from alko.models.communication import Mail, Message
from alko.models.consent import Consent, Notice, Suppression
from alko.models.contact import Attachment, Case, IntakeCount
from alko.models.disclosure import Disclosure
from alko.models.document import PaperRecord, UploadIntent
from alko.models.erasure import ErasureRun
from alko.models.hold import LegalHold
from alko.models.housekeeping import (
    Campaign,
    Lease,
    NewsItem,
    Outage,
    PolicyDraft,
    PolicyVersion,
    Restoration,
    Verification,
)
from alko.models.oversight import Alert, Bookmark, Breach, BreachNotice, BreachStatement
from alko.models.profile import ContactRecord, IdentityRecord
from alko.models.recipient import Agreement, RecipientNotice
from alko.models.request import DataRequest
from alko.models.staff import Override, StaffMember, StaffSession
from alko.models.technical import PageView, SignIn
from alko.models.transaction import Delivery, Invoice, Order, Payment

ALL: tuple[type[Document], ...] = (
    Client,
    Registration,
    IdentityRecord,
    ContactRecord,
    PaperRecord,
    UploadIntent,
    Order,
    Payment,
    Invoice,
    Delivery,
    Message,
    Mail,
    Case,
    Attachment,
    IntakeCount,
    DataRequest,
    LegalHold,
    Disclosure,
    SignIn,
    PageView,
    Consent,
    Notice,
    Suppression,
    LedgerEntry,
    LedgerCheckpoint,
    StaffMember,
    StaffSession,
    Override,
    ErasureRun,
    Agreement,
    RecipientNotice,
    PolicyVersion,
    PolicyDraft,
    Campaign,
    NewsItem,
    Alert,
    Breach,
    BreachNotice,
    BreachStatement,
    Bookmark,
    Verification,
    Lease,
    Outage,
    Restoration,
)
