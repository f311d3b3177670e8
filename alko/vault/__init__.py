"""The vault: uploaded files, sealed one by one and put where only ciphertext may rest."""

from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from alko.vault.sealing import PlainStream, new_identity, open_stream, seal
from alko.vault.stores import Store, new_key

__all__ = ["StoredFile", "Vault"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the caller keeps in the document's record; `identity` in its sealed part.

    Sizes are bytes, `sha256` is the plaintext's in hex. The identity stays out of `repr`, hence
    out of logs and tracebacks.
    """

    key: str
    identity: str = field(repr=False)
    size: int
    sealed_size: int
    sha256: str


class Vault:
    """Seals into a store and opens from it. Plaintext never touches a disk (P13, P15)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, source: BinaryIO, key: str | None = None) -> StoredFile:
        """Seal `source` up to its end under a new identity and a new key; it is not closed.

        Whoever must know the key beforehand gives one that `new_key` made.
        Raises what reading `source` raises, and `StoreUnavailable`; nothing is stored then.
        """
        key, identity = key or new_key(), new_identity()
        sealed = self._store.put(key, partial(seal, source, identity=identity))
        return StoredFile(key, identity, sealed.size_plain, sealed.size_sealed, sealed.sha256)

    def read(self, key: str, identity: str) -> PlainStream:
        """Return the plaintext as an iterator over chunks of 64 KiB, ready to be a response body.

        The first chunk is verified before this returns. Raises `BadKey`, `NotStored`,
        `StoreUnavailable`, `BadIdentity`; `SealBroken` also while iterating.
        """
        return open_stream(self._store.open(key), identity)

    def remove(self, key: str) -> None:
        """Remove the ciphertext; no error when it is gone already.

        Raises `BadKey`, `StoreUnavailable`.
        """
        self._store.delete(key)

    def tidy(self) -> int:
        """Remove what crashes left unfinished in the store; returns how many files.

        Raises `StoreUnavailable`.
        """
        return self._store.tidy()
