"""Many clients and many records, written straight into the database: what a bench measures beside.

The sealed values are one real ciphertext each, used again and again: their size and their place
matter here, not what is in them. Whoever is erased in a measurement is made properly.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import bson
from bson import ObjectId
from bson.binary import Binary
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern

import alko.models as models
from alko.database import connection
from alko.database.keyring import key_name
from alko.demo.factories import Factory

BATCH = 10_000
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


class Stamp:
    """One document again and again with other values in some fields, without encoding it anew."""

    def __init__(self, pattern: dict[str, Any], names: Iterable[str]) -> None:
        marks = {name: _mark(pattern[name]) for name in names}
        self._bytes = bson.encode({**pattern, **marks})
        self._places = {name: self._bytes.index(_raw(mark)) for name, mark in marks.items()}

    def print(self, values: dict[str, Any]) -> RawBSONDocument:
        """The document with these values: of the same type and length as the pattern's marks."""
        copy = bytearray(self._bytes)
        for name, value in values.items():
            raw, place = _raw(value), self._places[name]
            copy[place : place + len(raw)] = raw
        return RawBSONDocument(bytes(copy))


def _mark(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return ObjectId()
    if isinstance(value, datetime):
        return datetime.fromtimestamp(secrets.randbelow(10**9), UTC)
    if isinstance(value, list):
        return [secrets.token_hex(len(value[0]) // 2 + 1)[: len(value[0])]]
    if isinstance(value, str):
        return secrets.token_hex(24)
    return Binary(os.urandom(16), 4)


def _raw(value: Any) -> bytes:
    if isinstance(value, ObjectId):
        return value.binary
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000).to_bytes(8, "little", signed=True)
    if isinstance(value, list):
        return str(value[0]).encode()
    return value.encode() if isinstance(value, str) else bytes(value)


def clients(count: int, factory: Factory, vault: str) -> None:
    """So many clients with an order, a sign-in, an entry of the ledger, and keys."""
    person = factory.client().id
    factory.order(person)
    factory.sign_in(person)
    numbers = [ObjectId() for _ in range(count)]
    for model in FILLED:
        pattern = model.raw().find_one({"client": person})
        names = ["_id", "client", *(name for name in UNIQUE if name in pattern)]
        _fill(model, (_like(Stamp(pattern, names), names, model, numbers)))
    keys = connection.current().client[vault]["keys"]
    for name in KEYS:
        pattern = keys.find_one({"keyAltNames": key_name(person, name)})
        assert pattern is not None
        stamp = Stamp(pattern, ["_id", "keyAltNames"])
        _insert(keys, (stamp.print(_key(one, name)) for one in numbers))


def _like(
    stamp: Stamp, names: list[str], model: type[Any], numbers: list[ObjectId]
) -> Iterator[RawBSONDocument]:
    for client in numbers:
        own = ObjectId() if model is not models.Client else client
        values: dict[str, Any] = dict.fromkeys(names, f"{own}{client}")
        yield stamp.print({**values, "_id": own, "client": client})


def _key(client: ObjectId, name: str) -> dict[str, Any]:
    return {"_id": Binary(os.urandom(16), 4), "keyAltNames": [key_name(client, name)]}


def page_views(count: int, due: bool, owners: list[ObjectId], factory: Factory) -> None:
    """So many page views of these clients: all of them due for some days, or none of them yet."""
    first = factory.page_view(factory.client().id)
    pattern = models.PageView.raw().find_one_and_delete({"_id": first.pk})
    stamp = Stamp(pattern, ["_id", "client", "recorded_at", "erase_after"])
    documents = (stamp.print(_view(n, due, owners)) for n in range(count))
    if due:
        _insert(models.PageView.raw(), documents)
    else:
        _fill(models.PageView, documents)


def _view(number: int, due: bool, owners: list[ObjectId]) -> dict[str, Any]:
    days = timedelta(days=1 + number % 30, seconds=number)
    ends = datetime.now(UTC) - days if due else datetime.now(UTC) + days
    return {
        "_id": ObjectId(),
        "client": owners[number % len(owners)],
        "recorded_at": ends - timedelta(days=365),
        "erase_after": ends,
    }


def _fill(model: type[Any], documents: Iterable[RawBSONDocument]) -> None:
    """Many at once: the indexes are made when all are there, which is a lot faster."""
    model.raw().drop_indexes()
    _insert(model.raw(), documents)
    model.ensure_indexes()


def _insert(collection: Any, documents: Iterable[RawBSONDocument]) -> None:
    unhurried = collection.with_options(write_concern=WriteConcern(1))
    incoming = iter(documents)
    while batch := list(islice(incoming, BATCH)):
        unhurried.insert_many(batch, ordered=False, bypass_document_validation=True)
