"""The ledger: append-only, one hash chain per client, written before data is returned (P17).

Entries hold ids and codes. Two writers cannot fork a chain: ``(client, seq)`` is unique, and the
one who comes second reads the new head and tries again.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from cachetools import LRUCache
from pymongo.errors import DuplicateKeyError, PyMongoError

from alko.database import connection
from alko.models.activity import LedgerCheckpoint, LedgerEntry, ReasonGiven
from alko.privacy.accountability import chain
from alko.privacy.accountability.events import Event, checked_details
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose

ATTEMPTS = 200
"""How often an append is tried against other writers before it fails (closed)."""

DECOYS = (ObjectId("0" * 24), ObjectId("0" * 23 + "1"))
"""The chains of nobody's accounts, a client's and a member's: they lose their oldest entries."""

_heads: LRUCache[ObjectId, tuple[int, str]] = LRUCache(maxsize=4096)
_heads_lock = threading.Lock()
_locks = [threading.Lock() for _ in range(64)]


class LedgerUnavailable(Exception):
    """The entry could not be written, so nothing may be returned."""


def append(
    client: ObjectId,
    event: Event,
    actor: Actor,
    purpose: Purpose,
    *,
    categories: Iterable[str] = (),
    details: Mapping[str, Any] | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> int:
    """Write one entry and return its number in the client's chain (from 1).

    ``at`` dates an entry that demo data or an import brings along; it must not lie before the one
    ahead of it. Without it the entry happens now.

    Raises LedgerUnavailable when it cannot be written. The usual cost is one write: the head is
    remembered, and read again only after somebody else wrote.
    """
    entry: dict[str, Any] = {
        "client": client,
        "event": event.value,
        "purpose": purpose.value,
        "actor": actor.code,
        "actor_id": actor.id if actor.kind == "staff" else None,
        "categories": sorted(categories),
        "details": checked_details(event, details or {}),
        "reason_hash": None,
    }
    if reason:
        _seal_reason(entry, client, reason)
    with _locks[hash(client) % len(_locks)]:
        return _append(entry, at)


def _seal_reason(entry: dict[str, Any], client: ObjectId, reason: str) -> None:
    draft = LedgerEntry(client=client)
    name = f"client/{draft.client}/{LedgerEntry.KEY_CLASS}"
    sealed = connection.current().keyring.seal(name, ReasonGiven(reason=reason).stored())
    entry["sealed"] = sealed
    entry["reason_hash"] = chain.reason_hash(sealed)


def _append(entry: dict[str, Any], at: datetime | None = None) -> int:
    client: ObjectId = entry["client"]
    signing_key = connection.current().signing_key
    for attempt in range(ATTEMPTS):
        seq, previous = _head(client)
        # A fresh id each time: the driver adds one to the dictionary it inserts.
        now = at or datetime.now(UTC)
        entry |= {
            "_id": ObjectId(),
            "seq": seq + 1,
            "previous": previous,
            "recorded_at": now.replace(microsecond=now.microsecond // 1000 * 1000),
        }
        entry["hash"] = chain.entry_hash(entry)
        entry["signature"] = signing_key.sign(entry["hash"].encode())
        try:
            LedgerEntry.raw().insert_one(entry)
        except DuplicateKeyError:
            _remember(client, None)
            time.sleep(random.random() * min(0.002 * attempt, 0.05))  # noqa: S311
            continue
        except PyMongoError as error:
            raise LedgerUnavailable(type(error).__name__) from error
        _remember(client, (entry["seq"], entry["hash"]))
        return int(entry["seq"])
    raise LedgerUnavailable("too many writers at one chain")


def _remember(client: ObjectId, head: tuple[int, str] | None) -> None:
    with _heads_lock:
        if head is None:
            _heads.pop(client, None)
        else:
            _heads[client] = head


def _head(client: ObjectId) -> tuple[int, str]:
    with _heads_lock:
        known = _heads.get(client)
    if known:
        return known
    head = LedgerEntry.raw().find_one({"client": client}, {"seq": 1, "hash": 1}, sort=[("seq", -1)])
    return (head["seq"], head["hash"]) if head else (0, chain.GENESIS)


def forget(client: ObjectId) -> None:
    """Forget the remembered head of a chain that was erased."""
    with _heads_lock:
        _heads.pop(client, None)


def entries(client: ObjectId, after_seq: int = 0) -> Iterator[dict[str, Any]]:
    """The client's entries in order, as stored (reasons stay sealed).

    Where a sealed reason was removed, an empty one stands in its place, which verifies as changed.
    """
    span = {"client": client, "seq": {"$gt": after_seq}}
    for entry in LedgerEntry.raw().find(span).sort("seq", 1):
        if entry.get("reason_hash"):
            entry.setdefault("sealed", b"")
        yield entry


def last_copies(client: ObjectId) -> dict[str, datetime]:
    """For each category the moment (UTC) whose state the client's last whole copy holds at least.

    What was broken off counts for nothing, and what changed while a copy was made counts as new.
    """
    whole = {"client": client, "event": Event.COPY_COMPLETED.value, "actor": "client"}
    stages: list[dict[str, Any]] = [
        {"$match": whole},
        {"$unwind": "$categories"},
        # ISO 8601 in UTC with milliseconds: text that sorts by time.
        {"$group": {"_id": "$categories", "last": {"$max": "$details.began"}}},
    ]
    found = LedgerEntry.raw().aggregate(stages)
    return {group["_id"]: datetime.fromisoformat(group["last"]) for group in found}


def verify(client: ObjectId, *, full: bool = True) -> chain.ChainState:
    """Verify a client's chain against its signed checkpoint, and move the checkpoint on.

    With ``full`` from the first entry (of a decoy: the first that is left), otherwise from the
    checkpoint (which is verified itself).
    """
    public_key = connection.current().signing_key.public_key()
    checkpoint = LedgerCheckpoint.raw().find_one({"client": client})
    if checkpoint and not chain.signed_by(
        public_key, checkpoint_text(client, checkpoint), checkpoint["signature"]
    ):
        return chain.ChainState(0, chain.GENESIS, "the checkpoint is not signed by this portal")
    if full or not checkpoint:
        state = chain.verify(entries(client), public_key, **_beginning(client))
    else:
        known = {"after_seq": checkpoint["seq"], "previous": checkpoint["hash"]}
        state = chain.verify(entries(client, checkpoint["seq"]), public_key, **known)
    if state.verified and checkpoint:
        state = _against_checkpoint(client, state, checkpoint)
    if state.verified and state.length > (checkpoint["seq"] if checkpoint else 0):
        _write_checkpoint(client, state)
    return state


def _beginning(client: ObjectId) -> dict[str, Any]:
    """Where a chain begins, if not with entry 1."""
    if client not in DECOYS:
        return {}
    fields = {"_id": 0, "seq": 1, "previous": 1}
    first = LedgerEntry.raw().find_one({"client": client}, fields, sort=[("seq", 1)])
    return {"after_seq": first["seq"] - 1, "previous": first["previous"]} if first else {}


def _against_checkpoint(
    client: ObjectId, state: chain.ChainState, checkpoint: Mapping[str, Any]
) -> chain.ChainState:
    entry = LedgerEntry.raw().find_one({"client": client, "seq": checkpoint["seq"]}, {"hash": 1})
    if entry is None:
        return chain.ChainState(state.length, state.head, "entries at the end were removed")
    if entry["hash"] != checkpoint["hash"]:
        return chain.ChainState(state.length, state.head, "the chain was rewritten")
    return state


def checkpoint_text(client: ObjectId, checkpoint: Mapping[str, Any]) -> str:
    """What a checkpoint's signature covers."""
    return f"{client}:{checkpoint['seq']}:{checkpoint['hash']}"


def _write_checkpoint(client: ObjectId, state: chain.ChainState) -> None:
    fresh: dict[str, Any] = {"seq": state.length, "hash": state.head}
    now = datetime.now(UTC)
    signature = connection.current().signing_key.sign(checkpoint_text(client, fresh).encode())
    try:
        LedgerCheckpoint.raw().update_one(
            {"client": client, "seq": {"$lt": state.length}},
            {
                "$set": {**fresh, "signature": signature, "verified_at": now},
                "$setOnInsert": {"recorded_at": now},
            },
            upsert=True,
        )
    except DuplicateKeyError:
        # Another verifier is already further; its checkpoint stands.
        return


def clients() -> Iterator[ObjectId]:
    """The ids of all clients who have or had a chain, in order."""
    pipeline: list[dict[str, Any]] = [
        {"$unionWith": LedgerCheckpoint.raw().name},  # a chain may have been removed altogether
        {"$group": {"_id": "$client"}},
        {"$sort": {"_id": 1}},
    ]
    for group in LedgerEntry.raw().aggregate(pipeline):
        yield group["_id"]
