"""Nothing is served while a backup is being restored: what was erased is not erased again yet."""

from __future__ import annotations

import time

from flask import Flask, abort, request

from alko.backups import mark
from alko.extensions import alko_settings

KEPT_SECONDS = 5
OPEN = frozenset({"operations.healthz", "operations.readyz", "static.file"})

_known: dict[str, tuple[float, bool]] = {}


def init_app(app: Flask) -> None:
    app.before_request(refuse)


def refuse() -> None:
    """503 until the restore has come to its end (P25)."""
    if request.endpoint not in OPEN and _under_way():
        abort(503)


def _under_way() -> bool:
    """Asked anew every few seconds, so that it costs a request nothing."""
    key = alko_settings().database
    asked, found = _known.get(key, (float("-inf"), False))
    if time.monotonic() - asked > KEPT_SECONDS:
        found = mark.state() is not None
        _known[key] = (time.monotonic(), found)
    return found
