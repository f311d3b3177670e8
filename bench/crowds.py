"""Many clients and many records, written straight into the database: what a bench measures against.

The sealed values are one real ciphertext each, used again and again: their size and their place
matter here, not what is in them. Whoever is erased or read in a measurement is made properly.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from bson import ObjectId
from bson.binary import Binary

import alko.models as models
from alko.database import connection
from alko.database.keyring import key_name
from alko.demo.factories import Factory

BATCH = 5_000
FILLED = (
    models.Client,
    models.ContactRecord,
    models.IdentityRecord,
    models.Order,
    models.SignIn,
    models.LedgerEntry,
)
UNIQUE = ("email_index", "token_hash", "number")
KEYS = ("account", "technical", "ledger/open")


def clients(count: int, factory: Factory, vault_name: str) -> None:
    """So many clients with an order, a sign-in, an entry of the ledger, and keys."""
    person = factory.client().id
    factory.order(person)
    factory.sign_in(person)
    numbers = [ObjectId() for _ in range(count)]
    for model in FILLED:
        pattern = model.raw().find_one({"client": person})
        _insert(model.raw(), (_like(pattern, model, one) for one in numbers))
    vault = connection.current().client[vault_name]["keys"]
    key = vault.find_one({"keyAltNames": key_name(person, "account")})
    _insert(vault, (_key_like(key, key_name(one, name)) for one in numbers for name in KEYS))


def page_views(count: int, due: bool, owners: list[ObjectId], factory: Factory) -> None:
    """So many page views of these clients, due for some days or for none of the next."""
    collection = models.PageView.raw()
    first = factory.page_view(factory.client().id)
    pattern = collection.find_one({"_id": first.pk})
    collection.delete_one({"_id": first.pk})
    _insert(collection, views(count, due, owners, pattern))


def views(
    count: int, due: bool, owners: list[ObjectId], pattern: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number in range(count):
        days = timedelta(days=1 + number % 30, seconds=number)
        ends = now - days if due else now + days
        changed = {"client": owners[number % len(owners)], "erase_after": ends}
        yield {**pattern, "_id": ObjectId(), "recorded_at": ends - timedelta(days=365), **changed}


def _like(pattern: dict[str, Any], model: type[Any], client: ObjectId) -> dict[str, Any]:
    own = {name: f"{name}-{client}" for name in UNIQUE if name in pattern}
    number = client if model is models.Client else ObjectId()
    return {**pattern, "_id": number, "client": client, **own}


def _key_like(key: dict[str, Any], name: str) -> dict[str, Any]:
    return {**key, "_id": Binary(uuid.uuid4().bytes, 4), "keyAltNames": [name]}


def _insert(collection: Any, documents: Iterable[dict[str, Any]]) -> None:
    incoming = iter(documents)
    while batch := list(islice(incoming, BATCH)):
        collection.insert_many(batch, ordered=False, bypass_document_validation=True)
