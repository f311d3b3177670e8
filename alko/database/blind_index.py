"""Exact look-ups of sealed values: a keyed hash that says nothing without the key (promise P4)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


class BlindIndex:
    """HMAC-SHA-256 under one secret, separated by what is indexed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: str, value: str) -> str:
        """Return 64 hexadecimal digits for ``value``; equal for spellings that mean the same.

        ``kind`` keeps indexes apart: an address and a phone number with equal text differ.
        """
        message = f"{kind}\0{normalised(value)}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def normalised(value: str) -> str:
    """Compatibility-normalised, case-folded, without white space."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())
