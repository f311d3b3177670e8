"""Sealed records: what goes in comes out, and nothing can be written in clear."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mongoengine import NotUniqueError, ValidationError
from pymongo.errors import PyMongoError

from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import ConcurrentChange, SealedRecord, unsealed
from alko.models import Delivery, IdentityRecord, Message
from alko.models.communication import MessageDetails
from alko.models.profile import Contact, Identity
from alko.models.transaction import DeliveryDetails, DeliveryEvent
from alko.privacy.identity import accounts

pytestmark = pytest.mark.usefixtures("app")
AWKWARD = ("", "a\0b", "😀 ñ ﷽", "\u202e\ud7ff\uffff", "'; --", "$where", "x" * 100_000)


@pytest.fixture
def client(app: Flask) -> ObjectId:
    client = ObjectId()
    accounts.create_keys(client)
    return client


def identity(client: ObjectId, name: str = "Ileana Marchetti") -> IdentityRecord:
    return IdentityRecord.sealing(Identity(full_name=name), client=client).save()


def message(client: ObjectId, subject: str, body: str = "…") -> Message:
    return Message.sealing(
        MessageDetails(subject=subject, body=body),
        client=client,
        reference="R-1",
        direction="from_client",
        channel="portal",
    )


def stored(record: SealedRecord) -> dict[str, Any]:
    found: dict[str, Any] = type(record).raw().find_one({"_id": record.pk})
    return found


def read(record: SealedRecord) -> Any:
    return unsealed(type(record).objects.get(pk=record.pk))


@pytest.mark.promise("P11", "P15")
@given(subject=st.text() | st.sampled_from(AWKWARD), body=st.text() | st.sampled_from(AWKWARD))
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_text_comes_back_as_it_was(client: ObjectId, subject: str, body: str) -> None:
    record = message(client, subject, body).save()
    assert read(record) == MessageDetails(subject=subject, body=body)


def test_nested_values_come_back_as_their_types(client: ObjectId) -> None:
    events = [
        DeliveryEvent(milestone="loaded", place="Köln 🚢", at="2026-01-02", done=True),
        DeliveryEvent(milestone="landed", place="", at="2026-02-30", done=False),
    ]
    details = DeliveryDetails(
        carrier="C",
        vessel="V",
        voyage="7",
        from_port="A",
        to_port="B",
        handover_address="Here\0there",
        events=events,
    )
    record = Delivery.sealing(details, client=client, order=ObjectId()).save()
    assert read(record) == details
    assert isinstance(read(record).events[1], DeliveryEvent)


def test_a_member_added_later_takes_its_default(client: ObjectId) -> None:
    record = identity(client)
    record.sealed = connection.current().keyring.seal(record.key_name(), {"full_name": "Old"})
    record.save()
    assert read(record) == Identity(full_name="Old")


def test_a_record_seals_its_own_kind_only(client: ObjectId) -> None:
    with pytest.raises(TypeError):
        IdentityRecord.sealing({"full_name": "Ileana"}, client=client)
    with pytest.raises(TypeError):
        IdentityRecord.sealing(Contact(email="a@b.example"), client=client)


def test_no_key_no_record() -> None:
    with pytest.raises(KeyDestroyed):
        identity(ObjectId())


@pytest.mark.promise("P11")
@pytest.mark.parametrize("narrowed", ["only", "exclude"])
def test_a_record_loaded_in_part_keeps_the_rest_when_saved(client: ObjectId, narrowed: str) -> None:
    record = identity(client)
    objects = IdentityRecord.objects
    half = (
        objects.only("client", "identification_index", "revision")
        if narrowed == "only"
        else objects.exclude("sealed")
    ).get(pk=record.pk)
    with pytest.raises(ValueError, match="without its sealed value"):
        unsealed(half)
    half.identification_index = "0" * 64
    half.save()
    after = stored(record)
    assert after["identification_index"] == "0" * 64
    assert after["sealed"] == record.sealed
    assert read(record).full_name == "Ileana Marchetti"


def test_sealing_again_changes_the_whole(client: ObjectId) -> None:
    record = identity(client)
    loaded = IdentityRecord.objects.get(pk=record.pk)
    loaded.seal(dataclasses.replace(unsealed(loaded), nationality="RO"))
    loaded.save()
    assert read(record) == Identity(full_name="Ileana Marchetti", nationality="RO")
    assert stored(record)["revision"] == 1


@pytest.mark.parametrize("raw", [True, False])
def test_many_records_at_once(client: ObjectId, raw: bool) -> None:
    batch = [message(client, f"Subject {number}") for number in range(50)]
    if raw:
        Message.raw().insert_many([one.to_mongo() for one in batch])
    else:
        Message.objects.insert(batch)
    found = Message.objects(client=client).order_by("recorded_at", "id")
    subjects = {unsealed(one).subject for one in found}
    assert subjects == {f"Subject {number}" for number in range(50)}


def test_the_second_of_two_concurrent_changes_is_told(client: ObjectId) -> None:
    record = identity(client)
    first, second = (IdentityRecord.objects.get(pk=record.pk) for _ in range(2))
    first.seal(Identity(full_name="First"))
    first.save()
    second.seal(Identity(full_name="Second"))
    with pytest.raises(ConcurrentChange):
        second.save()
    assert read(record).full_name == "First"
    again = IdentityRecord.objects.get(pk=record.pk)
    again.seal(Identity(full_name="Second"))
    again.save()
    assert read(record).full_name == "Second"


def test_of_many_concurrent_changes_none_is_lost_unnoticed(client: ObjectId) -> None:
    record = identity(client, "0")

    def add_one(_: int) -> int:
        tries = 0
        while True:
            tries += 1
            loaded = IdentityRecord.objects.get(pk=record.pk)
            loaded.seal(Identity(full_name=str(int(unsealed(loaded).full_name) + 1)))
            try:
                loaded.save()
            except ConcurrentChange:
                continue
            return tries

    with ThreadPoolExecutor(4) as pool:
        tries = sum(pool.map(add_one, range(20)))
    assert tries >= 20
    assert read(record).full_name == "20"
    assert stored(record)["revision"] == 20


def test_a_record_erased_meanwhile_does_not_come_back(client: ObjectId) -> None:
    record = identity(client)
    record.raw().delete_one({"_id": record.pk})
    record.seal(Identity(full_name="Back"))
    with pytest.raises(ConcurrentChange):
        record.save()
    assert IdentityRecord.raw().find_one({"_id": record.pk}) is None


def test_one_identity_per_client(client: ObjectId) -> None:
    identity(client)
    with pytest.raises(NotUniqueError):
        identity(client)


def test_a_record_without_its_required_fields_is_refused(client: ObjectId) -> None:
    half = Message.sealing(MessageDetails(subject="s", body="b"), client=client)
    with pytest.raises(ValidationError):
        half.save()
    with pytest.raises(PyMongoError):
        Message.raw().insert_one(half.to_mongo())


def test_records_name_their_client_in_their_key(client: ObjectId) -> None:
    assert identity(client).key_name() == key_name(client, "account")
