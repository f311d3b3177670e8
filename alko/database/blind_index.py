"""Exact look-ups of sealed values: a keyed hash that says nothing without the key (promise P4)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import idna

EMAIL = "email"
"""The kind of value that is an address: what it means is decided by its two parts."""


class BlindIndex:
    """HMAC-SHA-256 under one secret, separated by what is indexed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: str, value: str) -> str:
        """Return 64 hexadecimal digits for ``value``; equal for spellings that mean the same.

        ``kind`` keeps indexes apart: an address and a phone number with equal text differ.
        """
        plain = _address(value) if kind == EMAIL else normalised(value)
        message = f"{kind}\0{plain}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def normalised(value: str) -> str:
    """Compatibility-normalised, case-folded, without white space."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def _address(value: str) -> str:
    """An address in lower case, its domain as name servers know it.

    No sign is folded into another: straße.de and strasse.de belong to two owners.
    """
    local, at, domain = unicodedata.normalize("NFC", "".join(value.split())).rpartition("@")
    return f"{local.lower()}{at}{_domain(domain)}"


def _domain(name: str) -> str:
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode()
    except UnicodeError:  # what idna raises as well
        return name.lower()
