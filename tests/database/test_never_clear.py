"""Nothing personal can be written in clear, by whichever way one tries (promises P11, P15)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from bson.binary import Binary
from flask import Flask
from mongoengine import FieldDoesNotExist, InvalidQueryError, ValidationError
from mongoengine.errors import OperationError
from pymongo import MongoClient
from pymongo.errors import BulkWriteError, PyMongoError

from alko.database.records import SealedRecord
from alko.models import ALL, ContactRecord, IdentityRecord, Message
from alko.models.communication import MessageDetails
from alko.models.profile import Contact, Identity
from alko.privacy.identity import accounts

pytestmark = pytest.mark.usefixtures("app")
CLEAR = {"full_name": "Written In Clear"}


@pytest.fixture
def client(app: Flask) -> ObjectId:
    client = ObjectId()
    accounts.create_keys(client)
    return client


def identity(client: ObjectId) -> IdentityRecord:
    return IdentityRecord.sealing(Identity(full_name="Ileana Marchetti"), client=client).save()


def message(client: ObjectId, subject: object, body: str = "…") -> Message:
    return Message.sealing(
        MessageDetails(subject=str(subject), body=body),
        client=client,
        reference="R-1",
        direction="from_client",
        channel="portal",
    )


def stored(record: SealedRecord) -> dict[str, Any]:
    found: dict[str, Any] = type(record).raw().find_one({"_id": record.pk})
    return found


def document(client: ObjectId, **members: Any) -> dict[str, Any]:
    base = {"_id": ObjectId(), "client": client, "recorded_at": datetime.now(UTC), "revision": 0}
    return base | members


REFUSALS = (ValidationError, OperationError, FieldDoesNotExist, InvalidQueryError, PyMongoError)
"""The locks behind each other, each with its own exception."""
WAYS_TO_WRITE_CLEAR: dict[str, Callable[[IdentityRecord], Any]] = {
    "a dictionary": lambda r: assign(r, CLEAR),
    "bytes": lambda r: assign(r, b"Written In Clear"),
    "text": lambda r: assign(r, "Written In Clear"),
    "binary of another kind": lambda r: assign(r, Binary(b"Written In Clear", 0)),
    "a personal object": lambda r: assign(r, Identity(full_name="Written In Clear")),
    "update of the record": lambda r: r.update(set__sealed=CLEAR),
    "update of a member": lambda r: r.update(set__sealed__full_name="Written In Clear"),
    "update of the query set": lambda r: query(r).update(set__sealed=CLEAR),
    "update with binary": lambda r: query(r).update(set__sealed=Binary(b"Written In Clear", 0)),
    "update_one": lambda r: query(r).update_one(set__sealed="Written In Clear"),
    "modify": lambda r: query(r).modify(set__sealed=CLEAR),
    "removing the sealed value": lambda r: query(r).update(unset__sealed=1),
    "raw update": lambda r: r.raw().update_one({"_id": r.pk}, {"$set": {"sealed": CLEAR}}),
    "raw update of a member": lambda r: r.raw().update_one(
        {"_id": r.pk}, {"$set": {"sealed.full_name": "Written In Clear"}}
    ),
    "raw update of a new field": lambda r: r.raw().update_one(
        {"_id": r.pk}, {"$set": {"full_name": "Written In Clear"}}
    ),
    "raw replace": lambda r: r.raw().replace_one({"_id": r.pk}, document(ObjectId(), **CLEAR)),
    "raw insert of a clear sealed": lambda r: r.raw().insert_one(
        document(ObjectId(), sealed=CLEAR)
    ),
    "raw insert of other binary": lambda r: r.raw().insert_one(
        document(ObjectId(), sealed=b"Written In Clear")
    ),
    "raw insert without sealed": lambda r: r.raw().insert_one(document(ObjectId())),
    "raw insert with another field": lambda r: r.raw().insert_one(
        document(ObjectId(), sealed=r.sealed, full_name="Written In Clear")
    ),
    "raw bulk insert": lambda r: r.raw().insert_many([document(ObjectId(), sealed=CLEAR)]),
    "raw upsert": lambda r: r.raw().update_one(
        {"_id": ObjectId()}, {"$set": document(ObjectId(), sealed=CLEAR)}, upsert=True
    ),
    "raw pipeline update": lambda r: r.raw().update_one(
        {"_id": r.pk}, [{"$set": {"sealed": {"$literal": CLEAR}}}]
    ),
    "insert of objects": lambda r: IdentityRecord.objects.insert(
        IdentityRecord(client=ObjectId(), sealed=CLEAR)
    ),
    "a new object": lambda r: IdentityRecord(client=ObjectId(), sealed=CLEAR).save(),
    "a new object, unvalidated": lambda r: IdentityRecord(client=ObjectId(), sealed=CLEAR).save(
        validate=False
    ),
    "an unknown member": lambda r: IdentityRecord(client=ObjectId(), full_name="Written In Clear"),
    "aggregation into the collection": lambda r: list(
        r.raw().aggregate(
            [
                {"$match": {"_id": r.pk}},
                {"$set": {"sealed": "Written In Clear"}},
                {"$merge": {"into": r.raw().name}},
            ]
        )
    ),
}


def assign(record: IdentityRecord, value: Any) -> None:
    record.sealed = value
    record.save(validate=False)


def query(record: IdentityRecord) -> Any:
    return IdentityRecord.objects(pk=record.pk)


@pytest.mark.promise("P11", "P15")
@pytest.mark.parametrize("way", WAYS_TO_WRITE_CLEAR)
def test_clear_text_cannot_be_written(client: ObjectId, way: str) -> None:
    record = identity(client)
    before = stored(record)
    with pytest.raises(REFUSALS):
        WAYS_TO_WRITE_CLEAR[way](IdentityRecord.objects.get(pk=record.pk))
    assert stored(record) == before
    everything = list(IdentityRecord.raw().find({}))
    assert "Written In Clear" not in repr(everything)
    assert b"Written In Clear" not in b"".join(bytes(one["sealed"]) for one in everything)


@pytest.mark.promise("P11")
def test_the_server_itself_refuses_clear_text_in_every_sealed_collection(app: Flask) -> None:
    """Without our code in between: a bare client, as another tool would be."""
    settings = app.config["ALKO"]
    sealed_models = [model for model in ALL if issubclass(model, SealedRecord)]
    assert len(sealed_models) >= 12
    with MongoClient[dict[str, Any]](settings.mongodb_uri) as bare:
        for model in sealed_models:
            options = bare[settings.database][model._get_collection_name()].options()
            schema = options["validator"]["$jsonSchema"]
            assert schema["properties"]["sealed"] == {"encrypt": {}}, model
            assert schema["additionalProperties"] is False, model
            assert "sealed" in schema["required"], model
            assert options.get("validationAction", "error") == "error", model
            assert options.get("validationLevel", "strict") == "strict", model


def test_a_bulk_with_one_clear_record_in_it_stops_there(client: ObjectId) -> None:
    batch = [message(client, number).to_mongo() for number in range(3)]
    batch[1]["sealed"] = {"subject": "Written In Clear"}
    with pytest.raises(BulkWriteError):
        Message.raw().insert_many(batch, ordered=False)
    assert Message.raw().count_documents({"client": client}) == 2
    assert "Written In Clear" not in repr(list(Message.raw().find({"client": client})))


@pytest.mark.promise("P11")
def test_neither_documents_nor_data_files_hold_plaintext(app: Flask, client: ObjectId) -> None:
    """Reads what a thief of the disk would read, after the server wrote everything down."""
    settings = app.config["ALKO"]
    marker = f"Marker-{uuid.uuid4().hex}"
    open_mark = uuid.uuid4().hex
    ContactRecord.sealing(
        Contact(email=f"{marker}@example.test", street=marker * 20, city=marker),
        client=client,
        phone_index=open_mark,
    ).save()
    message(client, marker, marker * 1000).save()
    with MongoClient[dict[str, Any]](settings.mongodb_uri) as bare:
        bare.admin.command("fsync")
        documents = [
            repr(one)
            for name in bare[settings.database].list_collection_names()
            for one in bare[settings.database][name].find({"client": client})
        ]
        folder = bare.admin.command("getCmdLineOpts")["parsed"]["storage"]["dbPath"]
    assert len(documents) == 2
    assert not any(marker in one for one in documents)
    hits = files_with(folder, marker.encode(), open_mark.encode())
    assert hits["clear"], "the search itself must be able to find what is stored in clear"
    assert hits["sealed"] == []


def files_with(folder: str, sealed: bytes, clear: bytes) -> dict[str, list[str]]:
    """Which of the server's files, journal and log hold either text.

    The files are compressed, but a random text stays literal in a block; that ``clear``, which is
    stored unsealed in the same record, is found shows that the search works.
    """
    found: dict[str, list[str]] = {"sealed": [], "clear": []}
    for path in Path(folder).parent.rglob("*"):
        if path.is_file() and not path.is_socket():
            content = path.read_bytes()
            for kind, text in (("sealed", sealed), ("clear", clear)):
                if text in content:
                    found[kind].append(path.name)
    return found
