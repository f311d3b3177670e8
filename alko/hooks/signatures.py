"""Signatures of incoming messages, as the Standard Webhooks specification describes them.

https://www.standardwebhooks.com: HMAC-SHA-256 over ``<id>.<timestamp>.<body>``, sent as
``v1,<base64>``, several separated by spaces while a secret is being replaced.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""A message older or newer than that is refused: it may be a recorded one."""
PREFIX = "whsec_"
NOBODY = "a secret that nobody has"
"""Checked where the sender is unknown, so that the answer takes as long."""


def signature(secret: str, message: str, timestamp: str, body: bytes) -> str:
    """The signature of one message: ``v1,`` and 44 characters."""
    signed = f"{message}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def is_signed(
    secrets: Iterable[str],
    message: str,
    timestamp: str,
    body: bytes,
    signatures: str,
    now: datetime,
) -> bool:
    """Whether one of the signatures is right under one of the secrets, and the time is now."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    timely = abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()
    offered = signatures.split(" ")[:8]
    right = False
    for secret in tuple(secrets) or (NOBODY,):
        expected = signature(secret, message, timestamp, body).encode()
        for one in offered:
            right |= hmac.compare_digest(expected, one.encode()) and secret != NOBODY
    return right and timely


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except (ValueError, binascii.Error):
            pass
    return secret.encode()
