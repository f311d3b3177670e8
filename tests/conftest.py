"""One real database server for the whole run, one database per worker, no mock of either."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from xdist.scheduler import LoadScopeScheduling

import config
from alko import create_app, preparation
from alko.database.server import embedded_server
from config import Settings
from tests.portal import Portal

TESTS = Path(__file__).parent
MEMORY, ENOUGH = Path("/dev/shm"), 4 * 10**9


LONGEST_FIRST = ("browser", "faults", "demo", "web", "backups", "erasure", "cli", "moderation")
"""Folders of long tests. Begun at the end of a run, one worker would wait for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


class OneBrowser(LoadScopeScheduling):
    """Module by module to whoever is free, and all that shares a browser and a portal to one."""

    def _split_scope(self, nodeid: str) -> str:
        browser = "tests/browser/"
        return browser if nodeid.startswith(browser) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneBrowser(config, log)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def database_uri(run_folder: Path) -> Iterator[str]:
    """The run's MongoDB: MONGODB_URI if set, else one embedded server shared by all workers."""
    if uri := os.environ.get("MONGODB_URI"):
        yield uri
        return
    folder = _in_memory(run_folder) or run_folder / "database"
    with embedded_server(folder) as server:
        yield server.uri
    lock = folder / "data" / "mongod.lock"
    if not (lock.exists() and lock.stat().st_size):  # empty once nobody uses the server
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory(run_folder: Path) -> Path | None:
    """Where the run's database needs no disk, if there is room: nobody wants it afterwards."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        return None
    return MEMORY / f"alko-tests-{run_folder.name}-{run_folder.stat().st_ino}"


@pytest.fixture(scope="session")
def settings(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return dataclasses.replace(
        config.Settings(),
        environment="development",
        instance=tmp_path_factory.mktemp("instance"),
        mongodb_uri=database_uri,
        database=f"test_{worker}",
        key_vault_database=f"test_{worker}_keys",
        key_cache=timedelta(seconds=1),
        base_url="http://localhost",
        demo=True,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = False  # errors become pages, as for a user
    with app.app_context():
        preparation.prepare(app.config["ALKO"])
    yield app


@pytest.fixture
def portal(app: Flask) -> Portal:
    """A visitor's browser without JavaScript; see tests/portal.py."""
    return Portal(app)
