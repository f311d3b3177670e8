"""The second factor: time-based codes (RFC 6238), each accepted once, and recovery codes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

import pyotp

ISSUER = "ALKO Cars"
RECOVERY_CODES = 10
STEP_SECONDS = 30
TOLERATED_STEPS = 1
"""Steps by which a phone's clock may differ."""


def new_secret() -> str:
    return pyotp.random_base32()


def setup_uri(secret: str, account: str) -> str:
    """The otpauth address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, after: int) -> int | None:
    """The time step of a right code that is newer than ``after``; None for any other code."""
    digits = "".join(code.split())
    if not secret or not digits.isdecimal() or not digits.isascii():
        return None
    now = int(datetime.now(UTC).timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        expected = totp.at(step * STEP_SECONDS)
        if step > after and secrets.compare_digest(expected, digits):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, for example ``3F9A-77C0-1B2D-E4F5-06A8``."""
    return [_grouped(secrets.token_hex(10).upper()) for _ in range(RECOVERY_CODES)]


def hashed(code: str) -> str:
    """SHA-256 of a recovery code however it is typed; its 80 random bits need no slow hash."""
    return hashlib.sha256("".join(c for c in code.upper() if c.isalnum()).encode()).hexdigest()


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
