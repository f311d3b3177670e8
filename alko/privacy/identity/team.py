"""Managing the team: invitations, roles, and the end of somebody's access (P12).

Administrators open members' records through the one door; what is done is in the member's chain.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from bson import ObjectId
from pymongo.client_session import ClientSession

from alko.database import connection
from alko.database.keyring import key_name
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.models.communication import Mail
from alko.models.staff import StaffDetails, StaffMember, StaffRole, StaffSession, StaffStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord, Page
from alko.privacy.identity import staff
from alko.privacy.identity.tokens import Links
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import Purpose

PAGE_SIZE = 25
Result = TypeVar("Result")


class LastAdministrator(Exception):
    """Nobody could manage the team any more."""


class NoSuchMember(LookupError):
    """There is no such member of staff, or they left."""


class Oneself(ValueError):
    """Nobody changes their own role or ends their own access: a colleague does."""


@dataclass(frozen=True)
class Member:
    """A member of staff, opened for an administrator."""

    id: ObjectId
    full_name: str
    email: str
    role: StaffRole
    status: StaffStatus
    last_seen_at: datetime | None
    erased_on: datetime | None
    """Of one who left: when name and address go."""


def listed(by: Actor, number: int) -> tuple[Page, list[Member]]:
    """One page of the team, those who left last; each record that is shown was opened."""
    people = {"status": {"$ne": StaffStatus.DECOY.value}}
    total = StaffMember.raw().count_documents(people)
    page = Page([], number, total, datetime.now(UTC), PAGE_SIZE)
    page = dataclasses.replace(page, number=min(number, page.pages))
    found = StaffMember.raw().find(people, {"_id": 1}).sort([("status", 1), ("_id", 1)])
    shown = found.skip((page.number - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return page, [read(by, one["_id"]) for one in shown]


def read(by: Actor, member: ObjectId) -> Member:
    """One member; NoSuchMember, AccessDenied."""
    if member == staff.DECOY:
        raise NoSuchMember
    record, details = _open(by, member)
    return Member(
        id=member,
        full_name=details.full_name,
        email=details.email,
        role=StaffRole(record.role),
        status=StaffStatus(record.status),
        last_seen_at=record.last_seen_at,
        erased_on=record.erase_after,
    )


def invite(links: Links, by: Actor, full_name: str, email: str, role: StaffRole) -> str:
    """Invite somebody by mail; returns the path of the link. AddressTaken (staff.py)."""
    member = ObjectId()
    details = StaffDetails(full_name=full_name, email=email)
    staff.create(member, details, role, StaffStatus.INVITED)
    ledger.append(member, Event.STAFF_INVITED, by, Purpose.SECURITY, details={"role": role.value})
    return _send_invitation(links, member, email)


def invite_again(links: Links, by: Actor, member: ObjectId) -> str:
    """A new link: for one that ran out, a lost authenticator, or somebody who comes back.

    Whoever had access before must set password and second factor anew. NoSuchMember,
    LastAdministrator.
    """
    if member == staff.DECOY:
        raise NoSuchMember
    record, details = _open(by, member)
    with_role = {"role": record.role}
    ledger.append(member, Event.STAFF_INVITED, by, Purpose.SECURITY, details=with_role)
    record.seal(dataclasses.replace(details, password_hash="", totp_secret=""))
    anew = {"status": StaffStatus.INVITED.value, "erase_after": None, "sealed": record.sealed}
    _change(member, anew)
    StaffSession.raw().delete_many({"client": member})
    return _send_invitation(links, member, details.email)


def _send_invitation(links: Links, member: ObjectId, email: str) -> str:
    mark = secrets.token_hex(8)
    changed = {"$set": {"invitation": mark}, "$inc": {"revision": 1}}
    StaffMember.raw().update_one({"_id": member}, changed)
    path = f"/staff/join/{links.make('staff-join', member, mark)}"
    outbox.write(MailKind.STAFF_INVITATION, member, email, {"link": path}, under="staff")
    return path


def change_role(by: Actor, member: ObjectId, role: StaffRole) -> None:
    """Another role, from the next request on; LastAdministrator, NoSuchMember, Oneself."""
    _present(by, member)
    ledger.append(member, Event.STAFF_CHANGED, by, Purpose.SECURITY, details={"role": role.value})
    _change(member, {"role": role.value}, leaves=role is not StaffRole.ADMINISTRATOR)
    if role is StaffRole.ADMINISTRATOR:
        assignments.release_all(member)


def end_access(by: Actor, member: ObjectId) -> None:
    """Somebody leaves: sessions end at once, work goes back.

    LastAdministrator, NoSuchMember, Oneself.
    """
    _present(by, member)
    ledger.append(member, Event.STAFF_LEFT, by, Purpose.SECURITY)
    over = retention.staff_ends(datetime.now(UTC))
    _change(member, {"status": StaffStatus.LEFT.value, "erase_after": over})
    StaffSession.raw().delete_many({"client": member})
    assignments.release_all(member)


def remove_left(now: datetime) -> int:
    """Erase those who left long enough ago; returns how many.

    Records, mails, chain and keys of one go in one transaction: a crash leaves all or nothing.
    """
    over = {"status": StaffStatus.LEFT.value, "erase_after": {"$lte": now}}
    found = [one["_id"] for one in StaffMember.raw().find(over, {"_id": 1})]
    return sum(_remove({**over, "_id": member}) for member in found)


def _remove(only: dict[str, Any]) -> bool:
    member: ObjectId = only["_id"]

    def remove(session: ClientSession) -> bool:
        if not StaffMember.raw().delete_one(only, session=session).deleted_count:
            return False
        for model in (Mail, LedgerEntry, LedgerCheckpoint):
            model.raw().delete_many({"client": member}, session=session)
        names = [key_name(member, name) for name in staff.KEY_CLASSES]
        connection.current().keyring.destroy(names, session=session)
        return True

    gone = _together(remove)
    ledger.forget(member)
    return gone


def _change(member: ObjectId, values: dict[str, Any], *, leaves: bool = True) -> None:
    """Write it, unless no active administrator would be left; LastAdministrator.

    The others are touched as well: of two administrators who remove each other at once, one waits
    for the other's change and then sees it.
    """

    def change(session: ClientSession) -> None:
        administrators = {
            "role": StaffRole.ADMINISTRATOR.value,
            "status": StaffStatus.ACTIVE.value,
        }
        mine = {**administrators, "_id": member}
        if leaves and StaffMember.raw().find_one(mine, {"_id": 1}, session=session):
            others = {**administrators, "_id": {"$ne": member}}
            touched = StaffMember.raw().update_many(
                others, {"$inc": {"revision": 1}}, session=session
            )
            if not touched.matched_count:
                raise LastAdministrator
        changed = {"$set": values, "$inc": {"revision": 1}}
        StaffMember.raw().update_one({"_id": member}, changed, session=session)

    _together(change)


def _together(work: Callable[[ClientSession], Result]) -> Result:
    with connection.current().client.start_session() as session:
        return session.with_transaction(work)


def _present(by: Actor, member: ObjectId) -> None:
    if by.id == member:
        raise Oneself
    here = [StaffStatus.INVITED.value, StaffStatus.ACTIVE.value]
    if StaffMember.raw().find_one({"_id": member, "status": {"$in": here}}, {"_id": 1}) is None:
        raise NoSuchMember


def _open(by: Actor, member: ObjectId) -> tuple[Any, Any]:
    """The member's record with what is sealed in it; NoSuchMember, AccessDenied."""
    if StaffMember.raw().find_one({"_id": member}, {"_id": 1}) is None:
        raise NoSuchMember
    # At the command line there is no member of staff who acts.
    actor = by if by.kind == "staff" else Actor.job(Job.STAFF)
    try:
        return Dossier.open(
            member, actor, Purpose.SECURITY, categories=["staff"], event=Event.STAFF_READ
        ).record(StaffMember)
    except NoSuchRecord:
        raise NoSuchMember from None
