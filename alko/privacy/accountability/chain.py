"""The mathematics of the ledger: what is hashed, how it is signed, how a chain is verified.

Needs nothing but the standard library and ``cryptography``, so that a downloaded copy can be
verified away from the portal (static/tools/verify_ledger.py does the same in one file).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""

COVERED = (
    "client",
    "seq",
    "recorded_at",
    "event",
    "purpose",
    "actor",
    "actor_id",
    "categories",
    "details",
    "reason_hash",
    "previous",
)
"""The members of an entry which its hash covers."""


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as the database keeps them."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over the covered members as canonical JSON."""
    covered = {name: _plain(entry.get(name)) for name in COVERED}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def reason_hash(sealed: bytes) -> str:
    """SHA-256, in hexadecimal, of a sealed reason; the chain covers it instead of the reason."""
    return hashlib.sha256(bytes(sealed)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    if value is None or isinstance(value, (int, str, list, dict)):
        return value
    return str(value)


@dataclass(frozen=True)
class ChainState:
    """The result of a verification: how many entries, the head, and what is wrong (if anything)."""

    length: int
    head: str
    problem: str = ""

    @property
    def verified(self) -> bool:
        return not self.problem


def verify(
    entries: Iterable[Mapping[str, Any]],
    public_key: Ed25519PublicKey | None = None,
    *,
    after_seq: int = 0,
    previous: str = GENESIS,
) -> ChainState:
    """Walk entries in order of ``seq``; stops at the first that is missing, changed or unsigned.

    Signatures are checked where a public key is given. ``after_seq`` and ``previous`` say where an
    earlier verification ended.
    """
    seq = after_seq
    for entry in entries:
        seq += 1
        problem = _entry_problem(entry, seq, previous, public_key)
        if problem:
            return ChainState(seq - 1, previous, problem)
        previous = entry["hash"]
    return ChainState(seq, previous)


def _entry_problem(
    entry: Mapping[str, Any], seq: int, previous: str, public_key: Ed25519PublicKey | None
) -> str:
    if entry["seq"] != seq:
        return f"entry {seq} is missing"
    if entry["previous"] != previous:
        return f"entry {seq} does not follow the one before it"
    if entry_hash(entry) != entry["hash"]:
        return f"entry {seq} was changed"
    if "sealed" in entry and reason_hash(entry["sealed"]) != entry["reason_hash"]:
        return f"the sealed reason of entry {seq} was changed"
    if public_key is not None and not signed_by(public_key, entry["hash"], entry["signature"]):
        return f"entry {seq} is not signed by this portal"
    return ""


def signed_by(public_key: Ed25519PublicKey, digest: str, signature: bytes) -> bool:
    try:
        public_key.verify(bytes(signature), digest.encode())
    except InvalidSignature:
        return False
    return True
