"""Encrypted files of frames: written whole or not at all, read in bounded memory (age, X25519)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from alko import files
from alko.backups import frames
from alko.backups.frames import BackupDamaged
from alko.vault.sealing import BadIdentity, SealBroken, open_stream, seal_to


class WrongIdentity(Exception):
    """This identity does not open the file."""


def write(path: Path, recipient: str, content: Iterable[bytes]) -> None:
    """Encrypt frames to the recipient; the file is replaced in one step, or stays as it was."""
    files.make_folder(path.parent)
    with files.written_whole(path) as target:
        seal_to(_Pull(frames.packed(content)), target, recipient)  # type: ignore[arg-type]


class Opened:
    """The frames of a file, after its header; ``read`` says how many bytes of the file were read.

    Raises WrongIdentity, BackupDamaged, OSError.
    """

    def __init__(self, path: Path, identity: str, kind: str) -> None:
        self._file = path.open("rb")
        self.size = path.stat().st_size
        try:
            self._pieces = open_stream(self._file, identity)
        except (BadIdentity, SealBroken):
            raise WrongIdentity(f"{path.name} is damaged, or not for this identity") from None
        self._frames = frames.unpacked(self._plain())
        self.header: dict[str, Any] = frames.header(self._frames, kind)

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        complete = False
        for kind, content in self._frames:
            complete = kind == frames.END
            if not complete:
                yield kind, content
        if not complete:
            raise BackupDamaged("the end is missing")

    @property
    def read(self) -> int:
        return self.size if self._file.closed else self._file.tell()

    def close(self) -> None:
        self._pieces.close()

    def _plain(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except SealBroken:
            raise BackupDamaged("the file was changed or cut short") from None


class _Pull:
    """An iterator of bytes as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return b""
        size = len(self._left) if size < 0 else size
        taken, self._left = self._left[:size], self._left[size:]
        return taken
