"""Signed statements: what was planned and what was done, verifiable away from the portal."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alko.database import connection
from alko.models.erasure import ErasureRun
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle.planner import Why
from alko.privacy.lifecycle.survey import visible


def of_run(run: ErasureRun, now: datetime) -> dict[str, Any]:
    """The signed receipt of an erasure: plan and result side by side, counted anew; no person.

    ``copies_replaced_at`` and ``copies_unreadable_at`` are added when they come (see completed).
    """
    kept = [one for one in run.kept if one["category"] != "holds" or one.get("told", True)]
    erased = Counter(run.erased)
    stay = Counter(one["category"] for one in kept)
    found = {(one.category, one.id) for one in visible(run.client)}
    if stay["activity"]:
        # A held chain of accesses goes on: the erasure's own entries are part of it.
        found -= {one for one in found if one[0] == "activity"}
        found |= {("activity", one["id"]) for one in kept if one["category"] == "activity"}
    held = Counter(category for category, _ in found)
    statement = {
        "statement": "erasure",
        "run": str(run.pk),
        "follows": str(run.follows) if run.follows else None,
        "confirmed_at": run.recorded_at.isoformat(),
        "finished_at": now.isoformat(),
        "categories": [
            {
                "category": slug,
                "planned_to_erase": erased[slug],
                "planned_to_keep": stay[slug],
                "still_held": held[slug],
            }
            for slug in CATEGORIES
            if erased[slug] or stay[slug] or held[slug]
        ],
        "kept": [
            {"category": one["category"], "why": one["why"], "until": _until(one)} for one in kept
        ],
        "recipients": run.recipients,
        "as_planned": found == {(one["category"], one["id"]) for one in kept},
        "keys_destroyed": len(run.keys),
        "keys_destroyed_at": run.keys_destroyed_at.isoformat(),
        "copies_replaced_at": None,
        "copies_unreadable_at": None,
    }
    return signed(statement, connection.current().signing_key)


def _until(entry: Mapping[str, Any]) -> str | None:
    """The end, where it is known and may be told."""
    if entry["until"] is None or entry["why"] == Why.LEGAL_DUTY:
        return None
    moment: datetime = entry["until"]
    return moment.isoformat()


def completed(receipt: Mapping[str, Any], times: Mapping[str, datetime]) -> dict[str, Any]:
    """The receipt with times that were not known when it was written, signed anew."""
    known = {name: moment.isoformat() for name, moment in times.items()}
    statement = {name: value for name, value in receipt.items() if name != "signature"}
    return signed({**statement, **known}, connection.current().signing_key)


def canonical(statement: Mapping[str, Any]) -> bytes:
    """What a signature covers: all members but itself, as compact JSON with sorted keys."""
    covered = {name: value for name, value in statement.items() if name != "signature"}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def signed(statement: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The statement with the public key and the signature in it (base64)."""
    complete = {**statement, "public_key": public_key_text(key.public_key())}
    return {**complete, "signature": base64.b64encode(key.sign(canonical(complete))).decode()}


def verified(statement: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether this portal's key signed exactly this statement."""
    try:
        key.verify(base64.b64decode(statement["signature"]), canonical(statement))
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def by_token(token: str) -> dict[str, Any] | None:
    """The receipt that a mailed token opens, if there is one."""
    wanted = {"token_hash": hashlib.sha256(token.encode()).hexdigest()}
    found = ErasureRun.raw().find_one(wanted, {"receipt": 1})
    return found.get("receipt") if found else None


def public_key_text(key: Ed25519PublicKey) -> str:
    """The raw public key in base64."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
