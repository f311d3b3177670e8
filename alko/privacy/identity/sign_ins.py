"""Sign-in records: one per device, named by the cookie's token, ended at once when asked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from alko.database import connection
from alko.database.records import CHANGED
from alko.models.client import Client
from alko.models.erasure import ErasureRun, ErasureState
from alko.models.technical import SignIn, SignInDetails, SignInState
from alko.privacy.identity import activity, notices
from alko.privacy.lifecycle import retention

TOUCH_EVERY = timedelta(minutes=5)
"""How exact "last seen" is; a finer one would cost a write per page."""

IDLE = timedelta(days=30)
"""A sign-in that was not used for so long is over."""


@dataclass(frozen=True)
class OpenSignIn:
    id: ObjectId
    client: ObjectId
    analytics: bool
    policy_unread: bool
    erasure_at: datetime | None = None


def begin(
    client: ObjectId, address: str, device: str, browser: str, *, analytics: bool
) -> tuple[str, bool]:
    """Record a sign-in. Returns the token for the cookie, and whether the device is new.

    ``address`` is truncated by the caller. Only the token's hash is stored.
    """
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(32)
    index = connection.current().blind_index.of("device", f"{client}|{device}|{browser}")
    fields = {"recorded_at": 1, "restricted_at": 1}
    account = Client.raw().find_one_and_update({"_id": client}, activity.until(now), fields)
    seen = SignIn.raw().find_one({"client": client, "device_index": index}, {"_id": 1})
    SignIn.sealing(
        SignInDetails(address=address, device=device, browser=browser),
        client=client,
        recorded_at=now,
        erase_after=retention.technical_ends(now),
        token_hash=hashed(token),
        device_index=index,
        state=SignInState.OPEN.value,
        analytics=analytics and not (account or {}).get("restricted_at"),
        erasure_at=_erasure_of(client),
        policy_unread=bool(account) and notices.is_due(client, account["recorded_at"]),
        last_seen_at=now,
    ).save()
    return token, seen is None


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_open(token: str) -> OpenSignIn | None:
    """The open sign-in of a token, or None; notes that it was seen (every few minutes)."""
    found = SignIn.raw().find_one(
        {"token_hash": hashed(token), **open_now()},
        {"client": 1, "analytics": 1, "policy_unread": 1, "erasure_at": 1, "last_seen_at": 1},
    )
    if found is None:
        return None
    now = datetime.now(UTC)
    if now - found["last_seen_at"] > TOUCH_EVERY:
        SignIn.raw().update_one({"_id": found["_id"]}, {"$set": {"last_seen_at": now}})
        Client.raw().update_one({"_id": found["client"]}, activity.until(now))
    return OpenSignIn(
        found["_id"],
        found["client"],
        found["analytics"],
        found["policy_unread"],
        found.get("erasure_at"),
    )


def open_now() -> dict[str, object]:
    """What a sign-in must be to open anything: not ended, and used not too long ago."""
    recent = {"$gte": datetime.now(UTC) - IDLE}
    return {"state": SignInState.OPEN.value, "last_seen_at": recent}


def end(client: ObjectId, sign_in: ObjectId) -> bool:
    """End one of the client's sign-ins; False where there is no such open one."""
    return _end({"client": client, "_id": sign_in}) == 1


def end_others(client: ObjectId, keep: ObjectId | None) -> int:
    """End all open sign-ins of the client but one; returns how many ended."""
    return _end({"client": client, "_id": {"$ne": keep}})


def set_analytics(client: ObjectId, granted: bool) -> None:
    """Repeat the client's choice in all open sign-ins, so that it holds from the next request."""
    _open_of(client, {"$set": {"analytics": granted}, **CHANGED})


def set_erasure(client: ObjectId, begins: datetime | None) -> None:
    """Repeat in all open sign-ins when a scheduled deletion begins; None: there is none."""
    _open_of(client, {"$set": {"erasure_at": begins}})


def _erasure_of(client: ObjectId) -> datetime | None:
    scheduled = {"client": client, "state": ErasureState.SCHEDULED.value}
    found = ErasureRun.raw().find_one(scheduled, {"execute_after": 1})
    return found["execute_after"] if found else None


def _end(query: dict[str, object]) -> int:
    ended = {"state": SignInState.ENDED.value, "ended_at": datetime.now(UTC)}
    query = {**query, "state": SignInState.OPEN.value}
    return int(SignIn.raw().update_many(query, {"$set": ended}).modified_count)


def _open_of(client: ObjectId, update: dict[str, object]) -> None:
    SignIn.raw().update_many({"client": client, "state": SignInState.OPEN.value}, update)
