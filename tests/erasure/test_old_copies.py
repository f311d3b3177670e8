"""Copies of the database's own files, taken before an erasure: the server opens them no more."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import alko.models as models
from alko import completed, preparation
from alko.cli.keys import rotate_local
from alko.database import connection
from alko.database.keyring import KeyDestroyed
from alko.database.server import embedded_server
from alko.database.server_files import ServerFolder
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.privacy import erasure
from alko.privacy.access import Actor
from alko.privacy.inventory import CATEGORIES
from alko.vault.access import store_of, vault_of
from config import Settings

NEVER = Exception


@pytest.fixture
def portal_of_its_own(settings: Settings, tmp_path: Path, app: Flask) -> Iterator[Settings]:
    """A portal with a server of its own, whose files can be copied."""
    instance = tmp_path / "instance"
    with embedded_server(instance / "database") as server:
        mine = dataclasses.replace(settings, instance=instance, mongodb_uri=server.uri)
        mine = completed(dataclasses.replace(mine, blind_index_key=""))
        connection.connect(mine)
        preparation.prepare(mine)
        yield mine
        connection.disconnect()
    connection.connect(app.config["ALKO"])


def sealed_values(client: object) -> list[tuple[str, bytes]]:
    return [
        (slug, one["sealed"])
        for slug, category in CATEGORIES.items()
        for one in getattr(models, category.model).raw().find({"client": client})
        if one.get("sealed")
    ]


def copied(settings: Settings, folder: Path) -> Path:
    """The database's files, as a thief or a snapshot of the disk has them."""
    admin = connection.current().client.admin
    admin.command("fsync", lock=True)
    try:
        shutil.copytree(settings.instance / "database", folder)
    finally:
        admin.command("fsyncUnlock")
    (folder / "data" / "mongod.lock").write_text("")
    ServerFolder(folder).port()
    return folder


@pytest.mark.promise("P11", "P24", "P25")
def test_a_copy_of_the_files_opens_nothing_of_the_erased_with_all_that_the_server_has(
    portal_of_its_own: Settings, tmp_path: Path
) -> None:
    mine = portal_of_its_own
    factory = Factory(seed=int.from_bytes(os.urandom(4)), vault=vault_of(mine))
    gone, stays = (everything_about(factory).person.id for _ in range(2))
    before = len(sealed_values(gone))
    files = copied(mine, tmp_path / "copy")

    run = erasure.schedule(gone, Actor.client(gone), at_once=True)
    kept = erasure.execute(run, store_of(mine).delete).kept
    rotate_local(mine)

    with embedded_server(files) as server:
        connection.connect(dataclasses.replace(mine, mongodb_uri=server.uri))
        old = connection.current().keyring
        assert old.exists(f"client/{gone}/account"), "the copy still has the key, wrapped"
        values = sealed_values(gone)
        assert len(values) == before > len(kept)
        for slug, value in values:
            with pytest.raises(NEVER):
                old.unseal(value)  # type: ignore[arg-type]
            assert value not in (b"", None), slug
        # The control: with the data keys of today those who stay are as readable as ever.
        theirs = sealed_values(stays)
        connection.connect(mine)
        today = connection.current().keyring
        assert all(today.unseal(value) for _, value in theirs)  # type: ignore[arg-type]
        readable = [slug for slug, value in values if _opens(today, value)]
    transactions = {entry["category"] for entry in kept}
    assert set(readable) <= transactions, "only what the law keeps, under its own year's key"


def _opens(keyring: object, value: bytes) -> bool:
    try:
        return bool(keyring.unseal(value))  # type: ignore[attr-defined]
    except KeyDestroyed:
        return False
