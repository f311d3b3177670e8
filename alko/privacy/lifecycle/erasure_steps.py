"""The steps of an erasure, each of which looks for what is left and may be done again.

Records go before their keys, so that no record is ever left behind its key. Where something must be
kept until a legal hold or an order ends, the last step plans the run that takes it then.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import SealedRecord, retried
from alko.models.activity import LedgerCheckpoint
from alko.models.client import Client, ClientStatus
from alko.models.contact import Attachment
from alko.models.disclosure import Disclosure
from alko.models.document import PaperRecord, UploadIntent
from alko.models.erasure import UNDER_WAY, ErasureRun, ErasureState, Farewell
from alko.models.profile import ContactRecord
from alko.models.recipient import RecipientNotice
from alko.models.staff import Override
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import sign_ins
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import receipts
from alko.privacy.lifecycle.planner import Kept, Occasion, Why, plan
from alko.privacy.lifecycle.retention import REGISTER_YEARS, add_months
from alko.privacy.lifecycle.survey import survey
from alko.privacy.sharing import disclosures, telling
from alko.privacy.sharing.telling import About
from alko.privacy.vocabulary import Purpose

RECHECK = timedelta(days=365)
"""When the rest of an order under way is looked at again; its closing comes first (see orders)."""

RemoveFile = Callable[[str], None]


class Cancelled(Exception):
    """The client changed their mind before it began."""


def opened(run: ErasureRun, slug: str, event: Event) -> Dossier:
    """The client's dossier, as an erasure may open it."""
    job = Actor.job(Job.ERASURE)
    return Dossier.open(run.client, job, Purpose.LEGAL, categories=[slug], event=event)


def note(run: ErasureRun, **values: Any) -> None:
    """Write into the run."""
    ErasureRun.raw().update_one({"_id": run.pk}, {"$set": values})


def _freeze(run: ErasureRun, _: RemoveFile) -> None:
    """From here on nobody signs in, nothing more is held, and the run cannot be cancelled."""
    begun = {"state": ErasureState.RUNNING.value, "started_at": datetime.now(UTC)}
    mine = {"_id": run.pk, "state": {"$in": list(UNDER_WAY)}}
    if not ErasureRun.raw().update_one(mine, {"$set": begun}).matched_count:
        raise Cancelled
    frozen = {"status": ClientStatus.ERASING.value}
    Client.raw().update_one({"_id": run.client}, {"$set": frozen, "$inc": {"revision": 1}})
    sign_ins.end_others(run.client, keep=None)


def _keep_address(run: ErasureRun, _: RemoveFile) -> None:
    """The receipt needs an address after all others are gone: sealed under a key of its own."""
    try:
        _, contact = opened(run, "contact", Event.ADDRESS_READ).record(ContactRecord)
    except (NoSuchRecord, KeyDestroyed):
        return
    connection.current().keyring.create([run.key_name()])
    farewell = Farewell(email=contact.email).stored()
    note(run, sealed=connection.current().keyring.seal(run.key_name(), farewell))


def _decide(run: ErasureRun, _: RemoveFile) -> None:
    made = plan(survey(run.client), Occasion.REQUEST, datetime.now(UTC))
    note(
        run,
        erased=Counter(one.held.category for one in made.erased),
        kept=[_kept_entry(one) for one in made.kept],
    )


def _kept_entry(one: Kept) -> dict[str, Any]:
    return {
        "category": one.held.category,
        "id": one.held.id,
        "why": one.why.value,
        "until": one.until,
        "dropped": list(one.dropped),
        "told": one.held.hold_told,
    }


def _tell_recipients(run: ErasureRun, _: RemoveFile) -> None:
    """Who got what goes now is told that it was erased (Art. 19), before the record of it goes."""
    going = Disclosure.raw().distinct("_id", _going(run, "disclosures"))
    telling.prepare(run.client, About.ERASED, f"erasure/{run.pk}", records=going)
    told = {
        (one.recipient.value, one.company): "notice" if one.can_read else "files_removed"
        for one in disclosures.holders(run.client, going)
    }
    companies = [
        {"recipient": recipient, "company": company, "how": how}
        for (recipient, company), how in told.items()
    ]
    note(run, recipients=companies)


def _reduce(run: ErasureRun, _: RemoveFile) -> None:
    """What stays keeps only the fields its rule needs, sealed anew under keys of its own.

    So all old keys can go: an older copy of these records, with all their fields, opens no more.
    """
    for slug in dict.fromkeys(entry["category"] for entry in run.kept):
        model = getattr(models, CATEGORIES[slug].model)
        if issubclass(model, SealedRecord):
            dossier = opened(run, slug, Event.RECORD_REDUCED)
            for entry in run.kept:
                if entry["category"] == slug:
                    retried(partial(_set_apart, run, dossier, model, entry))


def _set_apart(
    run: ErasureRun, dossier: Dossier, model: type[SealedRecord], entry: dict[str, Any]
) -> None:
    try:
        record, personal = dossier.record(model, id=entry["id"])
    except (NoSuchRecord, KeyDestroyed):
        return  # readable by nobody already
    if record.kept_by == run.pk:
        return
    blank = {f.name: "" for f in dataclasses.fields(personal) if f.name in entry["dropped"]}
    if isinstance(record, PaperRecord):
        record.content_index = None  # by which whoever has the file could recognise it
    record.kept_by = run.pk
    connection.current().keyring.create([record.key_name()])
    record.seal(dataclasses.replace(personal, **blank))
    record.save()


def _remove_files(run: ErasureRun, remove_file: RemoveFile) -> None:
    for slug, model in (("documents", PaperRecord), ("attachments", Attachment)):
        stored = {**_going(run, slug), "vault_key": {"$exists": True}}
        for file in model.raw().find(stored, {"vault_key": 1}):
            remove_file(file["vault_key"])
    # Files on their way in or out, which a crash left to the worker.
    for intent in UploadIntent.raw().find({"client": run.client}, {"vault_key": 1, "paper": 1}):
        if not any(entry["id"] == intent["paper"] for entry in run.kept):
            remove_file(intent["vault_key"])


def _remove_records(run: ErasureRun, _: RemoveFile) -> None:
    """All but what is kept; so also what the portal itself wrote since the plan, such as mails.

    The account goes last: while it is there, nobody can register the same address.
    """
    for slug in sorted(CATEGORIES, key=lambda slug: slug == "account"):
        collection = getattr(models, CATEGORIES[slug].model).raw()
        going = _going(run, slug)
        if slug == "activity" and _kept_ids(run, slug):
            # To a held chain belongs what the erasure itself adds.
            going["recorded_at"] = {"$lt": run.started_at}
        collection.delete_many(going)
    if not _kept_ids(run, "activity"):
        LedgerCheckpoint.raw().delete_many({"client": run.client})
        ledger.forget(run.client)
    for model in (UploadIntent, Override, RecipientNotice):
        model._get_collection().delete_many({"client": run.client})
    # An account under a hold is nobody's account any more: its address is free again.
    Client.raw().update_one({"_id": run.client}, {"$set": {"email_index": f"held/{run.client}"}})


def _kept_ids(run: ErasureRun, slug: str) -> list[ObjectId]:
    return [entry["id"] for entry in run.kept if entry["category"] == slug]


def _going(run: ErasureRun, slug: str) -> dict[str, Any]:
    """The query for what goes of a category: all of the client's that is not kept."""
    kept = _kept_ids(run, slug)
    return {"client": run.client, **({"_id": {"$nin": kept}} if kept else {})}


def _destroy_keys(run: ErasureRun, _: RemoveFile) -> None:
    """Every key of the client but those of what is kept, and the one of the receipt's address."""
    keyring = connection.current().keyring
    spared = {run.key_name(), *_keys_of_kept(run)}
    doomed = [n for n in keyring.names(f"client/{run.client}/") if n not in spared]
    note(run, keys=sorted({*run.keys, *doomed}))
    keyring.destroy(doomed)
    note(run, keys_destroyed_at=datetime.now(UTC))


def _keys_of_kept(run: ErasureRun) -> set[str]:
    names: set[str] = set()
    for slug in {entry["category"] for entry in run.kept}:
        model = getattr(models, CATEGORIES[slug].model)
        if issubclass(model, SealedRecord):
            found = model.objects(id__in=_kept_ids(run, slug)).exclude("sealed")
            names |= {record.key_name() for record in found}
        elif slug == "activity":
            names.add(key_name(run.client, models.LedgerEntry.KEY_CLASS))
    return names


def _write_receipt(run: ErasureRun, _: RemoveFile) -> None:
    now = datetime.now(UTC)
    note(run, receipt=receipts.of_run(run, now), finished_at=now)


def _finish(run: ErasureRun, _: RemoveFile) -> None:
    _plan_the_rest(run)
    over = add_months(run.finished_at, 12 * REGISTER_YEARS)
    note(run, state=ErasureState.DONE.value, erase_after=over)


def _plan_the_rest(run: ErasureRun) -> None:
    """A run for what cannot go yet, found by its date; a crash before the end repeats this."""
    ends = {
        Why.LEGAL_HOLD: lambda entry: entry["until"],
        Why.LEGAL_DUTY: lambda entry: entry["until"],
        Why.OPEN_ORDER: lambda _: run.finished_at + RECHECK,
    }
    waiting = [ends[Why(e["why"])](e) for e in run.kept if Why(e["why"]) in ends]
    if not waiting:
        return
    rest = {
        "client": run.client,
        "recorded_at": run.recorded_at,
        "state": ErasureState.SCHEDULED.value,
        "execute_after": min(waiting),
    }
    ErasureRun.raw().update_one({"follows": run.pk}, {"$setOnInsert": rest}, upsert=True)


STEPS: tuple[tuple[str, Callable[[ErasureRun, RemoveFile], None]], ...] = (
    ("freeze", _freeze),
    ("keep_address", _keep_address),
    ("decide", _decide),
    ("tell_recipients", _tell_recipients),
    ("reduce", _reduce),
    ("remove_files", _remove_files),
    ("remove_records", _remove_records),
    ("destroy_keys", _destroy_keys),
    ("receipt", _write_receipt),
    ("finish", _finish),
)
