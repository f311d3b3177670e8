"""Whether two mails are one that came twice: what was written counts, not what servers add."""

from __future__ import annotations

import hashlib
import re

WRITTEN = rb"from|date|subject|message-id|content-type|content-transfer-encoding"
"""Headers that the writer's program sets, and that no server on the way changes."""
ENVELOPE = re.compile(rb"\AFrom [^\n]*\n")
"""The line with which mail servers begin a piped mail."""
OTHERS = re.compile(
    rb"^(?!(?:" + WRITTEN + rb")[ \t]*:)[!-9;-~]+[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)


def mark_of(data: bytes) -> str:
    """A hash of the mail's own headers and of all that follows them."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, _, body = ENVELOPE.sub(b"", lines).partition(b"\n\n")
    written = b" ".join(OTHERS.sub(b"", head).split())
    return hashlib.sha256(written + b"\n\n" + body.rstrip()).hexdigest()
