"""The copy of all data: one ZIP, streamed while it is built (promises P26, P29; GDPR Art. 15, 20).

An allow-list, not a dump: what the inventory shows is what the copy holds. Nothing is written to
disk; a category of ordinary size is read once and kept while its three forms are made, a larger one
is read anew for each, so that the memory stays bounded.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stream_zip import NO_COMPRESSION_32, ZIP_32, stream_zip

from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.inventory import CATEGORIES, Category, category
from alko.privacy.lifecycle import receipts
from alko.privacy.lifecycle.retention import RULES
from alko.privacy.rights import export_schema
from alko.privacy.vocabulary import BASES, PURPOSES, RECIPIENTS, SOURCES
from alko.vault.sealing import VaultError

SCHEMA_VERSION = 2
KEPT_ROWS = 2_000
CHUNK = 16 * 1024
"""Bytes by which the ZIP leaves: small, so that the first arrive at once."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_STEM, LONGEST_SUFFIX = 180, 8
"""Bytes and characters of a document's name: with its number it fits into any file system."""
FILE_MODE = stat.S_IFREG | 0o600

WITH_FILES = {"documents", "attachments"}
"""Categories whose records have a file; all lie in one folder of the copy."""
MISSING_FILE = b"This file could not be read from the storage when the copy was made.\n"

OpenFile = Callable[[str, str], Iterable[bytes]]
"""Vault key and identity to the decrypted chunks."""
ReadablePages = Callable[["Copy"], Iterator[bytes]]


@dataclass
class Copy:
    """What goes into one copy."""

    dossier: Dossier
    slugs: list[str]
    since: Mapping[str, datetime] | None = None
    """For changes only: from when on, by category; one that is not in it comes whole."""
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _kept: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    @property
    def stated_since(self) -> dict[str, str | None] | None:
        """How data.json and the manifest say from when on; None for a copy of everything."""
        if self.since is None:
            return None
        return {s: self.since[s].isoformat() if s in self.since else None for s in self.slugs}

    @property
    def categories(self) -> list[Category]:
        return [category(slug) for slug in self.slugs]

    def rows(self, slug: str) -> Iterator[Row]:
        """The rows of a category, oldest first; read once if they are not too many."""
        if slug in self._kept:
            yield from self._kept[slug]
            return
        kept: list[Row] | None = []
        for row in self.dossier.rows(slug, (self.since or {}).get(slug)):
            if kept is not None:
                kept.append(row)
                if len(kept) > KEPT_ROWS:
                    kept = None
            yield row
        if kept is not None:
            self._kept[slug] = kept


@dataclass(frozen=True)
class _Listed:
    name: str
    sha256: str
    size: int


def stream(
    copy: Copy, pages: ReadablePages, open_file: OpenFile, signing_key: Ed25519PrivateKey
) -> Iterator[bytes]:
    """The ZIP's bytes. The manifest comes last: it lists the checksum of what went before."""
    listed: list[_Listed] = []

    def members() -> Iterator[tuple[Any, ...]]:
        for name, text in _texts(copy, pages):
            yield name, copy.made_at, FILE_MODE, ZIP_32, _noted(name, text, listed)
        for slug in WITH_FILES & set(copy.slugs):
            for name, chunks in _documents(copy, slug, open_file):
                # Photographs and PDFs are compressed already.
                noted = _noted(name, chunks, listed)
                yield name, copy.made_at, FILE_MODE, NO_COMPRESSION_32, noted
        manifest = [_manifest(copy, listed, signing_key)]
        yield "manifest.json", copy.made_at, FILE_MODE, ZIP_32, manifest

    yield from stream_zip(members(), chunk_size=CHUNK, get_compressobj=_compressor)


def _compressor() -> Any:
    """Raw deflate at zlib's usual level; the library's default is the slowest one."""
    return zlib.compressobj(level=zlib.Z_DEFAULT_COMPRESSION, wbits=-zlib.MAX_WBITS)


def _texts(copy: Copy, pages: ReadablePages) -> Iterator[tuple[str, Iterator[bytes]]]:
    yield "index.html", pages(copy)
    yield "data.json", _data(copy)
    yield "schema.json", iter([schema_text()])
    for slug in copy.slugs:
        yield f"csv/{slug}.csv", _table(copy, category(slug))


def _noted(name: str, chunks: Iterable[bytes], listed: list[_Listed]) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in _gathered(chunks):
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    listed.append(_Listed(name, digest.hexdigest(), size))


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces: each costs its way through the whole ZIP."""
    held, size = [], 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _data(copy: Copy) -> Iterator[bytes]:
    head = {
        "schema_version": SCHEMA_VERSION,
        "client": str(copy.dossier.client),
        "made_at": copy.made_at.isoformat(),
        "since": copy.stated_since,
        "inventory": {one.slug: about(one) for one in copy.categories},
    }
    encode = json.JSONEncoder(ensure_ascii=False, default=plain).encode
    yield encode(head)[:-1].encode() + b', "categories": {'
    for number, chosen in enumerate(copy.categories):
        yield (b", " if number else b"") + json.dumps(chosen.slug).encode() + b": ["
        separator = "\n"
        for row in copy.rows(chosen.slug):
            yield f"{separator}{encode(plain_row(row))}".encode()
            separator = ",\n"
        yield b"]"
    yield b"}}\n"


def about(chosen: Category) -> dict[str, Any]:
    """What Art. 15(1) has the client know about a category, in English."""
    recipients = {one for f in chosen.fields for one in chosen.recipients_of(f)}
    return {
        "label": chosen.label,
        "purposes": [PURPOSES[one].name for one in chosen.purposes],
        "lawful_basis": BASES[chosen.basis].name,
        "source": SOURCES[chosen.source],
        "recipients": sorted(RECIPIENTS[one] for one in recipients),
        "retention": RULES[chosen.retention].period,
        "held_but_not_shown": [f.label for f in chosen.fields if f.kind == "secret"],
    }


def plain_row(row: Row) -> dict[str, Any]:
    """One record as it stands in data.json."""
    return {
        "id": str(row.id),
        "erase_after": row.erase_after,
        "readable": row.readable,
        **row.values,
    }


def plain(value: Any) -> Any:
    """JSON for what JSON has no word for: times as ISO 8601, bytes as hexadecimal, ids as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _table(copy: Copy, chosen: Category) -> Iterator[bytes]:
    columns = ["id", "erase_after", *(f.name for f in chosen.shown_fields)]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in copy.rows(chosen.slug):
        values = plain_row(row)
        writer.writerow([_cell(values.get(name)) for name in columns])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (int, bool)):
        return value
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=plain)
    text = value if isinstance(value, str) else plain(value)
    if text[:1] in FORMULA_STARTS and not text[1:].isdecimal():
        # A spreadsheet would run it; the quote makes it text again. A phone number stays.
        return f"'{text}"
    return text


def document_name(row: Row) -> str:
    """The file's name inside the copy: its record's number keeps equal names apart."""
    safe = "".join(c if c.isalnum() or c in "-_. " else "_" for c in row.values["filename"])
    stem, dot, suffix = safe.strip(". ").rpartition(".")
    if len(suffix) > LONGEST_SUFFIX:
        stem, dot, suffix = f"{stem}{dot}{suffix}", "", ""
    short = (stem if dot else stem or suffix).encode()[:LONGEST_STEM].decode(errors="ignore")
    return f"documents/{row.id}-{short.strip('. ') or 'file'}{dot}{suffix if dot else ''}"


def _documents(copy: Copy, slug: str, open_file: OpenFile) -> Iterator[tuple[str, Iterable[bytes]]]:
    places = copy.dossier.files(slug)
    for row in copy.rows(slug):
        if row.id not in places:
            continue
        name = document_name(row)
        try:
            yield name, open_file(*places[row.id])
        except VaultError:
            # One unreadable file must not take the whole copy away; the copy says so instead.
            yield f"{name}.missing.txt", [MISSING_FILE]


def _manifest(copy: Copy, listed: list[_Listed], signing_key: Ed25519PrivateKey) -> bytes:
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "client": str(copy.dossier.client),
        "made_at": copy.made_at.isoformat(),
        "since": copy.stated_since,
        "files": [{"name": f.name, "sha256": f.sha256, "bytes": f.size} for f in listed],
    }
    return json.dumps(receipts.signed(manifest, signing_key), indent=1, ensure_ascii=False).encode()


def schema() -> dict[str, Any]:
    """The JSON Schema of data.json, made from the inventory (P29)."""
    return export_schema.build(CATEGORIES, SCHEMA_VERSION)


@cache
def schema_text() -> bytes:
    """The schema as it is published and put into copies; the inventory is fixed while we run."""
    return json.dumps(schema(), indent=1).encode()
