"""Signed statements: what was planned and what was done, verifiable away from the portal."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alko.models.erasure import ErasureRun


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
