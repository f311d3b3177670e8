"""Sealing and storing a 10 MB file, against age alone and a plain file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pyrage
from pyrage import x25519

from alko.vault import Vault
from alko.vault.stores import LocalStore

SIZE = 10 * 1024 * 1024


def sealing(folder: Path) -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """What the vault does for an upload, and the least that leaves an encrypted file behind.

    Both end with the bytes on the disk (fsync): an upload must survive a power cut, and a bare
    script that only left them to the operating system would measure the memory.
    """
    content = os.urandom(SIZE)
    store = folder / "vault"
    vault = Vault(LocalStore(store))
    bare = folder / "bare.age"

    def ours() -> bytes:
        key = vault.add(io.BytesIO(content)).key
        (store / key[:2] / key[2:4] / key).unlink()  # not through the vault: not what is measured
        return b""

    def theirs() -> bytes:
        sealed = pyrage.encrypt(content, [x25519.Identity.generate().to_public()])
        with bare.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        bare.unlink()
        return b""

    return ours, theirs
