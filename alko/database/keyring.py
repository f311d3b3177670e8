"""The key ring: one data key per client and retention rule, in MongoDB's own key vault.

Keys are named ``client/<id>/<class>`` (see ``key_name``). Sealing and opening go through MongoDB's
client-side field-level encryption. A destroyed key makes everything under it unreadable here at
once and in every other process as soon as its cache forgets (``key_cache``, seconds).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


class KeyRing:
    """Creates, uses and destroys data keys."""

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        vault: str,
        kms_providers: Mapping[str, Any],
        provider: str,
        master_key: Mapping[str, Any] | None,
        key_cache: timedelta,
    ) -> None:
        database, collection = vault.split(".", 1)
        self._keys = client[database][collection]
        self._provider = provider
        self._master_key = master_key
        self._encryption: ClientEncryption[dict[str, Any]] = ClientEncryption(
            kms_providers,
            vault,
            client,
            CodecOptions(tz_aware=True),
            key_expiration_ms=int(key_cache.total_seconds() * 1000),
        )

    def prepare(self) -> None:
        """Make the vault's index: one key per name, whoever creates it first."""
        self._keys.create_index("keyAltNames", unique=True, partialFilterExpression=ALT_NAMES_INDEX)

    def create(self, names: Iterable[str]) -> None:
        """Create the named keys; a key that exists is left as it is."""
        for name in names:
            try:
                self._encryption.create_data_key(
                    self._provider, master_key=self._master_key, key_alt_names=[name]
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
        try:
            return self._encryption.encrypt(dict(values), ALGORITHM, key_alt_name=name)
        except EncryptionError as error:
            raise _explained(error) from None

    def unseal(self, sealed: Sealed) -> dict[str, Any]:
        """Decrypt one value; KeyDestroyed where its key is gone."""
        try:
            return self._encryption.decrypt(sealed)
        except EncryptionError as error:
            raise _explained(error) from None

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
