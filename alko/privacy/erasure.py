"""Erasure: the plan, executed record by record as a resumable run (promises P24, P25, P28).

Every step may be interrupted and is then done again: each looks for what is left. Records go before
their keys, so that no record is ever left behind its key; the register (ids only) stays.
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

import alko.models as models
from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import SealedRecord
from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.client import Client, ClientStatus
from alko.models.document import PaperRecord, UploadIntent
from alko.models.erasure import ErasureRun, ErasureState, Farewell
from alko.models.profile import ContactRecord
from alko.models.staff import Override
from alko.privacy import ledger, receipts, sign_ins
from alko.privacy.access import Actor, Job
from alko.privacy.dossier import Dossier, NoSuchRecord
from alko.privacy.events import Event
from alko.privacy.inventory import CATEGORIES
from alko.privacy.planner import Kept, Occasion, Plan, plan
from alko.privacy.retention import REGISTER_YEARS, add_months
from alko.privacy.survey import survey
from alko.privacy.vocabulary import Purpose

GRACE = timedelta(days=14)
"""How long a client may change their mind if they do not want it now."""

RemoveFile = Callable[[str], None]
OnStep = Callable[[str], None]


class NothingToErase(LookupError):
    """There is no such account, or its erasure is already under way."""


def preview(client: ObjectId, actor: Actor) -> Plan:
    """The plan as it would be executed now, to show before anything is confirmed (P28)."""
    ledger.append(client, Event.ERASURE_PLANNED, actor, Purpose.LEGAL)
    return plan(survey(client), Occasion.REQUEST, datetime.now(UTC))


def schedule(client: ObjectId, actor: Actor, *, at_once: bool) -> ObjectId:
    """Confirm an erasure, now or in 14 days; returns the run's id. NothingToErase."""
    if pending(client) is not None or not Client.raw().find_one({"_id": client}, {"_id": 1}):
        raise NothingToErase
    now = datetime.now(UTC)
    ledger.append(client, Event.ERASURE_CONFIRMED, actor, Purpose.LEGAL)
    run = ErasureRun(
        client=client,
        recorded_at=now,
        state=ErasureState.SCHEDULED.value,
        execute_after=now if at_once else now + GRACE,
    )
    run.save()
    return ObjectId(run.pk)


def pending(client: ObjectId) -> ErasureRun | None:
    """The client's erasure that is scheduled or running, if there is one."""
    states = [ErasureState.SCHEDULED.value, ErasureState.RUNNING.value]
    found: ErasureRun | None = ErasureRun.objects(client=client, state__in=states).first()
    return found


def cancel(client: ObjectId, actor: Actor) -> bool:
    """Cancel a scheduled erasure; False where it has begun or there is none."""
    done = ErasureRun.raw().update_one(
        {"client": client, "state": ErasureState.SCHEDULED.value},
        {"$set": {"state": ErasureState.CANCELLED.value}},
    )
    if not done.modified_count:
        return False
    ledger.append(client, Event.ERASURE_CANCELLED, actor, Purpose.LEGAL)
    return True


def due(now: datetime) -> list[ObjectId]:
    """The runs to execute or to resume, oldest first."""
    query = {
        "$or": [
            {"state": ErasureState.SCHEDULED.value, "execute_after": {"$lte": now}},
            {"state": ErasureState.RUNNING.value},
        ]
    }
    return [run["_id"] for run in ErasureRun.raw().find(query, {"_id": 1}).sort("execute_after")]


def execute(run_id: ObjectId, remove_file: RemoveFile, on_step: OnStep | None = None) -> ErasureRun:
    """Do what is left of a run.

    ``on_step`` is told ``<name> done`` after a step's work, and ``<name> noted`` once the run
    remembers it: between the two a crash has the work done again.
    """
    tell = on_step or _silent
    for name, step in STEPS:
        run = _reload(run_id)
        if name in run.steps:
            continue
        step(run, remove_file)
        tell(f"{name} done")
        ErasureRun.raw().update_one({"_id": run_id}, {"$addToSet": {"steps": name}})
        tell(f"{name} noted")
    return _reload(run_id)


def _silent(_: str) -> None:
    return None


def _open(run: ErasureRun, slug: str, event: Event) -> Dossier:
    job = Actor.job(Job.ERASURE)
    return Dossier.open(run.client, job, Purpose.LEGAL, categories=[slug], event=event)


def _reload(run_id: ObjectId) -> ErasureRun:
    found: ErasureRun = ErasureRun.objects.get(id=run_id)
    return found


def _set(run: ErasureRun, **values: Any) -> None:
    ErasureRun.raw().update_one({"_id": run.pk}, {"$set": values})


def _freeze(run: ErasureRun, _: RemoveFile) -> None:
    """From here on nobody signs in, and the run cannot be cancelled."""
    _set(run, state=ErasureState.RUNNING.value, started_at=datetime.now(UTC))
    frozen = {"status": ClientStatus.ERASING.value}
    Client.raw().update_one({"_id": run.client}, {"$set": frozen, "$inc": {"revision": 1}})
    sign_ins.end_others(run.client, keep=None)


def _keep_address(run: ErasureRun, _: RemoveFile) -> None:
    """The receipt needs an address after all others are gone: sealed under a key of its own."""
    try:
        _, contact = _open(run, "contact", Event.ADDRESS_READ).record(ContactRecord)
    except (NoSuchRecord, KeyDestroyed):
        return
    connection.current().keyring.create([run.key_name()])
    farewell = Farewell(email=contact.email).stored()
    _set(run, sealed=connection.current().keyring.seal(run.key_name(), farewell))


def _decide(run: ErasureRun, _: RemoveFile) -> None:
    made = plan(survey(run.client), Occasion.REQUEST, datetime.now(UTC))
    _set(
        run,
        erased=[{"category": e.held.category, "id": e.held.id} for e in made.erased],
        kept=[_kept_entry(one) for one in made.kept],
    )


def _kept_entry(one: Kept) -> dict[str, Any]:
    return {
        "category": one.held.category,
        "id": one.held.id,
        "why": one.why.value,
        "until": one.until,
        "dropped": list(one.dropped),
    }


def _reduce(run: ErasureRun, _: RemoveFile) -> None:
    """What stays keeps only the fields its rule needs; sealed anew under the same key."""
    for entry in run.kept:
        if not entry["dropped"]:
            continue
        model: type[SealedRecord] = getattr(models, CATEGORIES[entry["category"]].model)
        dossier = _open(run, entry["category"], Event.RECORD_REDUCED)
        try:
            record, personal = dossier.record(model, id=entry["id"])
        except (NoSuchRecord, KeyDestroyed):
            continue  # readable by nobody already
        blank = {f.name: "" for f in dataclasses.fields(personal) if f.name in entry["dropped"]}
        record.seal(dataclasses.replace(personal, **blank))
        record.save()


def _remove_files(run: ErasureRun, remove_file: RemoveFile) -> None:
    for ids in _batches(run.erased, "documents"):
        for paper in PaperRecord.raw().find({"_id": {"$in": ids}}, {"vault_key": 1}):
            remove_file(paper["vault_key"])
    # Files on their way in or out, which a crash left to the worker.
    for intent in UploadIntent.raw().find({"client": run.client}, {"vault_key": 1, "paper": 1}):
        if not any(entry["id"] == intent["paper"] for entry in run.kept):
            remove_file(intent["vault_key"])


def _remove_records(run: ErasureRun, _: RemoveFile) -> None:
    """The plan's records; and what the portal itself wrote since it was made, for instance mails.

    The account goes last: while it is there, nobody can register the same address.
    """
    kept = {entry["category"] for entry in run.kept}
    for slug in sorted(CATEGORIES, key=lambda slug: slug == "account"):
        collection = getattr(models, CATEGORIES[slug].model).raw()
        if slug not in kept:
            collection.delete_many({"client": run.client})
            continue
        for ids in _batches(run.erased, slug):
            collection.delete_many({"client": run.client, "_id": {"$in": ids}})
    for model in (LedgerCheckpoint, UploadIntent, Override):
        model.raw().delete_many({"client": run.client})
    ledger.forget(run.client)


def _batches(entries: Iterable[dict[str, Any]], slug: str, size: int = 500) -> Iterable[list[Any]]:
    ids = [entry["id"] for entry in entries if entry["category"] == slug]
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _destroy_keys(run: ErasureRun, _: RemoveFile) -> None:
    """Every key of the client but those of what is kept, and the one of the receipt's address."""
    keyring = connection.current().keyring
    spared = {run.key_name(), *_keys_of_kept(run)}
    doomed = [n for n in keyring.names(f"client/{run.client}/") if n not in spared]
    _set(run, keys=sorted({*run.keys, *doomed}))
    keyring.destroy(doomed)


def _keys_of_kept(run: ErasureRun) -> set[str]:
    names: set[str] = set()
    for slug in {entry["category"] for entry in run.kept}:
        model = getattr(models, CATEGORIES[slug].model)
        ids = [entry["id"] for entry in run.kept if entry["category"] == slug]
        names |= {record.key_name() for record in model.objects(id__in=ids).exclude("sealed")}
    return names


def _write_receipt(run: ErasureRun, _: RemoveFile) -> None:
    now = datetime.now(UTC)
    receipt = receipts.signed(_statement(run, now), connection.current().signing_key)
    _set(run, receipt=receipt, finished_at=now)


def _statement(run: ErasureRun, now: datetime) -> dict[str, Any]:
    """Plan and result side by side, counted anew from the database."""
    erased = Counter(entry["category"] for entry in run.erased)
    kept = Counter(entry["category"] for entry in run.kept)
    held = Counter(record.category for record in survey(run.client))
    return {
        "statement": "erasure",
        "run": str(run.pk),
        "client": str(run.client),
        "confirmed_at": run.recorded_at.isoformat(),
        "finished_at": now.isoformat(),
        "categories": [
            {
                "category": slug,
                "planned_to_erase": erased[slug],
                "planned_to_keep": kept[slug],
                "still_held": held[slug],
            }
            for slug in CATEGORIES
            if erased[slug] or kept[slug] or held[slug]
        ],
        "kept": [
            {
                "category": entry["category"],
                "why": entry["why"],
                "until": entry["until"].isoformat() if entry["until"] else None,
            }
            for entry in run.kept
        ],
        "as_planned": held == kept,
        "keys_destroyed": len(run.keys),
    }


def _finish(run: ErasureRun, _: RemoveFile) -> None:
    over = add_months(run.finished_at, 12 * REGISTER_YEARS)
    _set(run, state=ErasureState.DONE.value, erase_after=over)


STEPS: tuple[tuple[str, Callable[[ErasureRun, RemoveFile], None]], ...] = (
    ("freeze", _freeze),
    ("keep_address", _keep_address),
    ("decide", _decide),
    ("reduce", _reduce),
    ("remove_files", _remove_files),
    ("remove_records", _remove_records),
    ("destroy_keys", _destroy_keys),
    ("receipt", _write_receipt),
    ("finish", _finish),
)


def tokened(run: ErasureRun) -> str:
    """A fresh token under which the receipt can be read; the newest one works."""
    token = secrets.token_urlsafe(24)
    _set(run, token_hash=hashlib.sha256(token.encode()).hexdigest())
    return token


def address_for_receipt(run: ErasureRun) -> str:
    """Where the receipt goes; KeyDestroyed or NoSuchRecord once it was sent."""
    dossier = _open(run, "erasures", Event.ADDRESS_READ)
    _, farewell = dossier.record(ErasureRun, id=run.pk)
    return str(farewell.email)


def forget_address(run: ErasureRun) -> None:
    """The last traces: the address of the receipt, its key, and the entry of having read it."""
    LedgerEntry.raw().delete_many({"client": run.client})
    ledger.forget(run.client)
    ErasureRun.raw().update_one({"_id": run.pk}, {"$unset": {"sealed": 1}})
    connection.current().keyring.destroy([key_name(run.client, ErasureRun.KEY_CLASS)])


def awaiting_rotation() -> bool:
    """Whether keys were destroyed of which an older, wrapped copy may still exist."""
    return ErasureRun.raw().find_one(_NOT_ROTATED, {"_id": 1}) is not None


def note_rotation(began: datetime) -> int:
    """Note in runs finished before a rotation began: the master key of their day is gone."""
    runs = {**_NOT_ROTATED, "finished_at": {"$lte": began}}
    noted = {"$set": {"copies_unreadable_at": datetime.now(UTC)}}
    return int(ErasureRun.raw().update_many(runs, noted).modified_count)


_NOT_ROTATED = {"state": ErasureState.DONE.value, "copies_unreadable_at": None}
