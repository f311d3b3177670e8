"""The key ring: one data key per client and retention rule, in MongoDB's own key vault.

Keys are named ``client/<id>/<class>`` (see ``key_name``). Sealing and opening go through MongoDB's
client-side field-level encryption. A destroyed key makes everything under it unreadable here at
once and in every other process as soon as its cache forgets (``key_cache``, seconds).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId
from bson.binary import Binary
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.encryption import Algorithm, ClientEncryption
from pymongo.errors import ConnectionFailure, DuplicateKeyError, EncryptionError

ALGORITHM = Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random
SEALED_SUBTYPE = 6
ALT_NAMES_INDEX = {"keyAltNames": {"$exists": True}}

Sealed = Binary
"""Ciphertext as MongoDB stores it: binary, subtype 6."""


class KeyDestroyed(Exception):
    """What was asked for is sealed under a key that no longer exists."""


def key_name(client: ObjectId, key_class: str) -> str:
    """The key's name, for instance ``client/65…/ledger/2026``."""
    return f"client/{client}/{key_class}"


@dataclass(frozen=True)
class Wrapping:
    """How data keys are wrapped: the driver's KMS providers, and the one that wraps new keys."""

    providers: Mapping[str, Any]
    provider: str
    master_key: Mapping[str, Any] | None = None


class KeyRing:
    """Creates, uses and destroys data keys.

    ``wrapping`` is asked anew when a key is made and when one cannot be opened, so that a process
    follows a rotation of the master key without being told.
    """

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        vault: str,
        wrapping: Callable[[], Wrapping],
        key_cache: timedelta,
    ) -> None:
        database, collection = vault.split(".", 1)
        self._client, self._vault = client, vault
        self._keys = client[database][collection]
        self._ask = wrapping
        self._key_cache = key_cache
        self._lock = threading.Lock()
        self._asked_at = time.monotonic()
        self._wrapping = wrapping()
        self._encryption = self._connect()

    def _connect(self) -> ClientEncryption[dict[str, Any]]:
        return ClientEncryption(
            self._wrapping.providers,
            self._vault,
            self._client,
            CodecOptions(tz_aware=True),
            key_expiration_ms=int(self._key_cache.total_seconds() * 1000),
        )

    def follow(self) -> bool:
        """Take up a new generation of the master key; whether there was one."""
        with self._lock:
            self._asked_at = time.monotonic()
            fresh = self._ask()
            if fresh == self._wrapping:
                return False
            # The old one is not closed: another thread may be using it at this moment.
            self._wrapping = fresh
            self._encryption = self._connect()
            return True

    def prepare(self) -> None:
        """Make the vault's index: one key per name, whoever creates it first."""
        self._keys.create_index("keyAltNames", unique=True, partialFilterExpression=ALT_NAMES_INDEX)

    def create(self, names: Iterable[str]) -> None:
        """Create the named keys; a key that exists is left as it is."""
        self.follow()
        for name in names:
            try:
                self._encryption.create_data_key(
                    self._wrapping.provider,
                    master_key=self._wrapping.master_key,
                    key_alt_names=[name],
                )
            except EncryptionError as error:
                if not isinstance(error.cause, DuplicateKeyError):
                    raise _explained(error) from None
            except DuplicateKeyError:
                pass

    def exists(self, name: str) -> bool:
        return self._keys.find_one({"keyAltNames": name}, {"_id": 1}) is not None

    def names(self, prefix: str) -> list[str]:
        """The names of all keys that start with ``prefix``, sorted."""
        span = {"$gte": prefix, "$lt": prefix + "\uffff"}
        found = self._keys.find({"keyAltNames": span}, {"keyAltNames": 1})
        return sorted(name for key in found for name in key["keyAltNames"])

    def destroy(self, names: Iterable[str], session: ClientSession | None = None) -> int:
        """Destroy the named keys for good; returns how many existed (promise P25).

        With a ``session`` as part of its transaction: records and keys go together or not at all.
        """
        named = {"keyAltNames": {"$in": list(names)}}
        return self._keys.delete_many(named, session=session).deleted_count

    def seal(self, name: str, values: Mapping[str, Any]) -> Sealed:
        """Encrypt ``values`` under the named key; KeyDestroyed where there is no such key."""
        return self._with_keys(
            lambda: self._encryption.encrypt(dict(values), ALGORITHM, key_alt_name=name)
        )

    def unseal(self, sealed: Sealed) -> dict[str, Any]:
        """Decrypt one value; KeyDestroyed where its key is gone."""
        return self._with_keys(lambda: self._encryption.decrypt(sealed))

    def _with_keys(self, work: Callable[[], Any]) -> Any:
        if time.monotonic() - self._asked_at > self._key_cache.total_seconds():
            # Forgets a destroyed master key as soon as destroyed data keys are forgotten.
            self.follow()
        try:
            return work()
        except EncryptionError as error:
            explained = _explained(error)
            if isinstance(explained, KeyDestroyed) or not self.follow():
                raise explained from None
        try:
            return work()
        except EncryptionError as error:
            raise _explained(error) from None

    def stored(self, batch: int = 1_000) -> Iterator[bytes]:
        """All keys as the vault holds them, wrapped by the master key: BSON, in batches."""
        yield from self._keys.find_raw_batches({}, batch_size=batch)

    def take_back(self, keys: Iterable[Any]) -> None:
        """Put keys into the vault as ``stored`` gave them."""
        self._keys.insert_many(keys, ordered=False)

    def clear(self) -> None:
        """Destroy every key: only to put others in their place."""
        self._keys.delete_many({})

    def holds_any(self, but: Iterable[ObjectId]) -> bool:
        """Whether there is a key of anybody but these."""
        prefixes = "|".join(str(one) for one in but) or "nobody"
        others = {"keyAltNames": {"$not": {"$regex": f"^client/({prefixes})/"}}}
        return self._keys.find_one(others, {"_id": 1}) is not None

    def providers(self) -> set[str]:
        """The master keys that this process can use, by the names the vault has for them."""
        return set(self._ask().providers)

    def rewrap(self) -> int:
        """Wrap every data key with the newest master key; returns how many were wrapped anew."""
        self.follow()
        others = {"masterKey.provider": {"$ne": self._wrapping.provider}}
        count = self._keys.count_documents(others)
        if not count and self._wrapping.master_key is None:
            return 0
        done = self._encryption.rewrap_many_data_key(
            others if count else {},
            provider=self._wrapping.provider,
            master_key=self._wrapping.master_key,
        )
        return done.bulk_write_result.modified_count if done.bulk_write_result else 0

    def wrapped_otherwise(self) -> int:
        """How many data keys an older master key still wraps."""
        return self._keys.count_documents({"masterKey.provider": {"$ne": self._wrapping.provider}})

    def unseal_many(self, values: Sequence[Sealed | None]) -> list[dict[str, Any] | None]:
        """Decrypt a batch; None stands where there was nothing or the key is gone."""
        return [self._unseal_or_none(value) for value in values]

    def _unseal_or_none(self, value: Sealed | None) -> dict[str, Any] | None:
        if value is None:
            return None
        try:
            return self.unseal(value)
        except KeyDestroyed:
            return None

    def close(self) -> None:
        self._encryption.close()


def _explained(error: EncryptionError) -> Exception:
    # The driver has one exception for all that can go wrong; only this text tells a missing key
    # from a fault that must surface. A test with a really destroyed key guards the wording.
    if "not all keys requested were satisfied" in str(error):
        return KeyDestroyed("the key for this data has been destroyed")
    # The vault did not answer: that passes, and is met like any database that is away.
    return error.cause if isinstance(error.cause, ConnectionFailure) else error
