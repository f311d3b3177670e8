"""Whoever has the database, the blind index key and all that was known tries to link it back."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import ObjectId
from flask import Flask

import alko.models as models
from alko.database import connection
from alko.database.records import type_hints
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.models.client import Credentials
from alko.models.erasure import ErasureRun
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure
from alko.privacy.vocabulary import Erasure
from alko.vault import Vault
from alko.vault.stores import LocalStore

pytestmark = pytest.mark.promise("P24", "P25")

TELLING = 12
"""Characters from which a text is no code that many records share."""


@pytest.fixture
def erased(app: Flask, tmp_path: Path) -> tuple[Everything, ErasureRun]:
    """Somebody whose erasure is over, receipt and all."""
    store = LocalStore(tmp_path / "vault")
    everything = everything_about(Factory(seed=int.from_bytes(os.urandom(4)), vault=Vault(store)))
    client = everything.person.id
    run = erasure.execute(
        erasure.schedule(client, Actor.client(client), at_once=True), store.delete
    )
    erasure.forget_address(run)
    return everything, run


def database() -> Iterator[tuple[str, bytes]]:
    """Every record of every collection, as stored."""
    everything = connection.current().database
    for name in everything.list_collection_names():
        collection: Any = everything[name]
        for batch in collection.find_raw_batches({}):
            while batch:
                size = int.from_bytes(batch[:4], "little")
                yield name, batch[:size]
                batch = batch[size:]


def test_only_what_the_tax_rule_needs_still_names_the_client(
    erased: tuple[Everything, ErasureRun],
) -> None:
    everything, run = erased
    person, blind = everything.person, connection.current().blind_index
    known = {
        blind.of("email", person.contact.email),
        blind.of("phone", person.contact.phone),
        blind.of("identification", person.identity.identification_number),
    }
    unmistakable = [text for text in everything.plaintext() if "nïque" in text]
    needles = [text.encode() for text in (*known, *unmistakable)]
    number = (person.id.binary, str(person.id).encode())
    naming: set[tuple[str, ObjectId]] = set()
    for name, record in database():
        assert [needle for needle in needles if needle in record] == [], name
        if any(one in record for one in number):
            naming.add((name, bson.decode(record)["_id"]))
    kept = {(_collection(entry["category"]), entry["id"]) for entry in run.kept}
    assert naming == kept | {("erasures", run.pk)}


def test_what_is_kept_holds_nothing_beyond_what_its_rule_needs(
    erased: tuple[Everything, ErasureRun],
) -> None:
    everything, run = erased
    keyring = connection.current().keyring
    beyond = {
        value
        for (slug, _, name), value in everything.expected.items()
        if CATEGORIES[slug].erasure_of(CATEGORIES[slug].field(name)) is not Erasure.KEEP
        and slug != "documents"
        and isinstance(value, str)
        and len(value) >= TELLING
    }
    assert everything.person.contact.email in beyond
    for entry in run.kept:
        category = CATEGORIES[entry["category"]]
        if category.slug == "documents":
            continue  # a receipt is a tax record as it is
        model = getattr(models, category.model)
        inside = keyring.unseal(model.raw().find_one({"_id": entry["id"]})["sealed"])
        for name in type_hints(model.Personal):
            needed = category.erasure_of(category.field(name)) is Erasure.KEEP
            assert needed or not inside[name], name
        assert not beyond & set(map(str, inside.values()))


def test_nothing_links_a_stranger_with_the_same_address_to_who_was_erased(
    erased: tuple[Everything, ErasureRun],
) -> None:
    everything, _ = erased
    client = everything.person.id
    stranger = accounts.open_account(
        ObjectId(),
        Credentials(password_hash="x"),
        dataclasses.replace(everything.person.contact),
        everything.person.identity,
    )
    old, new = set(), set()
    for name, record in database():
        for owner, found in ((client, old), (stranger, new)):
            if owner.binary in record:
                found |= set(_values(bson.decode(record)))
        assert not (client.binary in record and stranger.binary in record), name
    assert len(old) > 10 and len(new) > 10
    assert old & new == set()


def _collection(slug: str) -> str:
    return str(getattr(models, CATEGORIES[slug].model)._get_collection_name())


def _values(document: Any) -> Iterator[Any]:
    """The values that could link two records: numbers of records, moments, longer texts, bytes."""
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for one in document:
            yield from _values(one)
    if isinstance(document, str) and (len(document) < TELLING or "." in document):
        return
    if isinstance(document, (ObjectId, bytes, datetime, str)):
        yield document
