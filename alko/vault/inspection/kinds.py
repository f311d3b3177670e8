"""What a file is, by its content alone, and whether all of it is there. Decodes nothing."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Final

from alko.vault.inspection.jpegs import outline
from alko.vault.inspection.types import HEIC, JPEG, PDF, PNG, WEBP, Refused

_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_PICTURE_BRANDS: Final = {b"avif", b"avis", b"jxl ", b"crx ", b"mif1", b"msf1"}
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "type_archive"),
    (b"PK\x05\x06", "type_archive"),
    (b"Rar!", "type_archive"),
    (b"7z\xbc\xaf\x27\x1c", "type_archive"),
    (b"\x1f\x8b", "type_archive"),
    (b"BZh", "type_archive"),
    (b"\xfd7zXZ", "type_archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "type_office"),
    (b"{\\rtf", "type_office"),
    (b"GIF8", "type_picture"),
    (b"II*\0", "type_picture"),
    (b"MM\0*", "type_picture"),
    (b"BM", "type_picture"),
    (b"\xff\x0a", "type_picture"),
    (b"\x00\x00\x00\x0cjP  ", "type_picture"),
    (b"\x00\x00\x00\x0cJXL ", "type_picture"),
    (b"\x1aE\xdf\xa3", "type_video"),
)
_OFFICE_IN_ZIP = re.compile(rb"\[Content_Types\]\.xml|mimetypeapplication/|word/|xl/|ppt/|Index/")
_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|!--|html|svg|head|body|script)", re.IGNORECASE)
_SPACE: Final = b"\0\t\n\f\r "
_BOM: Final = b"\xef\xbb\xbf"
_EOF_MARK: Final = b"%%EOF"
_CUT_OFF = re.compile(rb"\d+\s+\d+\s+obj\b|\bendobj\b|\bendstream\b")
_END_OF_ZIP: Final = b"PK\x05\x06"
_BEGINS = re.compile(rb"[\0\s]*(?:PK\x03\x04|PK\x05\x06|MZ|\x7fELF|#!|<svg|<\?xml)", re.IGNORECASE)
_HIDDEN = re.compile(
    rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|%PDF-[12]|<script|<html|<!doctype|<\?php", re.IGNORECASE
)
"""Found anywhere behind the end, so long enough not to occur in a film by chance."""


def kind_of(data: bytes) -> str:
    """The media type of a whole file that may be uploaded. Raises Refused for anything else.

    A magic number counts at the very start only: whatever precedes it makes another file of it.
    """
    if not data:
        raise Refused("empty")
    if data.removeprefix(_BOM).lstrip(_SPACE)[:5] == b"%PDF-":
        return PDF
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    raise Refused(_what_else(data))


def _of_brands(data: bytes) -> str:
    length = int.from_bytes(data[:4], "big")
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(length, 256), 4))}
    if brands & _HEIC_BRANDS:
        return HEIC
    raise Refused("type_picture" if brands & _PICTURE_BRANDS else "type_video")


def _what_else(data: bytes) -> str:
    """The code of the refusal with the advice that fits best."""
    if not data.strip(_SPACE):
        return "empty"
    for magic, code in _OTHERS:
        if data.startswith(magic):
            zipped = magic.startswith(b"PK") and _OFFICE_IN_ZIP.search(data[:8192])
            return "type_office" if zipped else code
    return "type_web" if _MARKUP.match(data.removeprefix(_BOM)[:1024]) else "type_unknown"


def check_whole(data: bytes, kind: str) -> bool:
    """Raise Refused for a file that was cut off or that is also a file of another kind.

    Returns whether something that will be dropped stands behind its end. Much that does is
    innocent (the film of a "live" photograph, a maker's notes, padding by a mail server); what a
    program would run, unpack or show instead is not.
    """
    end = _ENDS[kind](data)
    if end is None:
        raise Refused("truncated")
    behind = data[end:]
    if _BEGINS.match(behind) or _HIDDEN.search(behind) or ends_as_zip(data):
        raise Refused("polyglot")
    return bool(behind.strip(_SPACE))


def ends_as_zip(data: bytes) -> bool:
    """Whether an unpacking program, which looks from the end, would take the file for a ZIP."""
    at = data.rfind(_END_OF_ZIP, max(0, len(data) - 22 - 0xFFFF))
    while at >= 0:
        if len(data) - at >= 22:
            (comment,) = struct.unpack_from("<H", data, at + 20)
            if at + 22 + comment >= len(data.rstrip(_SPACE)):
                return True
        at = data.rfind(_END_OF_ZIP, max(0, len(data) - 22 - 0xFFFF), at)
    return False


def _end_of_pdf(data: bytes) -> int | None:
    """Every writer ends a PDF with %%EOF; objects behind the last one are a cut-off update."""
    at = data.rfind(_EOF_MARK)
    if at < 0 or b"startxref" not in data[max(0, at - 1024) : at]:
        return None
    end = at + len(_EOF_MARK)
    return None if _CUT_OFF.search(data, end) else end


def _end_of_jpeg(data: bytes) -> int | None:
    return outline(data).end


def _end_of_png(data: bytes) -> int | None:
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name = data[position + 4 : position + 8]
        position += 12 + length
        if name == b"IEND":
            return position if position <= len(data) else None
    return None


def _end_of_webp(data: bytes) -> int | None:
    end = 8 + int.from_bytes(data[4:8], "little")
    return end if end <= len(data) else None


def _end_of_heic(data: bytes) -> int | None:
    """The end of the last box that a HEIC may have at the top; None if one is cut off."""
    end = 0
    for name, _, after in boxes(data):
        if not name.isalnum() or not name.isascii():
            break
        if after > len(data):
            return None
        end = after
    return end or None


def boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The boxes at the top of an ISO media file or JPEG 2000: name, start, end (may overshoot)."""
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        header = 8
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16], "big")
            header = 16
        elif length == 0:
            length = len(data) - position
        if length < header:
            return
        yield data[position + 4 : position + 8], position, position + length
        position += length


_ENDS: Final[dict[str, Callable[[bytes], int | None]]] = {
    PDF: _end_of_pdf,
    JPEG: _end_of_jpeg,
    PNG: _end_of_png,
    WEBP: _end_of_webp,
    HEIC: _end_of_heic,
}
