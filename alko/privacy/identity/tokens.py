"""Signed links: stateless, dated, and bound to what they may change, so that each works once."""

from __future__ import annotations

import hashlib

from bson import ObjectId
from bson.errors import InvalidId
from itsdangerous import BadData, URLSafeTimedSerializer

RESET_SECONDS = 60 * 60
REGISTRATION_SECONDS = 48 * 60 * 60


class LinkInvalid(Exception):
    """The link is forged, too old, or was used already."""


class Links:
    """Makes and reads the tokens of mailed links; the secret is the session's."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def make(self, use: str, client: ObjectId, bound_to: str = "") -> str:
        """A token for one use; it dies as soon as ``bound_to`` changes."""
        return self._serializer(use).dumps([str(client), fingerprint(bound_to)])

    def read(self, use: str, token: str, seconds: int | None) -> tuple[ObjectId, str]:
        """The client and the fingerprint of what the token is bound to; LinkInvalid.

        ``seconds`` is how old it may be, None where it never ages.
        """
        try:
            client, bound = self._serializer(use).loads(token, max_age=seconds)
            return ObjectId(client), bound
        except (BadData, InvalidId, ValueError, TypeError):
            raise LinkInvalid from None

    def _serializer(self, use: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"alko.link.{use}")


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
