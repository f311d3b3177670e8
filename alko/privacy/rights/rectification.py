"""Correction: old and new kept as history, and who got the old value is told (P27; GDPR Art. 16).

Contact details change at once. Who somebody is (IDENTITY) is looked at by a person first, unless
there is nothing there yet. Each correction is a request: it holds both values side by side. What is
corrected, its request and the notices to recipients change in one transaction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from mongoengine import Document
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alko.database.records import retried
from alko.database.transactions import together
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.client import Client
from alko.models.profile import ContactRecord, IdentityRecord
from alko.models.request import Change, DataRequest, RequestDetails, RequestState
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.identity import accounts
from alko.privacy.inventory import CATEGORIES
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.request_changes import Outdated, StepRefused
from alko.privacy.sharing import telling
from alko.privacy.sharing.telling import About
from alko.privacy.vocabulary import Purpose

IDENTITY = tuple(f.name for f in CATEGORIES["identity"].fields if f.correctable)
CONTACT = tuple(f.name for f in CATEGORIES["contact"].fields if f.correctable)
BY_MAIL = "email"
"""The one detail that is confirmed by mail before it changes: see new_address.py."""
GROUPS: tuple[tuple[str, ...], ...] = (
    ("full_name",),
    ("birth_date",),
    ("nationality",),
    ("identification_kind", "identification_number"),
    (BY_MAIL,),
    ("phone",),
    ("street", "city", "postal_code", "country"),
)
"""Details that are corrected together, because one says little without the others."""


class ValueChanged(StepRefused):
    """The value is another one by now than when the correction was asked for."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} was changed meanwhile")
        self.field = field


@dataclass(frozen=True)
class Corrected:
    """What became of typed values: the details changed at once, and the request about the rest."""

    changed: tuple[str, ...] = ()
    review: str | None = None
    """The reference of the request that a person looks at."""

    @property
    def nothing(self) -> bool:
        return not self.changed and self.review is None


def group_of(field: str) -> tuple[str, ...]:
    """The details that are corrected together with this one; KeyError for none of them."""
    for group in GROUPS:
        if field in group:
            return group
    raise KeyError(field)


def slug_of(field: str) -> str:
    """The category that holds a correctable detail."""
    return "identity" if field in IDENTITY else "contact"


def correct(
    client: ObjectId, actor: Actor, values: Mapping[str, str], words: str = ""
) -> Corrected:
    """Take the client's new values: contact, and what was empty, at once; the rest for review."""
    wanted = differences(read(client, actor), values)
    for_review = [one for one in wanted if one.field in IDENTITY and one.old]
    at_once = [one for one in wanted if one not in for_review]
    if at_once:
        apply_now(client, actor, at_once)
    review = file(client, actor, for_review, words) if for_review else None
    return Corrected(tuple(one.field for one in at_once), review)


def differences(held: Mapping[str, str], values: Mapping[str, str]) -> list[Change]:
    """What these values would change, in the order of GROUPS; an email address is left out."""
    return [
        Change(field=name, old=held[name], new=values[name])
        for group in GROUPS
        for name in group
        if name != BY_MAIL and name in values and values[name] != held[name]
    ]


def read(client: ObjectId, actor: Actor) -> dict[str, str]:
    """Every correctable detail as it is held; the reading is in the ledger like any other."""
    dossier = Dossier.open(client, actor, Purpose.SERVICE, categories=["identity", "contact"])
    _, identity = dossier.record(IdentityRecord)
    _, contact = dossier.record(ContactRecord)
    held = {name: str(getattr(identity, name)) for name in IDENTITY}
    return held | {name: str(getattr(contact, name)) for name in CONTACT}


def file(client: ObjectId, actor: Actor, changes: list[Change], words: str) -> str:
    """File a correction for review; takes the place of open ones about the same details."""
    before = pending(client, actor)
    request = requests.file(client, actor, Right.CORRECTION, words, changes=changes)
    fields = {change.field for change in changes}
    for reference, earlier in before.items():
        if set(earlier) <= fields:
            note = f"→ {request.reference}"
            requests.move(client, actor, reference, RequestState.WITHDRAWN, note)
    link = {"link": f"/rights/requests/{request.reference}"}
    notify(client, MailKind.REQUEST_RECEIVED, link, event=f"request/{request.pk}")
    return str(request.reference)


def pending(client: ObjectId, actor: Actor) -> dict[str, tuple[str, ...]]:
    """The client's open corrections by reference, with the details that each is about."""
    found = {}
    for reference in requests.open_references(client, Right.CORRECTION):
        _, details = requests.read(client, actor, reference)
        if details.changes:
            found[reference] = tuple(change.field for change in details.changes)
    return found


def apply_now(client: ObjectId, actor: Actor, changes: list[Change]) -> None:
    """Change these details at once. What replaces something else is kept as history.

    Raises accounts.AddressTaken where it is an email address that has an account.
    """
    reference = None
    if any(change.old for change in changes):
        request = requests.file(
            client, actor, Right.CORRECTION, changes=changes, state=RequestState.IN_PROGRESS
        )
        reference = str(request.reference)
    _apply(client, actor, changes, reference, reviewed=False)


def approve(
    client: ObjectId, actor: Actor, reference: str, note: str = "", *, seen: int | None = None
) -> DataRequest:
    """Correct what a request asks for, and tell the client. Safe to repeat after a crash.

    Raises StepRefused (not a correction, finished), ValueChanged (the value is another one by now),
    Outdated (the request is not as in the revision ``seen``), NoSuchRecord, AccessDenied.
    """
    request, details = _correction(client, actor, reference)
    if seen is not None and request.revision != seen:
        raise Outdated
    _apply(client, actor, details.changes, reference, reviewed=True, note=note)
    notify(
        client,
        MailKind.REQUEST_NEWS,
        {"link": f"/rights/requests/{reference}"},
        event=f"corrected/{reference}",
    )
    return requests.read(client, actor, reference)[0]


def refuse(client: ObjectId, actor: Actor, reference: str, reason: str) -> DataRequest:
    """Refuse a correction with a reason that the client reads; StepRefused, NoSuchRecord."""
    _correction(client, actor, reference)
    return requests.refuse(client, actor, reference, reason)


def evidence(client: ObjectId, actor: Actor, request: ObjectId) -> list[Row]:
    """The papers that were added to a request, newest first."""
    dossier = Dossier.open(client, actor, Purpose.LEGAL, categories=["documents"])
    return dossier.page("documents", where={"request": request}).rows


def _correction(
    client: ObjectId, actor: Actor, reference: str
) -> tuple[DataRequest, RequestDetails]:
    request, details = requests.read(client, actor, reference)
    if request.right != Right.CORRECTION or not details.changes:
        raise StepRefused("this request asks for no correction")
    if request.finished:
        raise StepRefused("this request is finished")
    return request, details


def _apply(
    client: ObjectId,
    actor: Actor,
    changes: list[Change],
    reference: str | None,
    *,
    reviewed: bool,
    note: str = "",
) -> None:
    fields = sorted(change.field for change in changes)
    slugs = {slug_of(name) for name in fields}
    dossier = Dossier.open(
        client,
        actor,
        Purpose.LEGAL,
        categories=slugs | ({"requests"} if reference else set()),
        event=Event.PROFILE_CHANGED,
        details={"fields": fields},
    )
    if reference:
        told = {"reference": reference, "state": RequestState.DONE.value}
        ledger.append(
            client,
            Event.REQUEST_MOVED,
            actor,
            Purpose.LEGAL,
            categories=["requests"],
            details=told,
        )

    def change(session: ClientSession) -> None:
        done = [
            one
            for slug in sorted(slugs)
            for one in _write(dossier, slug, changes, reviewed, actor, session)
        ]
        if reference:
            _finish(dossier, reference, done, note, session)
            _tell(client, reference, done, session)

    try:
        retried(lambda: together(change))
    except DuplicateKeyError:
        raise accounts.AddressTaken from None


def _write(
    dossier: Dossier,
    slug: str,
    changes: list[Change],
    reviewed: bool,
    actor: Actor,
    session: ClientSession,
) -> list[Change]:
    """Write the values of one category; returns them with what really stood there before."""
    model: Any = IdentityRecord if slug == "identity" else ContactRecord
    record, personal = dossier.record(model)
    done = []
    for one in changes:
        if slug_of(one.field) != slug:
            continue
        held = str(getattr(personal, one.field))
        if reviewed and held not in (one.old, one.new):
            raise ValueChanged(one.field)
        old = one.old if held == one.new else held
        done.append(dataclasses.replace(one, old=old, by=actor.code))
    values = {one.field: one.new for one in done}
    fresh = dataclasses.replace(personal, **values)
    if slug == "identity":
        number = fresh.identification_number
        record.identification_index = accounts.index_of("identification", number)
    else:
        record.phone_index = accounts.index_of("phone", fresh.phone)
    if BY_MAIL in values:
        fresh = dataclasses.replace(fresh, new_email="")
        record.new_email_until = None
        _set(
            Client,
            {"_id": dossier.client},
            {"email_index": accounts.email_index(fresh.email)},
            session,
        )
    record.seal(fresh)
    record.save(session=session)
    return done


def _set(
    model: type[Document], query: dict[str, Any], values: dict[str, Any], session: ClientSession
) -> None:
    update = {"$set": values, "$inc": {"revision": 1}}
    model._get_collection().update_one(query, update, session=session)


def _finish(
    dossier: Dossier, reference: str, done: list[Change], note: str, session: ClientSession
) -> None:
    request, details = dossier.record(DataRequest, reference=reference)
    if request.finished:
        raise StepRefused("this request is finished")
    order = [change.field for change in details.changes]
    kept = sorted(done, key=lambda change: order.index(change.field))
    details = dataclasses.replace(details, changes=kept)
    requests.close(request, details, RequestState.DONE, datetime.now(UTC), note)
    request.save(session=session)


def _tell(client: ObjectId, reference: str, done: list[Change], session: ClientSession) -> None:
    """Recipients who got a value that was replaced are told (GDPR Art. 19)."""
    data = [f"{slug_of(one.field)}.{one.field}" for one in done if one.old]
    if data:
        telling.prepare(client, About.CORRECTED, f"correction/{reference}", data, session=session)
