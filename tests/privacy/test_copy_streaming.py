"""The copy leaves while it is built: at once, in bounded memory, and never through a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.models import PageView
from alko.models.technical import PageViewDetails
from alko.my_data import copy_page
from alko.privacy.door import dossier as dossier_module
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.inventory import CATEGORIES
from alko.privacy.rights import portability
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from config import Settings

pytestmark = pytest.mark.promise("P26")
MANY = 20_000
MEGABYTE = 1024 * 1024
MOST_GROWTH = 6 * MEGABYTE
"""Of the process; keeping all rows takes twice as much, measured."""


@pytest.fixture(scope="module")
def busy(app: Flask) -> ObjectId:
    """A client with very many page views; one sealed value stands in all of them."""
    client = Factory().client().id
    now = datetime.now(UTC)
    details = PageViewDetails(page="policy.show", address="203.0.113.0", browser="Firefox")
    one = PageView.sealing(details, client=client, recorded_at=now, erase_after=now).to_mongo()
    PageView.raw().insert_many(
        {**one, "_id": ObjectId(), "recorded_at": now - timedelta(seconds=number)}
        for number in range(MANY)
    )
    return client


def streamed(settings: Settings, client: ObjectId, slugs: list[str]) -> Iterator[bytes]:
    """As the route does it; needs a request context."""
    opened = Dossier.open(client, Actor.client(client), Purpose.LEGAL, categories=slugs)
    return portability.stream(
        portability.Copy(opened, slugs),
        copy_page.pages,
        vault_of(settings).read,
        connection.current().signing_key,
    )


def test_the_first_bytes_leave_before_the_database_is_read(
    app: Flask, busy: ObjectId, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    real = dossier_module._rows

    def counted(chosen: Any, documents: list[dict[str, Any]]) -> list[Row]:
        nonlocal read
        read += len(documents)
        return real(chosen, documents)

    monkeypatch.setattr(dossier_module, "_rows", counted)
    with app.test_request_context():
        chunks = streamed(app.config["ALKO"], busy, list(CATEGORIES))
        assert next(chunks).startswith(b"PK\x03\x04")
        first = read
        for _ in range(3):
            next(chunks)
        some = read
    assert first < some < MANY, (first, some)
    assert first <= MANY // 4, first


def memory(name: str) -> int:
    """A line of /proc/self/status in bytes: VmRSS (now) or VmHWM (the most since reset_peak)."""
    status = Path("/proc/self/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def test_the_memory_does_not_grow_with_the_records(app: Flask, busy: ObjectId) -> None:
    settings = app.config["ALKO"]
    with app.test_request_context():
        for _ in streamed(settings, busy, ["contact"]):
            pass  # what is loaded once is loaded
        reset_peak()
        before = memory("VmRSS")
        assert memory("VmHWM") - before < MEGABYTE
        size = sum(len(chunk) for chunk in streamed(settings, busy, ["usage"]))
        grown = memory("VmHWM") - before
    assert size > MEGABYTE // 4
    assert grown < MOST_GROWTH, grown


_written: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Hooks cannot be removed; this one listens only while somebody collects."""
    if _written is None or event != "open":
        return
    path, mode, flags = arguments
    if isinstance(path, int):
        return  # open already, a socket for instance
    if (isinstance(mode, str) and {*mode} & {*"wax+"}) or (flags and flags & 0o103):
        _written.append(str(path))


@contextmanager
def files_written() -> Iterator[list[str]]:
    global _written
    if _watch not in _hooked:
        sys.addaudithook(_watch)
        _hooked.append(_watch)
    _written = found = []
    try:
        yield found
    finally:
        _written = None


_hooked: list[Any] = []


@pytest.mark.promise("P11")
def test_no_file_is_written(app: Flask, tmp_path: Path) -> None:
    settings = app.config["ALKO"]
    someone = everything_about(Factory(vault=vault_of(settings)))
    with files_written() as found:
        (tmp_path / "seen").write_text("the watch works")
        with app.test_request_context():
            copied = b"".join(streamed(settings, someone.person.id, list(CATEGORIES)))
    assert copied.endswith(b"\0\0")
    assert found == [str(tmp_path / "seen")]
