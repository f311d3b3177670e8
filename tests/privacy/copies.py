"""A copy as a client takes it: downloaded through the page, opened as a ZIP."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask

from tests.portal import Page, Portal


@dataclass(frozen=True)
class Taken:
    """All files of a copy, by name."""

    files: Mapping[str, bytes]

    @classmethod
    def by(cls, app: Flask, client: ObjectId, categories: list[str] | None = None) -> Taken:
        """Choose (all, unless told), download, unpack; the ZIP's own checksums are right."""
        portal = Portal(app).enter(client)
        portal.get("/my-data/download")
        chosen = {} if categories is None else {"categories": categories}
        return cls.of(portal.submit("/my-data/download", **chosen))

    @classmethod
    def of(cls, page: Page) -> Taken:
        """The copy that a form answered with."""
        assert page.content_type == "application/zip", page.errors
        with zipfile.ZipFile(io.BytesIO(page.data)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert len(names) == len(set(names))
            return cls({name: archive.read(name) for name in names})

    @property
    def data(self) -> Any:
        return json.loads(self.files["data.json"])

    @property
    def manifest(self) -> Any:
        return json.loads(self.files["manifest.json"])

    def records(self, slug: str) -> dict[str, dict[str, Any]]:
        """The records of a category by their number."""
        return {one["id"]: one for one in self.data["categories"][slug]}

    def table(self, slug: str) -> dict[str, dict[str, str]]:
        """The rows of a category's table by the number of their record."""
        text = io.StringIO(self.files[f"csv/{slug}.csv"].decode(), newline="")
        return {row["id"]: row for row in csv.DictReader(text)}

    def documents(self) -> dict[str, bytes]:
        """The uploaded files by the number of their record."""
        return {
            name.removeprefix("documents/")[:24]: content
            for name, content in self.files.items()
            if name.startswith("documents/")
        }

    def problems(self) -> list[str]:
        """What does not agree with the signed manifest, checked as anybody could."""
        manifest = dict(self.manifest)
        signature = base64.b64decode(manifest.pop("signature"))
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(manifest["public_key"]))
        found = []
        try:
            key.verify(signature, text.encode())
        except InvalidSignature:
            found.append("signature")
        listed = {one["name"]: one for one in manifest["files"]}
        found += sorted(listed.keys() ^ (self.files.keys() - {"manifest.json"}))
        for name, one in listed.items():
            content = self.files.get(name, b"")
            if (hashlib.sha256(content).hexdigest(), len(content)) != (one["sha256"], one["bytes"]):
                found.append(name)
        return found
