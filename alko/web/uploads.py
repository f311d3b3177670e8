"""Uploads stay in memory: plaintext never touches a disk, not even for a moment (P13, P15).

Werkzeug puts files of more than 500 kB into a temporary file, in clear. Here they are kept in
memory, which is why only signed-in clients may send large bodies, and only where files are taken.
"""

from __future__ import annotations

import io
import time
from typing import IO, Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

View = TypeVar("View")

PIECE = 64 * 1024
DRAINED_AT_MOST = 8
"""How many times the largest body we take is read and thrown away before we hang up."""
PATIENCE = 20
"""Seconds for which a body that is too large is listened to."""


def takes_files(view: View) -> View:
    """Declare that a view takes files from a form."""
    view.alko_takes_files = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Keep what is sent in memory. Comes after the extensions that choose a request class."""

    class MemoryRequest(app.request_class):  # type: ignore[name-defined]
        def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
            return io.BytesIO()

    app.request_class = MemoryRequest


def bound() -> None:
    """Before a body is read: large ones only where files are taken, and from whom we know."""
    if not (expected() and current_user.is_authenticated):
        request.max_content_length = current_app.config["ALKO"].form_bytes


def expected() -> bool:
    """Whether this request may carry files."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.mimetype == "multipart/form-data" and hasattr(view, "alko_takes_files")


def drain() -> None:
    """Throw away what is still being sent, within reason.

    A browser that is busy sending shows "connection reset" if we hang up, and never our answer.
    """
    left = min(
        request.content_length or 0, DRAINED_AT_MOST * current_app.config["ALKO"].request_bytes
    )
    end = time.monotonic() + PATIENCE
    stream = request.environ["wsgi.input"]
    while left > 0 and time.monotonic() < end:
        piece = stream.read(min(left, PIECE))
        if not piece:
            return
        left -= len(piece)
