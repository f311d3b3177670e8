"""Rotating the master key: all still opens, an older copy of the key vault does not (P25)."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.encryption import ClientEncryption

from alko.backups.rotation import Rotation, rotate, rotate_if_due
from alko.database import connection, secrets
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.master_keys import LocalMasterKeys
from alko.privacy.correspondence import correspondents
from config import Settings

pytestmark = pytest.mark.promise("P25")


@pytest.fixture
def alone(app: Flask, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a database of their own, for a rotation touches every key."""
    current: Settings = app.config["ALKO"]
    name = f"rotation_{ObjectId()}"
    mine = dataclasses.replace(
        current, instance=tmp_path, database=name, key_vault_database=f"{name}_keys"
    )
    connection.connect(mine).keyring.prepare()
    yield mine
    app.config["ALKO"] = current
    for database in (name, f"{name}_keys"):
        connection.current().client.drop_database(database)
    connection.connect(current)


def test_sealed_values_outlive_a_rotation_and_old_generations_do_not(alone: Settings) -> None:
    keyring = connection.current().keyring
    name = key_name(ObjectId(), "account")
    keyring.create([name])
    sealed = keyring.seal(name, {"full_name": "Ada"})
    rotate(alone)
    assert keyring.unseal(sealed) == {"full_name": "Ada"}
    assert LocalMasterKeys(alone.instance / "secrets").generations() == [2]
    rotate(alone)
    assert keyring.unseal(sealed) == {"full_name": "Ada"}
    keyring.create([later := key_name(ObjectId(), "account")])
    assert keyring.unseal(keyring.seal(later, {"a": 1})) == {"a": 1}


def test_a_copy_of_the_vault_from_before_opens_nothing_any_more(alone: Settings) -> None:
    """The erased client's key lies in an old copy, wrapped by a generation that is gone."""
    current = connection.current()
    keys = current.client[alone.key_vault_database]["keys"]
    name = key_name(ObjectId(), "account")
    current.keyring.create([name])
    sealed = current.keyring.seal(name, {"full_name": "Ada"})
    old_copy = list(keys.find())
    old_master = secrets.master_key(alone.instance / "secrets", "1")
    current.keyring.destroy([name])
    rotate(alone)
    with pytest.raises(KeyDestroyed):
        _wait_for_cache(current.keyring, sealed)
    keys.delete_many({})
    keys.insert_many(old_copy)
    with pytest.raises(Exception, match=r"local:1|provider|kms"):
        current.keyring.unseal(sealed)
    # The copy itself was good: with the destroyed master key it would open.
    proof: ClientEncryption[dict[str, Any]] = ClientEncryption(
        {"local:1": {"key": old_master}},
        f"{alone.key_vault_database}.keys",
        current.client,
        current.database.codec_options,
    )
    assert proof.decrypt(sealed) == {"full_name": "Ada"}


def _wait_for_cache(keyring: Any, sealed: Any) -> None:
    for _ in range(100):
        keyring.unseal(sealed)
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.1)"], check=True)


def test_another_process_follows(alone: Settings) -> None:
    """Its key ring was made before the rotation and knows nothing of it."""
    mine = connection.current().keyring
    other = connection._keyring(alone, connection.current().client)
    name = key_name(ObjectId(), "account")
    other.create([name])
    sealed = other.seal(name, {"n": 1})
    rotate(alone)
    assert other.unseal(sealed) == {"n": 1}
    other.create([another := key_name(ObjectId(), "account")])
    assert mine.unseal(other.seal(another, {"n": 2})) == {"n": 2}
    assert mine.wrapped_otherwise() == 0


def test_the_command_does_what_the_worker_does(app: Flask, alone: Settings) -> None:
    """A stranger's erasure waits for a rotation, whoever starts it."""
    keyring = connection.current().keyring
    keyring.create([name := key_name(ObjectId(), "account")])
    correspondents.erase(ObjectId(), lambda _: None)
    app.config["ALKO"] = alone
    done = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith(" wrapped anew; 1 older master keys destroyed.\n")
    assert not correspondents.awaiting(correspondents.ROTATION)
    assert not rotate_if_due(alone), "nothing waits any more"
    correspondents.erase(ObjectId(), lambda _: None)
    assert rotate_if_due(alone)
    assert LocalMasterKeys(alone.instance / "secrets").generations() == [3]
    assert connection.current().keyring.exists(name)


def with_a_service(settings: Settings) -> Settings:
    """The driver's own provider options; its local provider under another name stands in."""
    key = base64.b64encode(b"k" * 96).decode()
    return dataclasses.replace(
        settings, kms_providers=json.dumps({"local:elsewhere": {"key": key}})
    )


def test_with_a_service_nothing_is_noted(alone: Settings) -> None:
    """Whether its old key still opens old copies is not the portal's to know."""
    connection.current().keyring.create([key_name(ObjectId(), "account")])
    correspondents.erase(ObjectId(), lambda _: None)
    both = with_a_service(alone)
    local = json.loads(both.kms_providers)
    local["local:1"] = {"key": secrets.master_key(alone.instance / "secrets", "1")}
    elsewhere = dataclasses.replace(
        both,
        kms_providers=json.dumps(local, default=lambda raw: base64.b64encode(raw).decode()),
    )
    connection.connect(elsewhere)
    assert not rotate_if_due(elsewhere)
    assert rotate(elsewhere) == Rotation(wrapped=1, destroyed=0)
    assert correspondents.awaiting(correspondents.ROTATION)


def test_a_key_management_service_is_a_setting(alone: Settings) -> None:
    keyring = connection.connect(with_a_service(alone)).keyring
    keyring.prepare()
    keyring.create([name := key_name(ObjectId(), "account")])
    assert keyring.unseal(keyring.seal(name, {"n": 1})) == {"n": 1}
    keys = connection.current().client[alone.key_vault_database]["keys"]
    assert keys.find_one({"keyAltNames": name})["masterKey"] == {"provider": "local:elsewhere"}
    assert not (alone.instance / "secrets" / "master-key-2").exists()
