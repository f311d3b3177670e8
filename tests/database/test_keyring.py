"""The key ring: keys are made once, die for everyone, and die alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import ObjectId
from bson.binary import Binary
from flask import Flask
from pymongo.errors import EncryptionError

from alko.database import connection
from alko.database.keyring import SEALED_SUBTYPE, KeyDestroyed, KeyRing, key_name
from config import Settings
from tests.processes import another_process, in_another_process


@pytest.fixture
def settings_in_use(app: Flask) -> Settings:
    settings: Settings = app.config["ALKO"]
    return settings


@pytest.fixture
def keyring(app: Flask) -> KeyRing:
    return connection.current().keyring


@pytest.fixture
def client() -> ObjectId:
    return ObjectId()


def create(names: list[str]) -> list[str]:
    keyring = connection.current().keyring
    keyring.create(names)
    return keyring.names(names[0].rpartition("/")[0])


def unseal(sealed: bytes) -> object:
    """What another process reads: the values, or None where it is told that the key is gone."""
    return connection.current().keyring.unseal_many([Binary(sealed, SEALED_SUBTYPE)])[0]


def unseal_until_gone(sealed: bytes, ready: str, limit: float) -> tuple[object, object]:
    """Reads once, says so through the database, and reads on for ``limit`` seconds."""
    first = unseal(sealed)
    connection.current().database["handshake"].insert_one({"_id": ready})
    end = time.monotonic() + limit
    while (last := unseal(sealed)) is not None and time.monotonic() < end:
        time.sleep(0.1)
    return first, last


@pytest.mark.promise("P11")
def test_a_value_comes_back_as_it_was_and_is_stored_as_ciphertext(
    keyring: KeyRing, client: ObjectId
) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    sealed = keyring.seal(name, {"full_name": "Ileana Marchetti"})
    assert sealed.subtype == SEALED_SUBTYPE
    assert b"Marchetti" not in bytes(sealed)
    assert keyring.unseal(sealed) == {"full_name": "Ileana Marchetti"}


def test_equal_values_are_sealed_differently(keyring: KeyRing, client: ObjectId) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    assert keyring.seal(name, {"x": 1}) != keyring.seal(name, {"x": 1})


def test_creating_again_keeps_the_key(keyring: KeyRing, client: ObjectId) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    sealed = keyring.seal(name, {"x": 1})
    keyring.create([name, name])
    assert keyring.unseal(sealed) == {"x": 1}
    assert keyring.names(f"client/{client}/") == [name]


def test_many_threads_create_one_key(keyring: KeyRing, client: ObjectId) -> None:
    names = [key_name(client, "account"), key_name(client, "technical")]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: keyring.create(names), range(32)))
    assert keyring.names(f"client/{client}/") == sorted(names)


def test_several_processes_create_one_key(settings_in_use: Settings, client: ObjectId) -> None:
    names = [key_name(client, str(number)) for number in range(20)]
    with another_process(settings_in_use, 2) as pool:
        results = [pool.submit(create, names) for _ in range(6)]
        for result in results:
            result.result()
    assert connection.current().keyring.names(f"client/{client}/") == sorted(names)


def test_names_lists_one_client_only(keyring: KeyRing, client: ObjectId) -> None:
    other = ObjectId()
    keyring.create([key_name(client, "account"), key_name(client, "ledger/2026")])
    keyring.create([key_name(other, "account")])
    assert keyring.names(f"client/{client}/") == [
        f"client/{client}/account",
        f"client/{client}/ledger/2026",
    ]
    assert keyring.exists(key_name(other, "account"))
    assert not keyring.exists(key_name(other, "ledger/2026"))


def test_sealing_under_a_key_that_never_was(keyring: KeyRing, client: ObjectId) -> None:
    """Guards the driver's wording, from which a missing key is told apart from other faults."""
    with pytest.raises(KeyDestroyed):
        keyring.seal(key_name(client, "account"), {"x": 1})


@pytest.mark.promise("P25")
def test_a_destroyed_key_takes_its_values_with_it_and_nothing_else(
    keyring: KeyRing, settings_in_use: Settings, client: ObjectId
) -> None:
    other = ObjectId()
    names = {
        "gone": key_name(client, "account"),
        "same client": key_name(client, "technical"),
        "other client": key_name(other, "account"),
    }
    keyring.create(names.values())
    sealed = {who: keyring.seal(name, {"who": who}) for who, name in names.items()}

    assert keyring.destroy([names["gone"], key_name(client, "never made")]) == 1

    assert not keyring.exists(names["gone"])
    wait_for_the_cache(settings_in_use)
    with pytest.raises(KeyDestroyed):
        keyring.unseal(sealed["gone"])
    with pytest.raises(KeyDestroyed):
        keyring.seal(names["gone"], {"x": 1})
    assert keyring.unseal_many([*sealed.values(), None]) == [
        None,
        {"who": "same client"},
        {"who": "other client"},
        None,
    ]
    assert in_another_process(settings_in_use, unseal, bytes(sealed["gone"])) is None
    assert in_another_process(settings_in_use, unseal, bytes(sealed["other client"])) == {
        "who": "other client"
    }


@pytest.mark.promise("P25")
def test_a_process_that_had_the_key_forgets_it(
    keyring: KeyRing, settings_in_use: Settings, client: ObjectId
) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    sealed = keyring.seal(name, {"x": 1})
    database = connection.current().database
    ready = str(client)
    with another_process(settings_in_use) as pool:
        reading = pool.submit(unseal_until_gone, bytes(sealed), ready, 60)
        while not database["handshake"].find_one({"_id": ready}) and not reading.done():
            time.sleep(0.05)
        keyring.destroy([name])
        assert reading.result() == ({"x": 1}, None)


def test_a_key_made_again_under_the_same_name_opens_nothing_old(
    keyring: KeyRing, settings_in_use: Settings, client: ObjectId
) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    old = keyring.seal(name, {"x": 1})
    keyring.destroy([name])
    keyring.create([name])
    wait_for_the_cache(settings_in_use)
    assert keyring.unseal(keyring.seal(name, {"x": 2})) == {"x": 2}
    with pytest.raises(KeyDestroyed):
        keyring.unseal(old)


@pytest.mark.parametrize("length", [0, 1, 17, 40, 200])
def test_damaged_ciphertext_is_a_fault_and_not_a_destroyed_key(
    keyring: KeyRing, client: ObjectId, length: int
) -> None:
    name = key_name(client, "account")
    keyring.create([name])
    sealed = bytes(keyring.seal(name, {"x": "y" * 300}))
    flipped = bytes([sealed[length] ^ 0xFF])
    damaged = sealed[:length] if length < 40 else sealed[:length] + flipped + sealed[length + 1 :]
    with pytest.raises(EncryptionError):
        keyring.unseal(Binary(damaged, SEALED_SUBTYPE))


@pytest.fixture(autouse=True)
def no_handshake_left(app: Flask) -> Iterator[None]:
    yield
    connection.current().database.drop_collection("handshake")


def wait_for_the_cache(settings: Settings) -> None:
    time.sleep(settings.key_cache.total_seconds() + 0.2)
