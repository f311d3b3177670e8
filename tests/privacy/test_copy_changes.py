"""A copy of what changed since the last one: nothing missing, nothing old, and it says so (P29)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.privacy.inventory import CATEGORIES
from alko.privacy.rights import portability
from tests.portal import Portal
from tests.privacy.copies import Taken

pytestmark = pytest.mark.promise("P26", "P29")


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def client(app: Flask, person: Person) -> Portal:
    return Portal(app).enter(person.id)


def taken(client: Portal, **fields: object) -> Taken:
    client.get("/my-data/download")
    copy = Taken.of(client.submit("/my-data/download", **fields))
    jsonschema.validate(copy.data, portability.schema())
    return copy


def test_only_what_is_new_or_changed(client: Portal, person: Person) -> None:
    page = client.get("/my-data/download")
    assert "since my last copy" not in page.main, "there is none yet"
    first = taken(client)
    assert first.data["since"] is None
    assert len(first.data["categories"]["identity"]) == 1

    factory = Factory()
    factory.message(person.id, "New", "A message")
    client.get("/account/profile")
    client.submit("/account/profile", street="Strada Nouă 5")

    page = client.get("/my-data/download")
    assert "Your last copy:" in page.main
    changes = taken(client, extent="changes")
    records = changes.data["categories"]
    assert [one["street"] for one in records["contact"]] == ["Strada Nouă 5"]
    assert [one["subject"] for one in records["messages"]] == ["New"]
    assert records["identity"] == records["consents"] == []
    assert {one["event"] for one in records["activity"]} >= {"profile.changed", "copy.taken"}
    since = changes.data["since"]
    assert since.keys() == CATEGORIES.keys()
    assert changes.manifest["since"] == since
    assert datetime.fromisoformat(since["identity"]) <= datetime.now(UTC)
    assert "Recorded or changed since" in changes.files["index.html"].decode()

    again = taken(client, extent="changes")
    assert again.data["categories"]["contact"] == []


def test_what_was_never_copied_comes_whole(client: Portal) -> None:
    taken(client, categories=["identity"])
    assert "last copied" in client.get("/my-data/download").main
    changes = taken(client, extent="changes")
    assert changes.data["categories"]["identity"] == []
    assert len(changes.data["categories"]["contact"]) == 1
    assert changes.data["since"]["contact"] is None


def test_a_download_that_was_broken_off_and_the_activity_log_do_not_count(
    app: Flask, client: Portal, person: Person
) -> None:
    """Who has half a copy, or another file, would miss in the next what they never got."""
    client.get("/my-data/download")
    form = dict(client.page.form("/my-data/download").data)  # type: ignore[union-attr]
    answer = client.client.post("/my-data/download", data=form, buffered=False)
    assert next(answer.iter_encoded())  # the first bytes, and then the line is cut
    answer.close()
    page = client.get("/my-data/download")
    assert "since my last copy" not in page.main
    assert client.get("/my-data/activity/ledger.json").status == 200
    assert "since my last copy" not in client.get("/my-data/download").main

    Factory().message(person.id, "Before", "A message")
    assert len(taken(client).data["categories"]["messages"]) == 1
    assert "since my last copy" in client.get("/my-data/download").main


def test_what_changed_while_a_copy_was_made_is_in_the_next(
    client: Portal, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = portability._manifest

    def slow(*args: Any) -> bytes:
        Factory().message(person.id, "Meanwhile", "After the messages were read")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(portability, "_manifest", slow)
        assert taken(client).data["categories"]["messages"] == []
    changed = taken(client, extent="changes").data["categories"]["messages"]
    assert [one["subject"] for one in changed] == ["Meanwhile"]
