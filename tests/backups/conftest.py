"""A small portal with databases and an instance folder of its own, on the run's real server."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from alko import completed, preparation
from alko.database import connection
from config import Settings


@pytest.fixture
def connect_to(app: Flask) -> Iterator[Callable[[Settings], Settings]]:
    """Connects this process to other databases, which are dropped in the end."""
    made: list[Settings] = []

    def connect(settings: Settings) -> Settings:
        connection.connect(settings)
        made.append(settings)
        return settings

    yield connect
    client = connection.current().client
    for one in made:
        client.drop_database(one.database)
        client.drop_database(one.key_vault_database)
    connection.connect(app.config["ALKO"])


@pytest.fixture
def own(settings: Settings, tmp_path: Path, connect_to: Callable[[Settings], Settings]) -> Settings:
    """The settings of a portal of its own, which this process is connected to."""
    mine = completed(elsewhere(settings, tmp_path / "first"))
    mine = dataclasses.replace(mine, backup_folder=tmp_path / "backups")
    connect_to(mine)
    preparation.prepare(mine)
    return mine


def elsewhere(settings: Settings, instance: Path, secrets_of: Path | None = None) -> Settings:
    """Another machine: empty databases, an instance folder with the operator's secrets alone."""
    name = f"backup_{uuid.uuid4().hex[:8]}"
    if secrets_of is not None:
        shutil.copytree(secrets_of / "secrets", instance / "secrets")
    return dataclasses.replace(
        settings, instance=instance, database=name, key_vault_database=f"{name}_keys"
    )
