"""Who works on what: a work item belongs to one member of staff, or to nobody yet (P16)."""

from __future__ import annotations

from bson import ObjectId

import alko.models as models
from alko.models.staff import StaffMember, StaffRole, StaffStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door import grounds
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.grounds import NoSuchWork
from alko.privacy.vocabulary import Purpose


class TakenByAnother(Exception):
    """Somebody else has it already."""


class NotForThem(ValueError):
    """That member of staff cannot have this kind of work."""


def take(actor: Actor, reference: str) -> None:
    """Take an item that nobody has; TakenByAnother, AccessDenied, NoSuchWork."""
    work = grounds.kind_of(reference)
    officer = actor.role == StaffRole.OFFICER
    if actor.id is None or StaffRole(actor.role) not in work.roles or not (work.taken or officer):
        raise AccessDenied("this work is given, not taken")
    _assign(actor, reference, actor.id, only_from=(None, actor.id))


def give(actor: Actor, reference: str, to: ObjectId) -> None:
    """An officer gives an item to somebody, also from one member to another; NotForThem."""
    if actor.kind != "staff" or actor.role != StaffRole.OFFICER:
        raise AccessDenied("officers give work to others")
    member = StaffMember.raw().find_one(
        {"_id": to, "status": StaffStatus.ACTIVE.value}, {"role": 1}
    )
    if member is None or StaffRole(member["role"]) not in grounds.kind_of(reference).roles:
        raise NotForThem
    _assign(actor, reference, to)


def put_back(actor: Actor, reference: str) -> None:
    """Give an item back to the queue: its holder, or an officer."""
    officer = actor.role == StaffRole.OFFICER
    _assign(actor, reference, None, only_from=None if officer else (actor.id,))


def release_all(member: ObjectId) -> int:
    """Put back all that a member had, because they left; returns how much it was."""
    freed = {"$set": {"assigned_to": None}, "$inc": {"revision": 1}}
    return sum(
        getattr(models, work.model).raw().update_many({"assigned_to": member}, freed).modified_count
        for work in grounds.WORK.values()
    )


def holder(reference: str) -> ObjectId | None:
    """Who has it, or None; NoSuchWork."""
    found = _collection(reference).find_one(grounds.locate(reference), {"assigned_to": 1})
    if found is None:
        raise NoSuchWork
    return found.get("assigned_to")


def _assign(
    actor: Actor,
    reference: str,
    to: ObjectId | None,
    only_from: tuple[ObjectId | None, ...] | None = None,
) -> None:
    collection, wanted = _collection(reference), grounds.locate(reference)
    found = collection.find_one(wanted, {"client": 1, "assigned_to": 1})
    if found is None:
        raise NoSuchWork
    if only_from is not None and found.get("assigned_to") not in only_from:
        raise TakenByAnother
    if found.get("assigned_to") == to:
        return
    ledger.append(
        found["client"],
        Event.CASE_ASSIGNED,
        actor,
        Purpose.LEGAL,
        details={"reference": reference.rpartition("/")[2]},
    )
    still = {**wanted, "assigned_to": found.get("assigned_to")}
    done = collection.update_one(still, {"$set": {"assigned_to": to}, "$inc": {"revision": 1}})
    if not done.matched_count:
        raise TakenByAnother


def _collection(reference: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return getattr(models, grounds.kind_of(reference).model).raw()
