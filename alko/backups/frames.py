"""The inside of a backup: a stream of frames, each a kind, a length and that many bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

HEADER = b"H"
"""A BSON document that says what this is."""
COLLECTION = b"C"
"""The name of the collection that the following records belong to."""
RECORDS = b"R"
"""BSON documents, one after the other."""
FILE = b"F"
"""The key of a sealed file; its pieces follow."""
PIECE = b"P"
END = b"E"
"""A BSON document with what was written; without it the stream was cut short."""

LARGEST = 64 * 1024 * 1024
"""Bytes of one frame; the database's largest batch is 48 MB."""
_HEAD = 5


class BackupDamaged(Exception):
    """This is no backup, or not all of it."""


def frame(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "big") + content


def document(kind: bytes, values: dict[str, Any]) -> bytes:
    return frame(kind, bson.encode(values))


def packed(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Compress; most of it is ciphertext, so the fastest level is the best."""
    packer = zlib.compressobj(level=1)
    for one in frames:
        if piece := packer.compress(one):
            yield piece
    yield packer.flush()


def unpacked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The inverse of ``packed``: kind and content of each frame. BackupDamaged."""
    unpacker = zlib.decompressobj()
    waiting = bytearray()
    for piece in pieces:
        try:
            waiting += unpacker.decompress(piece)
        except zlib.error:
            raise BackupDamaged("this is not a backup of this portal") from None
        while found := _first(waiting):
            yield found
    if waiting or not unpacker.eof:
        raise BackupDamaged("the end is missing")


def _first(waiting: bytearray) -> tuple[bytes, bytes] | None:
    if len(waiting) < _HEAD:
        return None
    length = int.from_bytes(waiting[1:_HEAD], "big")
    if length > LARGEST:
        raise BackupDamaged("this is not a backup of this portal")
    if len(waiting) < _HEAD + length:
        return None
    kind, content = bytes(waiting[:1]), bytes(waiting[_HEAD : _HEAD + length])
    del waiting[: _HEAD + length]
    return kind, content


def header(frames: Iterator[tuple[bytes, bytes]], kind: str) -> dict[str, Any]:
    """The header of a stream of that kind. BackupDamaged."""
    try:
        first, content = next(frames)
        values: dict[str, Any] = bson.decode(content, bson.CodecOptions(tz_aware=True))
    except (StopIteration, bson.errors.InvalidBSON):
        raise BackupDamaged("there is nothing in it") from None
    if first != HEADER or values.get("kind") != kind or values.get("version") != 1:
        raise BackupDamaged(f"this is no {kind} of this portal")
    return values


def records(content: bytes) -> list[RawBSONDocument]:
    """The documents of a RECORDS frame, undecoded."""
    found, start = [], 0
    while start < len(content):
        end = start + int.from_bytes(content[start : start + 4], "little")
        found.append(RawBSONDocument(content[start:end]))
        start = end
    return found
