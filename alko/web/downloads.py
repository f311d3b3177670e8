"""Files of clients on their way to a browser: saved, or shown as a picture that runs nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from alko.vault.inspection.filenames import clean_filename
from alko.vault.inspection.types import EXTENSIONS, JPEG, PNG, WEBP
from alko.web.security import sandboxed

PREVIEWED = (JPEG, PNG, WEBP)
"""Types that may be shown in the page."""
UNKNOWN_NAME = "document.bin"


def inert(
    chunks: Iterator[bytes], name: str, media_type: str, size: int, *, inline: bool = False
) -> Response:
    """The file in a sandbox; to be saved, unless it is a picture that is asked for ``inline``."""
    shown_as = media_type if media_type in EXTENSIONS else "application/octet-stream"
    response = Response(chunks, mimetype=shown_as)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(
        name, shown_as, inline=inline and shown_as in PREVIEWED
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return sandboxed(response)


def disposition(name: str, media_type: str, *, inline: bool) -> str:
    """The Content-Disposition header for a file that a client named (RFC 6266, RFC 8187).

    The name ends as its type does, so that nothing opens as what it is not.
    """
    safe = clean_filename(name, media_type) if media_type in EXTENSIONS else UNKNOWN_NAME
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    plain = "".join("_" if sign in '"\\%;\x7f' else sign for sign in plain).strip(" ")
    if plain.startswith("."):
        plain = f"document{plain}"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
