"""A portal of its own beside the one that all tests share: own database, keys and instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alko import completed, models, preparation
from alko.database import connection
from alko.database.records import Record
from alko.privacy.accountability import ledger
from config import Settings

VOLATILE = {
    "cases": {"email_index"},
    "attachments": {"vault_identity", "vault_key"},
    "clients": {"password_hash", "email_index"},
    "contacts": {"_id", "phone_index"},
    "identities": {"_id", "identification_index"},
    "ledger": {"_id", "previous", "hash", "signature", "reason_hash"},
    "papers": {"vault_identity", "vault_key"},
    "policy_versions": {"_id"},
    "leases": {"_id", "last_success"},
    "sign_ins": {"device_index"},
    "staff": {"password_hash", "email_index"},
    "news": {"_id", "published_at"},
}
"""What chance or the instance's own secrets decide, and rightly so."""
_inside: list[Settings] = []
DECOYS = ("000000000000000000000000", "000000000000000000000001")
"""A client and a member of staff who are nobody; each start makes them if they are missing."""


def own(settings: Settings, folder: Path, name: str) -> Settings:
    """The settings of another portal on the same server, with secrets of its own."""
    return completed(
        dataclasses.replace(
            settings,
            instance=folder / name,
            database=f"{settings.database}_{name}",
            key_vault_database=f"{settings.database}_{name}_keys",
            secret_key="",
            blind_index_key="",
        )
    )


def connect(settings: Settings) -> None:
    # Heads of chains are remembered by client, and the demo's clients are the same everywhere.
    ledger._heads.clear()
    connection.connect(settings)
    preparation.prepare(settings)


@contextmanager
def connected(settings: Settings, home: Settings) -> Iterator[None]:
    """Be the portal of ``settings`` for a while; afterwards its databases are gone.

    One may be inside another; ``home`` is the portal that all tests share.
    """
    _inside.append(settings)
    connect(settings)
    try:
        yield
    finally:
        _inside.remove(settings)
        for name in (settings.database, settings.key_vault_database):
            connection.current().client.drop_database(name)
        ledger._heads.clear()
        connection.connect(_inside[-1] if _inside else home)


def plaintext() -> dict[str, list[dict[str, Any]]]:
    """All records of the connected portal, opened, without what differs by chance."""
    keyring = connection.current().keyring
    found = {}
    for model in models.ALL:
        name = model._get_collection_name()
        documents = []
        for document in connection.current().database[name].find():
            if str(document.get("client")) in DECOYS:
                continue
            if issubclass(model, Record) and (sealed := document.pop("sealed", None)):
                document |= keyring.unseal(sealed)
            for member in VOLATILE.get(name, ()):
                document.pop(member, None)
            documents.append(document)
        found[name] = sorted(documents, key=repr)
    return found
