"""Where sealed files rest. One small interface; every store passes tests/vault/test_stores.py.

A store sees ciphertext under random names and nothing else (P13): no client, no file name, no type.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from alko import files
from alko.vault.sealing import VaultError

T = TypeVar("T")

_KEY = re.compile(r"[0-9a-f]{40}", re.ASCII)
_FAN = re.compile(r"[0-9a-f]{2}", re.ASCII)


class StoreError(VaultError):
    """Something about a store. Its three kinds below call for different answers."""


class BadKey(StoreError, ValueError):
    """The key is not one that `new_key` made."""


class NotStored(StoreError, LookupError):
    """There is nothing under this key."""


class StoreUnavailable(StoreError):
    """The store could not do it now (disk full, network down); try again later."""


def new_key() -> str:
    """Return a fresh random name: 40 hexadecimal digits (160 bits), saying nothing of anyone."""
    return secrets.token_hex(20)


def checked(key: str) -> str:
    """Return `key` if `new_key` could have made it, else raise `BadKey`.

    Every store calls this first: no path, URL or wildcard can be smuggled in as a key.
    """
    if not _KEY.fullmatch(key):
        raise BadKey("not a key of this vault")
    return key


class Store(Protocol):
    """A place for sealed files.

    Why `put` takes a function that writes, and not a file to read: sealing pushes bytes. A store
    that hands over a target needs no thread between the two and knows when writing failed, so a
    fragment is never kept. Cloudinary's SDK in turn wants a seekable file of known length (it
    measures it for `Content-Range`, and a retry reads a part again), while age's header varies in
    length: that store lets `write` fill a temporary file, which holds ciphertext only, and uploads
    that.
    """

    def put(self, key: str, write: Callable[[BinaryIO], T]) -> T:
        """Store what `write` writes to its argument, whole or not at all; return what it returns.

        Replaces what was there. Raises `BadKey`; `StoreUnavailable` for any `OSError`; whatever
        else `write` raises passes through. A store need not take an empty file: nothing sealed is.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """Return a readable file, which the caller closes.

        Raises `BadKey`, `NotStored`, `StoreUnavailable`.
        """
        ...

    def delete(self, key: str) -> None:
        """Make sure that nothing is under `key`; it is no error when nothing was.

        Raises `BadKey`, `StoreUnavailable`.
        """
        ...

    def exists(self, key: str) -> bool:
        """Tell whether `key` holds a complete file. Raises `BadKey`, `StoreUnavailable`."""
        ...

    def keys(self) -> Iterator[str]:
        """Yield every key, in no particular order, for audits. Raises `StoreUnavailable`."""
        ...

    def tidy(self) -> int:
        """Remove what crashes left unfinished; return how many files. Raises `StoreUnavailable`."""
        ...


class LocalStore:
    """Files in a folder: `ab/cd/abcd…`, folders 0700, files 0600.

    Unfinished files wait in `incoming/`: the same file system, so that the rename is atomic, and
    one place, so that `tidy` need not walk the whole store.
    """

    def __init__(self, folder: Path) -> None:
        """Use `folder`, created when missing. Raises `StoreUnavailable`."""
        self._folder = folder
        self._incoming = folder / "incoming"
        with _disk():
            folder.mkdir(parents=True, exist_ok=True)
            for private in (folder, self._incoming):
                private.mkdir(mode=0o700, exist_ok=True)
                private.chmod(0o700)  # also when it was there before, with a wider mode

    def put(self, key: str, write: Callable[[BinaryIO], T]) -> T:
        final = self._path(key)
        part = self._incoming / f"{key}.{secrets.token_hex(4)}"
        with _disk(), files.written_whole(final, part=part) as target:
            result = write(target)
            files.make_folder(final.parent)
        return result

    def open(self, key: str) -> BinaryIO:
        path = self._path(key)
        with _disk():
            try:
                return open(path, "rb", opener=files.private)
            except FileNotFoundError:
                raise NotStored("nothing is stored under this key") from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _disk(), suppress(FileNotFoundError):
            # P25: a power cut must not bring back what the client was told is gone.
            files.remove(path)

    def exists(self, key: str) -> bool:
        path = self._path(key)
        with _disk():
            return path.is_file()

    def keys(self) -> Iterator[str]:
        with _disk():
            for path in _below(_below([self._folder])):
                for entry in path.iterdir():
                    if _KEY.fullmatch(entry.name) and self._path(entry.name) == entry:
                        yield entry.name

    def tidy(self, older_than: timedelta = timedelta(hours=6)) -> int:
        """Remove what crashes left unfinished; return how many files.

        The age keeps an upload alive which another process is writing at this moment.
        Raises `StoreUnavailable`.
        """
        removed = 0
        before = time.time() - older_than.total_seconds()
        with _disk():
            for part in self._incoming.iterdir():
                with suppress(FileNotFoundError):  # finished or tidied by another process
                    if part.stat().st_mtime <= before:
                        part.unlink()
                        removed += 1
        return removed

    def _path(self, key: str) -> Path:
        checked(key)
        return self._folder / key[:2] / key[2:4] / key


def _below(folders: list[Path] | Iterator[Path]) -> Iterator[Path]:
    """Yield the fan-out folders directly below `folders`."""
    for folder in folders:
        for entry in folder.iterdir():
            if _FAN.fullmatch(entry.name) and entry.is_dir():
                yield entry


@contextmanager
def _disk() -> Iterator[None]:
    """Turn the operating system's errors into the store's (which name no path)."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the file store failed: {error.strerror or error}") from error
