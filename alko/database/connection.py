"""The process's connection to MongoDB, its key ring, blind index and signing key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import mongoengine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import MongoClient
from pymongo.database import Database as MongoDatabase

from alko.database import master_keys, secrets
from alko.database.blind_index import BlindIndex
from alko.database.keyring import KeyRing, Wrapping
from config import Settings

WAIT_MILLISECONDS = 5_000


@dataclass(frozen=True)
class Connection:
    """What the lower floor offers to the rest of the house."""

    client: MongoClient[dict[str, Any]]
    database: MongoDatabase[dict[str, Any]]
    keyring: KeyRing
    blind_index: BlindIndex
    signing_key: Ed25519PrivateKey


_current: Connection | None = None


def connect(settings: Settings) -> Connection:
    """Connect this process once; a second call with other settings replaces the first.

    Writes are acknowledged by a majority and journaled; times come back as aware UTC.
    """
    global _current
    disconnect()
    mongoengine.connect(
        db=settings.database,
        host=settings.mongodb_uri,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        appname="alko-privacy-portal",
        **patience(settings.mongodb_uri),
    )
    client: MongoClient[dict[str, Any]] = mongoengine.get_connection()
    folder = settings.instance / "secrets"
    keyring = _keyring(settings, client)
    _current = Connection(
        client=client,
        database=client[settings.database],
        keyring=keyring,
        blind_index=BlindIndex(settings.blind_index_key.encode()),
        signing_key=secrets.signing_key(folder),
    )
    return _current


def patience(uri: str) -> dict[str, int]:
    """How long one operation waits for a database that is away, unless the address says it.

    Longer than the embedded one takes to be started again; short enough for a person to wait,
    and for the web server not to run out of threads that wait.
    """
    if "serverselectiontimeoutms" in uri.lower():
        return {}
    return {"serverSelectionTimeoutMS": WAIT_MILLISECONDS}


def _keyring(settings: Settings, client: MongoClient[dict[str, Any]]) -> KeyRing:
    vault = f"{settings.key_vault_database}.keys"
    return KeyRing(client, vault, lambda: _wrapping(settings), settings.key_cache)


def _wrapping(settings: Settings) -> Wrapping:
    if settings.kms_providers:
        providers = json.loads(settings.kms_providers)
        master_key = json.loads(settings.kms_master_key or "null")
        return Wrapping(providers, next(iter(providers)), master_key)
    local = master_keys.LocalMasterKeys(settings.instance / "secrets")
    return Wrapping(local.providers(), master_keys.provider(local.generations()[-1]))


def current() -> Connection:
    """The process's connection; RuntimeError before connect()."""
    if _current is None:
        raise RuntimeError("connect() was not called")
    return _current


def disconnect() -> None:
    """Close the connection, if there is one."""
    global _current
    if _current is not None:
        _current.keyring.close()
        mongoengine.disconnect()
        _current = None


def ping() -> bool:
    """Whether the database answers (used by /readyz)."""
    return bool(current().client.admin.command("ping").get("ok"))
