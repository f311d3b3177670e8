"""Inspection: every upload passes here before anything of it is stored, and leaves cleaned.

All in memory. What a file is follows from its content, never from its name or what the browser
says; what comes out was written anew by us. docs/decisions/0008-inspection.md has the reasons.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from alko.vault.inspection import sandbox
from alko.vault.inspection.filenames import clean_filename
from alko.vault.inspection.kinds import check_whole, ends_as_zip, kind_of
from alko.vault.inspection.scanner import Clamd, Scanner, ScannerUnavailable
from alko.vault.inspection.types import NOTES, Inspected, Limits, Refused

__all__ = ["Clamd", "Inspected", "Limits", "Refused", "Scanner", "ScannerUnavailable", "inspect"]


def inspect(
    source: BinaryIO, filename: str, limits: Limits, scanner: Scanner | None = None
) -> Inspected:
    """Read `source` up to its end and return what may be stored of it. Raises Refused.

    `source` is not closed. What reading it raises passes through.
    """
    data = source.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise Refused("too_large")
    kind = _kind_unless_infected(data, scanner)
    trailing = check_whole(data, kind)
    content, media_type, codes = sandbox.clean(data, kind, limits)
    if ends_as_zip(content):
        raise Refused("polyglot")
    if trailing and "pictures" not in codes:
        codes = [*codes, "trailing"]
    return Inspected(
        content=io.BytesIO(content),
        media_type=media_type,
        filename=clean_filename(filename, media_type),
        size=len(content),
        notes=tuple(NOTES[code] for code in codes),
    )


def _kind_unless_infected(data: bytes, scanner: Scanner | None) -> str:
    """The file's kind. A harmful file is called so even where its kind alone refuses it, and a
    scanner that is away does not hide that the kind is wrong: trying again would not help.
    """
    try:
        kind, refusal = kind_of(data), None
    except Refused as refused:
        kind, refusal = "", refused
    if scanner and data:
        try:
            if scanner.scan(data):
                raise Refused("infected")
        except ScannerUnavailable:
            refusal = refusal or Refused("scanner_unavailable")
    if refusal:
        raise refusal
    return kind
