"""Secrets that the portal makes for itself: files of the instance folder, mode 0600."""

from __future__ import annotations

import os
import secrets as random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from alko import files


def load_or_create(path: Path, content: bytes) -> bytes:
    """Return the file's bytes; write ``content`` first where there is no file.

    Two processes that start together end with the same bytes: the finished file is linked into
    place, so a reader never sees half of it and the loser of the race reads the winner's.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    files.make_folder(path.parent)
    try:
        with files.written_whole(path, only_new=True) as file:
            file.write(content)
    except FileExistsError:
        return path.read_bytes()
    return content


def text_secret(folder: Path, name: str) -> str:
    """A random secret of 43 characters, made once."""
    return load_or_create(folder / name, random.token_urlsafe(32).encode()).decode()


def master_key(folder: Path, generation: str) -> bytes:
    """The 96 bytes of one generation of the local master key, made once."""
    return load_or_create(folder / f"master-key-{generation}", os.urandom(96))


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The Ed25519 key that signs ledger entries and manifests, made once."""
    fresh = Ed25519PrivateKey.generate().private_bytes(
        Encoding.Raw, PrivateFormat.Raw, NoEncryption()
    )
    return Ed25519PrivateKey.from_private_bytes(load_or_create(folder / "signing-key", fresh))
