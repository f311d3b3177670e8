"""Copies of the database's own files, taken before an erasure: the server opens them no more."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import EncryptionError

import alko.models as models
from alko import completed, preparation
from alko.backups.rotation import rotate
from alko.database import connection
from alko.database.keyring import KeyDestroyed, KeyRing
from alko.database.server import embedded_server
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.privacy.door.access import Actor
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure
from alko.vault.access import store_of, vault_of
from config import Settings


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


def sealed_values(client: object) -> list[tuple[str, Any]]:
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
    rotate(mine)

    with embedded_server(files) as server:
        connection.connect(dataclasses.replace(mine, mongodb_uri=server.uri))
        old = connection.current().keyring
        assert old.exists(f"client/{gone}/account"), "the copy still has the key, wrapped"
        values = [value for _, value in sealed_values(gone)]
        assert len(values) == before > len(kept)
        for value in values:
            with pytest.raises(EncryptionError):
                old.unseal(value)
        theirs = [value for _, value in sealed_values(stays)]
        connection.connect(mine)
        today = connection.current().keyring
        assert not [value for value in values if _opens(today, value)]
        assert all(_opens(today, value) for value in theirs), "the control"
        left = [value for _, value in sealed_values(gone)]
        assert len(left) == len(kept) and all(_opens(today, value) for value in left)


def _opens(keyring: KeyRing, value: Any) -> bool:
    try:
        return bool(keyring.unseal(value))
    except KeyDestroyed:
        return False
