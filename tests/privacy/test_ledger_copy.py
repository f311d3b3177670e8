"""The downloaded log verifies away from the portal, with the program that is offered with it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.models.staff import StaffRole
from alko.privacy.accountability import chain, ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose
from tests.portal import Portal
from tests.privacy.copies import Taken

pytestmark = pytest.mark.promise("P17")
Content = dict[str, Any]


@pytest.fixture(scope="module")
def client(app: Flask) -> ObjectId:
    """Somebody whose data was looked at by themselves and, for a reason, by staff."""
    client = Factory().client().id
    officer = Actor.staff(ObjectId(), StaffRole.OFFICER)
    ledger.append(
        client,
        Event.OVERRIDE,
        officer,
        Purpose.LEGAL,
        details={"reference": "O-2026-1"},
        reason="Überprüfung „4711“",
    )
    for _ in range(4):
        ledger.append(client, Event.CREDENTIALS_READ, Actor.client(client), Purpose.SECURITY)
    return client


@pytest.fixture(scope="module")
def program(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, downloaded from the page that offers it."""
    portal = Portal(app).enter(Factory().client().id)
    page = portal.get("/my-data/activity")
    (address,) = [link for link in page.links if "verify_ledger" in link]
    path = tmp_path_factory.mktemp("download") / "verify_ledger.py"
    path.write_bytes(portal.get(address).data)
    return path


@pytest.fixture(scope="module")
def log(app: Flask, client: ObjectId) -> Content:
    portal = Portal(app).enter(client)
    page = portal.get("/my-data/activity")
    (address,) = [link for link in page.links if link.endswith("ledger.json")]
    downloaded = portal.get(address)
    assert "attachment" in downloaded.headers["Content-Disposition"]
    return downloaded.json  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def copied(app: Flask, client: ObjectId) -> Content:
    return Taken.by(app, client, ["activity"]).data  # type: ignore[no-any-return]


@pytest.fixture
def verify(program: Path, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run the program as a person would; its exit code and what it says."""

    def run(content: Content | bytes, *options: str) -> tuple[int, str]:
        file = tmp_path / "log.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        command = [sys.executable, "-I", str(program), str(file), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def published_key(app: Flask) -> str:
    found = Portal(app).get("/.well-known/alko-signing-key.json").json
    return next(value for value in found.values() if str(value).endswith("="))  # type: ignore[no-any-return]


def test_it_verifies_with_the_published_key(
    app: Flask, log: Content, verify: Callable[..., tuple[int, str]]
) -> None:
    code, said = verify(log, "--key", published_key(app))
    assert code == 0, said
    assert f"{len(log['entries'])} entries hang together; signatures verified" in said
    assert log["entries"][-1]["hash"] in said
    assert verify(log)[0] == 0


def test_the_log_inside_a_copy_verifies_as_well(
    app: Flask, copied: Content, verify: Callable[..., tuple[int, str]]
) -> None:
    code, said = verify(copied, "--key", published_key(app))
    assert code == 0, said
    assert "signatures verified" in said


def entries(content: Content) -> list[Content]:
    found = content.get("entries") or content["categories"]["activity"]
    found.sort(key=lambda entry: entry["seq"])
    return found  # type: ignore[no-any-return]


def change(name: str, value: Any) -> Callable[[Content], None]:
    def changed(content: Content) -> None:
        assert entries(content)[2][name] != value
        entries(content)[2][name] = value

    changed.__name__ = name
    return changed


def remove_first(content: Content) -> None:
    del entries(content)[0]


def remove_in_between(content: Content) -> None:
    del entries(content)[3]


def swap_contents(content: Content) -> None:
    """As if the order of two events had been another."""
    found = entries(content)
    for name in found[2]:
        if name not in ("seq", "id"):
            found[2][name], found[3][name] = found[3][name], found[2][name]


def renumber(content: Content) -> None:
    found = entries(content)
    found[2]["seq"], found[3]["seq"] = found[3]["seq"], found[2]["seq"]


def forge(content: Content) -> None:
    """A whole entry made anew, hash and all, without the portal's signing key."""
    entry = entries(content)[-1]
    entry["actor"] = "staff:agent"
    plain = {name: entry.get(name) for name in chain.COVERED} | {"client": content["client"]}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    entry["hash"] = hashlib.sha256(text.encode()).hexdigest()


FORGERIES = [
    change("actor", "client:agent"),
    change("purpose", "finance"),
    change("recorded_at", "2001-01-01T00:00:00.000+00:00"),
    change("categories", ["orders"]),
    change("reason_hash", "0" * 64),
    change("hash", "0" * 64),
    change("previous", "0" * 64),
    change("signature", "00" * 64),
    remove_first,
    remove_in_between,
    swap_contents,
    renumber,
    forge,
]


@pytest.mark.parametrize("forged", FORGERIES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("kind", ["log", "copied"])
def test_what_was_tampered_with_is_noticed(
    app: Flask,
    request: pytest.FixtureRequest,
    verify: Callable[..., tuple[int, str]],
    kind: str,
    forged: Callable[[Content], None],
) -> None:
    content = json.loads(json.dumps(request.getfixturevalue(kind)))
    forged(content)
    code, said = verify(content, "--key", published_key(app))
    assert code == 1, said
    assert said.startswith("Entry ")


def test_another_order_of_the_entries_is_noticed(
    log: Content, verify: Callable[..., tuple[int, str]]
) -> None:
    found = [*log["entries"]]
    found[2], found[3] = found[3], found[2]
    assert verify({**log, "entries": found})[0] == 1


def test_a_log_of_somebody_else_is_noticed(
    log: Content, verify: Callable[..., tuple[int, str]]
) -> None:
    assert verify({**log, "client": str(ObjectId())})[0] == 1


def test_a_changed_sealed_reason_is_noticed(
    log: Content, verify: Callable[..., tuple[int, str]]
) -> None:
    content = json.loads(json.dumps(log))
    (entry,) = [one for one in content["entries"] if one.get("sealed")]
    entry["sealed"] = "00" + entry["sealed"][2:]
    code, said = verify(content)
    assert code == 1, said


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"entries": 3, "client": 1}']
)
def test_what_is_no_log_is_said_without_a_stack_trace(
    verify: Callable[..., tuple[int, str]], content: bytes
) -> None:
    code, said = verify(content)
    assert code == 2
    assert "cannot be read" in said


@pytest.mark.parametrize("name", ["hash", "seq", "signature", "previous", "client"])
def test_an_entry_with_something_missing_is_noticed(
    log: Content, verify: Callable[..., tuple[int, str]], name: str
) -> None:
    content = json.loads(json.dumps(log))
    del content["entries"][1][name]
    code, said = verify(content)
    assert code == (0 if name == "client" else 1), "whose log it is stands above all entries"
    assert "Entry 2" in said or name == "client"


def test_a_key_that_is_none_is_said(log: Content, verify: Callable[..., tuple[int, str]]) -> None:
    assert verify(log, "--key", "abc")[0] == 2


def test_a_page_of_the_portal_says_the_same(app: Flask, client: ObjectId) -> None:
    page = Portal(app).enter(client).get("/my-data/activity?verify=all")
    assert "The log is complete and unaltered" in page.main
