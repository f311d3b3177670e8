"""Members of staff: joining by an invitation, and signing in with two factors (P12).

Their records are opened through the one door like a client's, and what they do is written into a
chain of their own in the same ledger (its number is the member's).
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.database.keyring import KeyDestroyed
from alko.models.staff import StaffDetails, StaffMember, StaffRole, StaffSession, StaffStatus
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts, passwords, second_factor, tokens
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.vocabulary import Purpose

KEY_CLASSES = ("staff", "account")
"""``account`` seals reasons in the member's chain."""
DECOY = ledger.DECOYS[1]
IDLE = timedelta(minutes=30)
"""A session that was not used for so long is over."""
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
INVITATION_SECONDS = 48 * 60 * 60


class AddressTaken(Exception):
    """A member of staff has this address already."""


@dataclass(frozen=True)
class OpenSession:
    id: ObjectId
    member: ObjectId
    role: StaffRole


def ensure_decoy() -> None:
    """Create the decoy if it is not there; safe from several processes at once."""
    if StaffMember.raw().find_one({"_id": DECOY}, {"_id": 1}):
        return
    details = StaffDetails(
        full_name="",
        email="nobody@decoy.invalid",
        password_hash=passwords.hash_password(secrets.token_urlsafe(32)),
    )
    try:
        create(DECOY, details, StaffRole.ADMINISTRATOR, StaffStatus.DECOY)
    except AddressTaken:
        return


def create(
    member: ObjectId, details: StaffDetails, role: StaffRole, status: StaffStatus
) -> StaffMember:
    """Store a member; AddressTaken."""
    accounts.create_keys(member, KEY_CLASSES)
    try:
        return StaffMember.sealing(
            details,
            id=member,
            client=member,
            recorded_at=datetime.now(UTC),
            email_index=accounts.email_index(details.email),
            role=role.value,
            status=status.value,
        ).save()
    except NotUniqueError:
        raise AddressTaken from None


def check_password(email: str, password: str) -> ObjectId | None:
    """The member if the password is right; None otherwise, at equal cost."""
    known = {"email_index": accounts.email_index(email), "status": StaffStatus.ACTIVE.value}
    found = StaffMember.raw().find_one(known, {"_id": 1})
    _, details = _open(found["_id"] if found else DECOY, Event.STAFF_SIGN_IN_ATTEMPTED)
    right = passwords.verify_password(details.password_hash, password)
    return found["_id"] if found and right else None


def code_is_right(member: ObjectId, code: str) -> bool:
    """Check a code of the second factor; each works once, also for two at once.

    A wrong one is in the member's chain, where it is watched for.
    """
    record, details = _open(member, Event.STAFF_READ)
    if record.status != StaffStatus.ACTIVE:
        return False
    step = second_factor.accepted_step(details.totp_secret, code, record.totp_last_used)
    right = step is not None and _take_step(member, step)
    if not right:
        ledger.append(member, Event.STAFF_CODE_REFUSED, Actor.job(Job.STAFF), Purpose.SECURITY)
    return right


def _take_step(member: ObjectId, step: int) -> bool:
    fresh = {"_id": member, "totp_last_used": {"$lt": step}}
    taken = {"$set": {"totp_last_used": step}, "$inc": {"revision": 1}}
    return bool(StaffMember.raw().update_one(fresh, taken).modified_count)


def begin_session(member: ObjectId) -> str:
    """Begin a session; returns the token for the cookie, of which only the hash is stored."""
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(32)
    ledger.append(member, Event.STAFF_SIGNED_IN, _myself(member), Purpose.SECURITY)
    StaffSession(
        client=member,
        recorded_at=now,
        erase_after=now + LONGEST,
        token_hash=_hashed(token),
        last_seen_at=now,
    ).save()
    _seen(member, now)
    return token


def find_session(token: str) -> OpenSession | None:
    """The open session of a token with the member's role of this moment, or None."""
    now = datetime.now(UTC)
    pipeline: list[dict[str, Any]] = [
        {
            "$match": {
                "token_hash": _hashed(token),
                "last_seen_at": {"$gte": now - IDLE},
                "erase_after": {"$gt": now},
            }
        },
        {
            "$lookup": {
                "from": StaffMember.raw().name,
                "localField": "client",
                "foreignField": "_id",
                "pipeline": [
                    {"$match": {"status": StaffStatus.ACTIVE.value}},
                    {"$project": {"role": 1}},
                ],
                "as": "member",
            }
        },
        {"$unwind": "$member"},
    ]
    found = next(iter(StaffSession.raw().aggregate(pipeline)), None)
    if found is None:
        return None
    if now - found["last_seen_at"] > TOUCH_EVERY:
        StaffSession.raw().update_one({"_id": found["_id"]}, {"$set": {"last_seen_at": now}})
        _seen(found["client"], now)
    return OpenSession(found["_id"], found["client"], StaffRole(found["member"]["role"]))


def _seen(member: ObjectId, now: datetime) -> None:
    StaffMember.raw().update_one({"_id": member}, {"$set": {"last_seen_at": now}})


def end_session(member: ObjectId, session: ObjectId) -> None:
    """End one session."""
    if StaffSession.raw().delete_one({"_id": session, "client": member}).deleted_count:
        ledger.append(member, Event.STAFF_SIGNED_OUT, _myself(member), Purpose.SECURITY)


def invited(links: Links, token: str) -> tuple[ObjectId, str]:
    """Whom a link invites: the member and the email address; LinkInvalid."""
    member, mark = links.read("staff-join", token, INVITATION_SECONDS)
    try:
        record, details = _open(member, Event.STAFF_READ)
    except (NoSuchRecord, KeyDestroyed):
        raise LinkInvalid from None
    if record.status != StaffStatus.INVITED or tokens.fingerprint(record.invitation or "") != mark:
        raise LinkInvalid
    return member, details.email


def join(links: Links, token: str, password: str, secret: str, code: str) -> bool:
    """Set password and second factor; False for a wrong code. LinkInvalid."""
    member, _ = invited(links, token)
    step = second_factor.accepted_step(secret, code, 0)
    if step is None:
        return False
    record, details = _open(member, Event.STAFF_JOINED)
    record.status = StaffStatus.ACTIVE.value
    record.totp_last_used = step
    record.invitation = ""
    record.seal(
        dataclasses.replace(
            details, password_hash=passwords.hash_password(password), totp_secret=secret
        )
    )
    record.save()
    return True


def active(*roles: StaffRole) -> list[tuple[ObjectId, StaffRole]]:
    """Members who can sign in, of these roles or of any; ids and roles only."""
    wanted: dict[str, Any] = {"status": StaffStatus.ACTIVE.value}
    if roles:
        wanted["role"] = {"$in": [role.value for role in roles]}
    return [
        (one["_id"], StaffRole(one["role"]))
        for one in StaffMember.raw().find(wanted, {"role": 1}).sort("_id", 1)
    ]


def names(*roles: StaffRole) -> list[tuple[ObjectId, StaffRole, str]]:
    """Members who can sign in, of these roles, with their names: for those who give work out."""
    return [
        (member, role, str(_open(member, Event.STAFF_READ)[1].full_name))
        for member, role in active(*roles)
    ]


def _open(member: ObjectId, event: Event) -> tuple[Any, Any]:
    """The member's record with what is sealed in it."""
    return Dossier.open(
        member,
        Actor.job(Job.STAFF),
        Purpose.SECURITY,
        categories=["staff"],
        event=event,
    ).record(StaffMember)


def _myself(member: ObjectId) -> Actor:
    record = StaffMember.raw().find_one({"_id": member}, {"role": 1})
    return Actor.staff(member, StaffRole(record["role"]))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
