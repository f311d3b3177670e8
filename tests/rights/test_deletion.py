"""Deletion: the plan, the confirmation, the wait, the end, the receipt (P24, P28)."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory, Person
from alko.models.communication import Mail
from alko.models.transaction import OrderStatus
from alko.privacy.door.access import Actor
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure, receipts
from alko.privacy.lifecycle.planner import WHYS, Why
from alko.vault.access import vault_of
from tests.portal import Page, Portal

pytestmark = pytest.mark.promise("P24", "P28")
TOOL = Path(__file__).parents[2] / "static" / "tools" / "verify_receipt.py"


@pytest.fixture
def everything(app: Flask) -> Everything:
    return everything_about(Factory(str(ObjectId()), vault=vault_of(app.config["ALKO"])))


def confirm(client: Portal, person: Person, **changed: str) -> Page:
    client.get("/rights/deletion")
    typed = {"when": "later", "phrase": "Delete  my DATA", "password": person.password}
    return client.submit("/rights/deletion", **{**typed, **changed})


def test_the_plan_is_shown_before_anything_is_confirmed(app: Flask, everything: Everything) -> None:
    client = Portal(app).enter(everything.person.id)
    page = client.get("/rights/deletion")
    assert WHYS[Why.TAX_LAW] in page.main
    assert CATEGORIES["identity"].label in page.text_of("#goes")
    assert CATEGORIES["invoices"].label in page.text_of("#stays")
    assert "/my-data/download" in page.links
    assert erasure.pending(everything.person.id) is None


def test_an_open_order_is_named(client: Portal, person: Person) -> None:
    Factory().order(person.id, OrderStatus.SHIPPED)
    page = client.get("/rights/deletion")
    assert "1 order is under way" in page.main
    assert WHYS[Why.OPEN_ORDER] in page.main


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"phrase": "delete my date"}, "Type exactly these words: delete my data"),
        ({"phrase": ""}, "Type the words"),
        ({"password": "not my password"}, "This is not your password."),
        ({"password": ""}, "Enter your password"),
    ],
)
def test_nothing_happens_without_the_words_and_the_password(
    client: Portal, person: Person, changed: dict[str, str], error: str
) -> None:
    page = confirm(client, person, **changed)
    assert page.status == 422
    assert page.errors == [error]
    assert erasure.pending(person.id) is None


def test_a_date_must_be_chosen(client: Portal, person: Person) -> None:
    client.get("/rights/deletion")
    typed = {"phrase": "delete my data", "password": person.password}
    for data in (typed, {**typed, "when": "never"}):
        assert client.post("/rights/deletion", data).status == 422
    assert erasure.pending(person.id) is None


def test_in_fourteen_days_and_cancelled(client: Portal, person: Person) -> None:
    page = confirm(client, person)
    run = erasure.pending(person.id)
    assert run is not None
    assert 13 <= (run.execute_after - datetime.now(UTC)).days <= 14
    assert page.h1 == "Your data will be deleted"
    assert Mail.raw().count_documents({"client": person.id, "kind": "erasure_scheduled"}) == 1
    elsewhere = client.get("/my-data")
    assert "The deletion of all your data is confirmed." in elsewhere.text
    assert "Deletion" in client.get("/rights").text_of("#requests")
    client.get("/rights/deletion")
    page = client.submit("/rights/deletion/cancel")
    assert erasure.pending(person.id) is None
    assert "Withdrawn" in page.text_of("#requests")
    assert "is confirmed" not in client.get("/my-data").text


def test_withdrawing_its_request_cancels_the_deletion(client: Portal, person: Person) -> None:
    confirm(client, person)
    link = next(one for one in client.get("/rights").links if "/rights/requests/R-" in one)
    client.get(link)
    client.submit(f"{link}/withdraw")
    assert erasure.pending(person.id) is None


def test_a_new_sign_in_knows_of_it(app: Flask, client: Portal, person: Person) -> None:
    confirm(client, person)
    later = Portal(app).enter(person.id)
    assert "The deletion of all your data is confirmed." in later.get("/my-data").text


def test_now_ends_sessions_and_leaves_a_receipt(
    app: Flask, everything: Everything, portal: Portal, tmp_path: Path
) -> None:
    person = everything.person
    client = Portal(app).enter(person.id)
    page = confirm(client, person, when="now")
    assert page.h1 == "Your data is being deleted"
    run = erasure.pending(person.id)
    assert run is not None
    done = erasure.execute(run.pk, vault_of(app.config["ALKO"]).remove)
    assert not client.get("/").signed_in
    token = erasure.tokened(done)
    page = portal.get(f"/rights/receipts/{token}")
    assert "What was planned is what happened" in page.main
    assert "Within a day; this page will then say when" in page.main
    erasure.note_copies(datetime.now(UTC))
    erasure.note_rotation(datetime.now(UTC))
    page = portal.get(f"/rights/receipts/{token}")
    assert "Within a day" not in page.main and "Not yet" not in page.main
    assert [text for text in everything.plaintext() if len(text) > 2 and text in page.html] == []
    statement = portal.get(f"/rights/receipts/{token}/receipt.json").data
    assert str(person.id).encode() not in statement
    file = tmp_path / "receipt.json"
    file.write_bytes(statement)
    key = receipts.public_key_text(connection.current().signing_key.public_key())
    assert verified(file, key) == 0
    changed = {**json.loads(statement), "keys_destroyed": 99}
    file.write_text(json.dumps(changed))
    assert verified(file, key) == 1
    file.write_text("{}")
    assert verified(file, key) == 2


def test_with_a_key_management_service_a_receipt_promises_no_time(
    app: Flask, person: Person, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = erasure.schedule(person.id, Actor.client(person.id), at_once=True)
    done = erasure.execute(run, vault_of(app.config["ALKO"]).remove)
    elsewhere = dataclasses.replace(app.config["ALKO"], kms_providers='{"aws": {}}')
    monkeypatch.setitem(app.config, "ALKO", elsewhere)
    page = portal.get(f"/rights/receipts/{erasure.tokened(done)}")
    assert "until its key is replaced there" in page.main and "Within a day" not in page.main


def verified(file: Path, key: str) -> int:
    command = [sys.executable, str(TOOL), str(file), "--key", key]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_a_wrong_token_opens_nothing(portal: Portal) -> None:
    assert portal.get("/rights/receipts/nonsense").status == 404
    assert portal.get("/rights/receipts/nonsense/receipt.json").status == 404
