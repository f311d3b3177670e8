"""A client with records in every category of the inventory, every field filled and recognisable.

What a copy or a page shows can be compared with it field by field (P26); what must stay secret or
unreadable at rest can be searched for (P11).
"""

from __future__ import annotations

import hashlib
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bson import ObjectId

from alko.database.records import Record, nested_type, type_hints
from alko.demo.accounts import TOTP_SECRET
from alko.demo.factories import Factory, Person
from alko.models.activity import LedgerEntry
from alko.models.client import Client
from alko.models.contact import CaseDetails, CaseKind, CaseState
from alko.models.disclosure import DisclosureDetails
from alko.models.document import PaperKind
from alko.models.profile import Contact, ContactRecord, Identity, IdentityRecord
from alko.models.request import RequestDetails
from alko.models.staff import StaffRole
from alko.models.transaction import (
    DeliveryDetails,
    InvoiceDetails,
    Order,
    OrderDetails,
    OrderStatus,
    PaymentDetails,
)
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.inventory import BY_SLUG, CATEGORIES, Category, Kind
from alko.privacy.rights import choices
from alko.privacy.rights.catalogue import Right
from alko.privacy.vocabulary import Purpose

COPIES = 2
"""Records made in each category that can hold more than one."""

Key = tuple[str, ObjectId, str]
"""Category, record, field."""

CODES = {
    "identification_kind": "passport",
    "method": "bank_transfer",
    "milestone": "at_sea",
    "page": "policy.show",
    "given_through": "choices_page",
    "state": "in_progress",
    "direction": "from_client",
    "ground": "accuracy",
    "field": "full_name",
    "outcome": "declined",
    "about": "corrected",
    "by": "client",
}


@dataclass
class Everything:
    """The client, and the plaintext of every field: the shown ones, and those never shown."""

    person: Person
    expected: dict[Key, Any] = field(default_factory=dict)
    withheld: dict[Key, Any] = field(default_factory=dict)
    files: dict[ObjectId, bytes] = field(default_factory=dict)
    """The content of each uploaded file, by record."""

    def plaintext(self) -> Iterator[str]:
        """Every unmistakable text that was sealed, to be searched for where it must not be."""
        for (slug, _, name), value in self.expected.items():
            inventoried = CATEGORIES[slug].field(name)
            if inventoried.sealed and inventoried.kind is not Kind.CODE:
                yield from _texts(value)


def everything_about(factory: Factory, *, second_factor: bool = False) -> Everything:
    """Make the client. With ``second_factor`` the account's secrets of it are filled as well."""
    unique = _Unique(factory)
    identity = unique.filled(Identity, CATEGORIES["identity"])
    contact = unique.filled(Contact, CATEGORIES["contact"])
    secret = TOTP_SECRET if second_factor else None
    opened_at = factory.now - timedelta(days=500)
    person = factory.client(
        f"everything-{unique.token}",
        identity=identity,
        contact=contact,
        opened_at=opened_at,
        totp_secret=secret,
    )
    made = Everything(person)
    _add(made, "identity", IdentityRecord.objects.get(client=person.id), identity.stored())
    _add(made, "contact", ContactRecord.objects.get(client=person.id), contact.stored())
    _add(made, "account", Client.objects.get(id=person.id), {"totp_secret": secret})
    for copy in range(COPIES):
        _transactions(factory, unique, made, copy)
        _communication(factory, unique, made, copy)
        _technical(factory, unique, made, copy)
    _activity(factory, unique, made)
    return made


def _transactions(factory: Factory, unique: _Unique, made: Everything, copy: int) -> None:
    closed_at = factory.now - timedelta(days=40 + 400 * copy)
    details = unique.filled(OrderDetails, CATEGORIES["orders"])
    order = factory.order(made.person.id, OrderStatus.DELIVERED, closed_at, details=details)
    _add(made, "orders", order, details.stored())
    payment = unique.filled(PaymentDetails, CATEGORIES["payments"])
    invoice = unique.filled(InvoiceDetails, CATEGORIES["invoices"])
    delivery = unique.filled(DeliveryDetails, CATEGORIES["deliveries"])
    _add(made, "payments", factory.payment(order, payment, closed_at), payment.stored())
    _add(made, "invoices", factory.invoice(order, invoice, closed_at), invoice.stored())
    record = factory.delivery(order, delivery, closed_at - timedelta(days=60), closed_at)
    _add(made, "deliveries", record, delivery.stored())
    if factory.vault is not None:
        kind = PaperKind.FINANCIAL if copy else PaperKind.IDENTITY
        _paper(factory, unique, made, order, kind)


def _paper(
    factory: Factory, unique: _Unique, made: Everything, order: Order, kind: PaperKind
) -> None:
    content = f"%PDF-1.4\n% {unique.text('documents', 'content')}\n%%EOF\n".encode()
    filename = f"{unique.text('documents', 'filename')}.pdf"
    reason = unique.text("documents", "rejection_reason")
    record = factory.paper(
        made.person.id,
        kind,
        content,
        filename,
        order=order,
        delivered_at=order.closed_at,
        rejection_reason=reason,
    )
    made.files[record.pk] = content
    sealed = {
        "filename": filename,
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "rejection_reason": reason,
    }
    _add(made, "documents", record, sealed)


def _communication(factory: Factory, unique: _Unique, made: Everything, copy: int) -> None:
    at = factory.now - timedelta(days=30 + copy)
    subject, body = unique.text("messages", "subject"), unique.text("messages", "body") + "\nend"
    message = factory.message(
        made.person.id, subject, body, channel="email", sender_verified=True, sent_at=at
    )
    _add(made, "messages", message, {"subject": subject, "body": body})
    to, path = unique.text("mails", "to"), f"/{unique.text('mails', 'context')}"
    mail = factory.mail(made.person.id, "new_device", to, at, context={"path": path})
    _add(made, "mails", mail, {"to": to, "context": {"path": path}})
    _case(factory, unique, made, copy, message.pk)


def _case(
    factory: Factory, unique: _Unique, made: Everything, copy: int, message: ObjectId
) -> None:
    client, at = made.person.id, factory.now - timedelta(days=30 + copy)
    asked = unique.filled(RequestDetails, CATEGORIES["requests"])
    request = factory.request(client, asked, at=at, extended_at=at, finished_at=at)
    _add(made, "requests", request, asked.stored())
    details = unique.filled(CaseDetails, CATEGORIES["cases"])
    case = factory.case(
        details,
        client=client,
        kind=CaseKind.PRIVACY,
        state=CaseState.WAITING if copy else CaseState.CLOSED,
        received_at=at,
        urgent=True,
        closed_at=None if copy else at + timedelta(days=1),
        counted_from=at,
        suggested=Right.ACCESS,
        request=request,
    )
    _add(made, "cases", case, details.stored())
    if factory.vault is None:
        return
    filename = f"{unique.text('attachments', 'filename')}.pdf"
    sealed = {"filename": filename, "media_type": "", "sha256": ""}
    if copy:
        refused = factory.attachment(case, message, filename, refusal="type_unknown")
        _add(made, "attachments", refused, sealed)
        return
    content = f"%PDF-1.4\n% {unique.text('attachments', 'content')}\n%%EOF\n".encode()
    kept = factory.attachment(case, message, filename, content)
    made.files[kept.pk] = content
    sealed |= {"media_type": "application/pdf", "sha256": hashlib.sha256(content).hexdigest()}
    _add(made, "attachments", kept, sealed)


def _technical(factory: Factory, unique: _Unique, made: Everything, copy: int) -> None:
    client, at = made.person.id, factory.now - timedelta(days=20 + copy)
    seen = {name: unique.text("sign-ins", name) for name in ("address", "device", "browser")}
    sign_in = factory.sign_in(
        client, at=at, ended_at=at, analytics=True, policy_unread=True, **seen
    )
    _add(made, "sign-ins", sign_in, seen)
    viewed = {name: unique.text("usage", name) for name in ("address", "browser")}
    view = factory.page_view(client, at=at, **viewed)
    _add(made, "usage", view, {"page": "policy.show", **viewed})
    choice = ("analytics", "marketing")[copy]
    consent = factory.consent(client, choice, True, at=at)
    worded = {"wording": choices.WORDINGS[choice], "given_through": "choices_page"}
    _add(made, "consents", consent, worded)
    details = unique.filled(RequestDetails, CATEGORIES["requests"])
    request = factory.request(client, details, at=at, extended_at=at, finished_at=at)
    _add(made, "requests", request, details.stored())
    reason = unique.text("holds", "reason")
    hold = factory.hold(client, reason, at=at - timedelta(days=9), until=at)
    _add(made, "holds", hold, {"reason": reason})
    passed = unique.filled(DisclosureDetails, CATEGORIES["disclosures"])
    _add(made, "disclosures", factory.disclosure(client, passed, at=at), passed.stored())
    version = f"{2019 + copy}-01"
    notice = factory.notice(client, version, shown_at=at, read_at=at + timedelta(minutes=1))
    _add(made, "notices", notice, {})
    reference = f"B-2025-{unique.token[-5:].upper()}{copy}"
    breach = factory.breach_notice(client, reference, told_at=at)
    _add(made, "breaches", breach, {})


def _activity(factory: Factory, unique: _Unique, made: Everything) -> None:
    client = made.person.id
    reasons = {}
    for _ in range(COPIES):
        reason = unique.text("activity", "reason")
        officer = Actor.staff(ObjectId(), StaffRole.OFFICER)
        told = {"reference": "O-2026-00000000"}
        looked = {"categories": ["identity"], "reason": reason, "details": told}
        seq = ledger.append(client, Event.OVERRIDE, officer, Purpose.LEGAL, **looked)  # type: ignore[arg-type]
        reasons[seq] = reason
    revealed = {"field": "birth_date", "record": str(client)}
    me = Actor.client(client)
    ledger.append(client, Event.VALUE_REVEALED, me, Purpose.LEGAL, details=revealed)
    for entry in LedgerEntry.objects(client=client).order_by("seq"):
        _add(made, "activity", entry, {"reason": reasons.get(entry.seq)})


def _add(made: Everything, slug: str, record: Record, sealed: dict[str, Any]) -> None:
    """Note what the record must show: the sealed values as given, the clear ones as stored."""
    for one in BY_SLUG[slug].fields:
        if one.nested_in is not None or one.kind is Kind.INTERNAL:
            continue
        if one.kind is Kind.SECRET:
            if sealed.get(one.name):
                made.withheld[slug, record.pk, one.name] = sealed[one.name]
            continue
        value = sealed[one.name] if one.sealed else getattr(record, one.path)
        made.expected[slug, record.pk, one.name] = value


class _Unique:
    """Fills dataclasses with values that occur nowhere else."""

    def __init__(self, factory: Factory) -> None:
        self.token = str(factory.new_id("token", "everything"))[-10:]
        self._number = 0

    def text(self, slug: str, name: str) -> str:
        """Recognisable, with signs that bad escaping would break."""
        self._number += 1
        return f'Ünïque {slug} {name} {self.token}-{self._number}, "q" & <t>'

    def filled(self, personal: type[Any], category: Category, parent: str = "") -> Any:
        """The dataclass with every field filled as its kind in the inventory asks."""
        return personal(
            **{
                name: self._value(hint, category, f"{parent}{name}")
                for name, hint in type_hints(personal).items()
            }
        )

    def _value(self, hint: Any, category: Category, name: str) -> Any:
        if inner := nested_type(hint):
            return [self.filled(inner, category, f"{name}.") for _ in range(2)]
        self._number += 1
        fillers: dict[Kind, Callable[[], Any]] = {
            Kind.DATE: lambda: f"19{60 + self._number % 40}-0{1 + self._number % 9}-17",
            Kind.COUNTRY: lambda: ("IS", "MT", "CY", "LV")[self._number % 4],
            Kind.CODE: lambda: CODES[name.rpartition(".")[2]],
        }
        if filler := fillers.get(category.field(name).kind):
            return filler()
        if name == "email":
            return f"ünïque.{self.token}@mail.example"
        return _plain_value(hint, self._number) or self.text(category.slug, name)


def _plain_value(hint: Any, number: int) -> Any:
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if bool in kinds:
        return True
    return 7_000_000 + number if int in kinds else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


__all__ = ["COPIES", "Everything", "everything_about"]
