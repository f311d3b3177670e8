"""The outline of a JPEG: where its segments and its end are. Decodes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MARKER_IN_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_BARE: Final = {0x01, *range(0xD0, 0xD8)}
_SOS: Final = 0xDA
_EOI: Final = 0xD9
_JFIF: Final = 0xE0
_ADOBE: Final = 0xEE
_COMMENT: Final = 0xFE


@dataclass(frozen=True, slots=True)
class Segment:
    marker: int
    start: int
    """Where its 0xFF is; `end` is behind its last byte, entropy-coded data included."""
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    segments: tuple[Segment, ...]
    end: int | None
    """Behind the end marker of the first picture; None when the file stops before it."""

    @property
    def scans(self) -> int:
        return sum(segment.marker == _SOS for segment in self.segments)


def outline(data: bytes) -> Outline:
    """Walk through the segments; stops, without an end, at whatever is not one."""
    segments: list[Segment] = []
    position = 2
    while position + 1 < len(data) and data[position] == 0xFF:
        while position < len(data) and data[position] == 0xFF:  # any number of them may lead
            position += 1
        if position >= len(data):
            break
        start = position - 1
        marker = data[position]
        position += 1
        if marker == _EOI:
            return Outline(tuple(segments), position)
        if marker not in _BARE:
            length = int.from_bytes(data[position : position + 2], "big")
            if length < 2 or position + length > len(data):
                break
            position += length
        if marker == _SOS:
            found = _MARKER_IN_SCAN.search(data, position)
            position = found.start() if found else len(data)
        segments.append(Segment(marker, start, position))
    return Outline(tuple(segments), None)


def without_metadata(data: bytes) -> bytes:
    """The same picture, bit for bit, with nothing but what decoding it needs.

    For pictures inside a PDF, whose size and colours the PDF states. Goes as EXIF, XMP, IPTC and
    colour profiles (APP1 to APP13, APP15), comments, the small preview in JFIF's header, and
    whatever stands behind the end.
    """
    if not data.startswith(b"\xff\xd8"):
        return data
    found = outline(data)
    kept = [data[:2]]
    for segment in found.segments:
        if segment.marker == _JFIF:
            header = data[segment.start + 4 : min(segment.start + 16, segment.end)]
            if header.startswith(b"JFIF\0") and len(header) == 12:
                kept.append(b"\xff\xe0\x00\x10" + header + b"\0\0")
        elif segment.marker == _ADOBE or not (
            0xE1 <= segment.marker <= 0xEF or segment.marker == _COMMENT
        ):
            kept.append(data[segment.start : segment.end])
    if found.end is not None:
        kept.append(b"\xff\xd9")
    return b"".join(kept)
