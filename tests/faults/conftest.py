"""Demo data, seeded once by the real command and copied for each test that may break something."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import running


@pytest.fixture(scope="session")
def seeded(run_folder: Path) -> Path:
    """An instance folder full of demo data, with nothing running; read only, please."""
    folder = run_folder / "seeded"
    with (run_folder / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = run_folder / "seeding"
            done = running.flask("seed", "demo", instance=draft)
            assert done.returncode == 0, done.stderr
            draft.rename(folder)
    return folder


@pytest.fixture(scope="module")
def copy_of_seeded(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes another instance folder with the same data."""

    def copy() -> Path:
        folder = tmp_path_factory.mktemp("portal") / "instance"
        shutil.copytree(seeded, folder)
        return folder

    return copy
