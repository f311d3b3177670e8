"""Generations of the local master key: the newest wraps, older ones only open until destroyed.

A copy of the key vault's files from before an erasure still holds the destroyed data key, wrapped
by the master key of its day. Once that generation is destroyed, such a copy opens nothing (P25).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alko import files
from alko.database import secrets

PREFIX = "master-key-"


class LocalMasterKeys:
    """The generations that lie in a folder, as KMS providers for the driver."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def generations(self) -> list[int]:
        """The numbers of the generations that exist, oldest first; the first is made when none."""
        found = self._existing()
        if not found:
            secrets.master_key(self._folder, "1")
            found = self._existing()
        return found

    def _existing(self) -> list[int]:
        files = self._folder.glob(f"{PREFIX}*")
        numbers = (file.name.removeprefix(PREFIX) for file in files)
        return sorted(int(number) for number in numbers if number.isdecimal())

    def providers(self) -> dict[str, Mapping[str, Any]]:
        """For each generation the provider's name and key."""
        return {
            provider(number): {"key": secrets.master_key(self._folder, str(number))}
            for number in self.generations()
        }

    def add(self) -> int:
        """Make the next generation and return its number."""
        number = self.generations()[-1] + 1
        secrets.master_key(self._folder, str(number))
        return number

    def destroy(self, number: int) -> None:
        """Overwrite and remove one generation's file."""
        path = self._folder / f"{PREFIX}{number}"
        if path.exists():
            with path.open("r+b") as file:
                file.write(b"\0" * path.stat().st_size)
                file.flush()
                os.fsync(file.fileno())
            files.remove(path)


def provider(number: int) -> str:
    """How the driver names a generation."""
    return f"local:{number}"
