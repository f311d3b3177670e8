"""Private files that survive a power cut: whole or not there, under names that last."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(
    path: Path, *, part: Path | None = None, only_new: bool = False
) -> Iterator[BinaryIO]:
    """A file (mode 0600) to write, which takes the place of ``path`` when the block ends well.

    Until then it is called ``part``, which must be on the same file system; by itself a hidden
    name beside ``path``. ``only_new`` replaces nothing: FileExistsError.
    """
    part = part or path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(part, "xb", opener=private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if only_new:
            os.link(part, path)
        else:
            part.replace(path)
    finally:
        with suppress(OSError):  # the first error is the one to tell
            part.unlink(missing_ok=True)
    sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder (mode 0700), and those above it that are missing."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync(folder.parent)


def remove(path: Path) -> None:
    """Remove a file for good: no power cut brings its name back. FileNotFoundError."""
    path.unlink()
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make created, renamed and removed names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private(path: str, flags: int) -> int:
    """An opener: for the owner only, and never through a symbolic link."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
