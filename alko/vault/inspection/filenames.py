"""A file's name as it may be stored, shown, sent in a header and unpacked on any computer."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from alko.vault.inspection.types import EXTENSIONS

MAXIMUM: Final = 120
"""Characters, the extension included."""
MAXIMUM_BYTES: Final = 240
"""In UTF-8: file systems take 255, and the copy puts a number before it."""

_SEPARATOR = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.ASCII | re.IGNORECASE)
_FALLBACK: Final = "document"


def clean_filename(name: str, media_type: str) -> str:
    """Make `name` harmless and let it end as files of `media_type` do.

    Dropped: folders, control and format characters (among them those that turn the direction of
    writing, which make "annexe.fdp.exe" of "annexe.exe.pdf"), surrogates and unassigned ones.
    """
    stem = _SEPARATOR.split(unicodedata.normalize("NFC", name))[-1]
    stem = "".join(each for each in stem if not unicodedata.category(each).startswith("C"))
    stem = " ".join(_FORBIDDEN.sub("_", stem).split()).rstrip(". ")
    while stem != (shorter := _EXTENSION.sub("", stem).rstrip(". ")):
        stem = shorter
    stem = stem.lstrip(". ")
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    extension = EXTENSIONS[media_type]
    stem = stem[: MAXIMUM - len(extension)]
    room = MAXIMUM_BYTES - len(extension)
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    return (stem or _FALLBACK) + extension
