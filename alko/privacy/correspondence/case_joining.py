"""A stranger's case joins the dossier of the client who says, signed in, that it is theirs.

Everything of the correspondent is sealed anew under the client's keys, record by record, each in
one write; then the correspondent's keys are destroyed. A crash anywhere is followed by a
resumption: the case says to whom it is moving, and each step looks for what is left.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.database.keyring import KeyDestroyed
from alko.database.records import SealedRecord, retried
from alko.models.activity import LedgerEntry
from alko.models.client import Client, ClientStatus
from alko.models.communication import Mail, Message
from alko.models.contact import OF_STRANGER, Attachment, Case
from alko.models.disclosure import Disclosure
from alko.models.oversight import BreachNotice
from alko.models.request import DataRequest, RequestState
from alko.privacy.accountability import chain, ledger
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import case_mails, cases, correspondents
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.rights import requests
from alko.privacy.vocabulary import Purpose

MOVED: tuple[tuple[str, type[SealedRecord]], ...] = (
    ("messages", Message),
    ("attachments", Attachment),
    ("requests", DataRequest),
    ("mails", Mail),
    ("disclosures", Disclosure),
)
SHOWN_AT_MOST = 20


class NotTheirs(Exception):
    """The case was written from another address than the client's own."""


def waiting_for(client: ObjectId) -> list[Case]:
    """Strangers' cases with this client's address, newest first: clear fields only."""
    account = Client.raw().find_one({"_id": client}, {"email_index": 1})
    if account is None:
        return []
    found = Case.objects(email_index=account["email_index"], __raw__=OF_STRANGER).exclude("sealed")
    return list(found.order_by("-recorded_at").limit(SHOWN_AT_MOST))


def is_theirs(client: ObjectId, case: Case) -> bool:
    """Whether it is a stranger's case with the address of this client's account."""
    account = Client.raw().find_one(
        {"_id": client, "status": ClientStatus.ACTIVE.value}, {"email_index": 1}
    )
    return case.of_stranger and bool(account) and account["email_index"] == case.email_index


def join(actor: Actor, reference: str) -> Case:
    """Move the case into the acting client's dossier; NotTheirs, NoSuchRecord."""
    client = actor.id
    case = cases.find(reference)
    if not case.of_stranger and case.client == client:
        return case
    if client is None or not is_theirs(client, case) or case.joining not in (None, client):
        raise NotTheirs
    retried(lambda: _begin(reference, client))
    _move(case.pk, client)
    return cases.find(reference)


def complete_all() -> int:
    """Complete what crashes interrupted; returns how many cases that concerned."""
    begun = list(Case.raw().find({"joining": {"$type": "objectId"}}, {"joining": 1}))
    for case in begun:
        _move(case["_id"], case["joining"])
    return len(begun) + case_mails.tell_all()


def _begin(reference: str, client: ObjectId) -> None:
    """From here on nothing more is written to the correspondent: see cases._changed."""
    case = cases.find(reference)
    if case.of_stranger and case.joining is None:
        case.joining = client
        case.save()


def _move(number: ObjectId, client: ObjectId) -> None:
    case = Case.objects(id=number).exclude("sealed").get()
    if case.of_stranger:
        try:
            _move_records(case, client)
        except KeyDestroyed:
            _give_up(case)
            return
    _tell_the_ledger(number, client, case.reference)
    _finish(number)


def _give_up(case: Case) -> None:
    """The client was erased meanwhile, with what had moved: the rest stays where it is."""
    here = {"_id": case.pk, "client": case.pk}
    Case.raw().update_one(here, {"$unset": {"joining": 1}, "$inc": {"revision": 1}})


def _move_records(case: Case, client: ObjectId) -> None:
    dossier = Dossier.open(
        case.pk,
        Actor.job(Job.CASES),
        Purpose.COMMUNICATION,
        categories=["cases", *(category for category, _ in MOVED)],
        event=Event.CASE_JOINED,
        details={"reference": case.reference},
    )
    for _, model in MOVED:
        for found in list(model.raw().find({"client": case.pk}, {"_id": 1})):
            retried(lambda one=found["_id"], model=model: _reseal(dossier, model, one, client))  # type: ignore[misc]
    retried(lambda: _reseal(dossier, Case, case.pk, client))


def _reseal(
    dossier: Dossier, model: type[SealedRecord], number: ObjectId, client: ObjectId
) -> None:
    try:
        record, personal = dossier.record(model, id=number)
    except NoSuchRecord:
        return  # moved or swept a moment ago
    record.client = client
    if isinstance(record, DataRequest) and record.state == RequestState.IDENTITY_CHECK:
        personal = requests.identified(record, personal)  # as whoever is signed in
    if isinstance(record, Case):
        record.token_hash = None
        record.confirmed_at = record.confirmed_at or datetime.now(UTC)
    record.seal(personal)
    record.save()


def _tell_the_ledger(number: ObjectId, client: ObjectId, reference: str) -> None:
    """What happened to the case before is told in the client's own chain, entry by entry (P17).

    With who it was and when: by that the scope of a breach and a search find these accesses.
    """
    actor = Actor.job(Job.CASES)
    told = {"client": client, "event": Event.CASE_EARLIER.value, "details.reference": reference}
    noted = {one["details"]["entry"] for one in LedgerEntry.raw().find(told, {"details": 1})}
    for entry in ledger.entries(number):
        if entry["seq"] in noted:
            continue
        details = {
            "reference": reference,
            "entry": entry["seq"],
            "event": entry["event"],
            "actor": entry["actor"],
            "member": str(entry["actor_id"]) if entry["actor_id"] else None,
            "on": chain.timestamp(entry["recorded_at"]),
        }
        ledger.append(
            client,
            Event.CASE_EARLIER,
            actor,
            Purpose(entry["purpose"]),
            categories=entry["categories"],
            details=details,
        )


def _move_notices(number: ObjectId) -> None:
    """Of which breaches they were told; where the client was told as well, that is enough."""
    client = Case.raw().find_one({"_id": number}, {"client": 1})["client"]
    for notice in BreachNotice.raw().find({"client": number}, {"_id": 1}):
        with suppress(DuplicateKeyError):
            BreachNotice.raw().update_one({"_id": notice["_id"]}, {"$set": {"client": client}})


def _finish(number: ObjectId) -> None:
    """The correspondent is nobody any more: what is left of them goes with their keys."""
    _move_notices(number)
    correspondents.forget(number)
    Case.raw().update_one({"_id": number}, {"$unset": {"joining": 1}, "$inc": {"revision": 1}})
