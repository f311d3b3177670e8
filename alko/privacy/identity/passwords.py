"""Passwords: argon2 hashes, and a refusal of the ones everybody tries first."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from alko.words import N_

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 128
WEAKEST_ACCEPTED = 3
"""zxcvbn's score, 0 to 4; below it a password is common or easily guessed."""

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password is right. Takes the same time either way."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


def problem(password: str, known: list[str]) -> str | None:
    """Why a new password is refused, or None. ``known`` are words others know of the person."""
    if len(password) < MINIMUM_LENGTH:
        return N_("Use at least 12 characters; a few unrelated words are easy to remember.")
    if len(password) > MAXIMUM_LENGTH:
        return N_("Use at most 128 characters.")
    # The estimate is quadratic in the length; what is this long is judged by its beginning.
    score = zxcvbn(password[:72], user_inputs=["alko", *known])["score"]
    if score < WEAKEST_ACCEPTED:
        return N_("This password is common or easy to guess. Choose another one.")
    return None
