"""The ledger: one chain per client, without gap or fork, and nothing in it can be changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.models import LedgerCheckpoint, LedgerEntry
from alko.models.staff import StaffRole
from alko.privacy.accountability import chain, ledger
from alko.privacy.accountability.events import EVENTS, Event, WrongDetails
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier
from alko.privacy.identity import accounts
from alko.privacy.vocabulary import Purpose
from config import Settings
from tests.processes import another_process

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P17")]
TOLD = {"reference": "O-2026-1"}


@pytest.fixture
def client(app: Flask) -> ObjectId:
    client = ObjectId()
    accounts.create_keys(client)
    return client


def write(client: ObjectId, count: int = 1) -> None:
    for _ in range(count):
        ledger.append(client, Event.OVERVIEW_SHOWN, Actor.client(client), Purpose.SERVICE)


def write_with_threads(client: ObjectId, threads: int, each: int) -> None:
    """Run in another process: several threads, as a gunicorn worker has."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: write(client, each), range(threads)))


def stored(client: ObjectId) -> list[dict[str, Any]]:
    return list(LedgerEntry.raw().find({"client": client}).sort("seq", 1))


def change(client: ObjectId, seq: int, /, **members: Any) -> None:
    """What somebody with write access to the database does behind the portal's back."""
    result = LedgerEntry.raw().update_one({"client": client, "seq": seq}, {"$set": members})
    assert result.modified_count == 1


def forget_heads() -> None:
    """A process that starts afresh."""
    ledger._heads.clear()


def test_entries_follow_each_other(client: ObjectId) -> None:
    assert [
        ledger.append(client, Event.OVERVIEW_SHOWN, Actor.client(client), Purpose.SERVICE)
        for _ in range(5)
    ] == [1, 2, 3, 4, 5]
    entries = stored(client)
    assert entries[0]["previous"] == chain.GENESIS
    assert [one["previous"] for one in entries[1:]] == [one["hash"] for one in entries[:-1]]
    state = ledger.verify(client)
    assert (state.verified, state.length, state.head) == (True, 5, entries[-1]["hash"])


def test_an_empty_chain_is_in_order(client: ObjectId) -> None:
    assert ledger.verify(client) == chain.ChainState(0, chain.GENESIS)


def test_an_entry_says_who_why_and_what_but_no_personal_data(client: ObjectId) -> None:
    member = ObjectId()
    ledger.append(
        client,
        Event.OVERRIDE,
        Actor.staff(member, StaffRole.OFFICER),
        Purpose.LEGAL,
        categories=["contact", "account"],
        details=TOLD,
        reason="Ileana Marchetti phoned about a stolen card",
    )
    (entry,) = stored(client)
    assert entry["actor"] == "staff:officer"
    assert entry["actor_id"] == member
    assert entry["purpose"] == "legal"
    assert entry["categories"] == ["account", "contact"]
    assert "Marchetti" not in repr(entry)
    assert entry["reason_hash"] == hashlib.sha256(bytes(entry["sealed"])).hexdigest()
    assert connection.current().keyring.unseal(entry["sealed"]) == {
        "reason": "Ileana Marchetti phoned about a stolen card"
    }
    assert ledger.verify(client).verified


@pytest.mark.parametrize("event", Event)
def test_an_event_takes_exactly_its_details(client: ObjectId, event: Event) -> None:
    actor = Actor.job(Job.SIGN_IN)
    right = dict.fromkeys(EVENTS[event].details, "x")
    for wrong in ({**right, "name": "Ileana"}, dict(list(right.items())[1:])):
        if wrong != right:
            with pytest.raises(WrongDetails):
                ledger.append(client, event, actor, Purpose.SECURITY, details=wrong)
    assert stored(client) == []
    assert ledger.append(client, event, actor, Purpose.SECURITY, details=right) == 1


def test_two_processes_with_threads_leave_no_gap_and_no_fork(app: Flask, client: ObjectId) -> None:
    settings: Settings = app.config["ALKO"]
    with another_process(settings, 2) as pool:
        runs = [pool.submit(write_with_threads, client, 4, 260) for _ in range(2)]
        for run in runs:
            run.result()
    assert LedgerEntry.raw().count_documents({"client": client}) == 2 * 4 * 260
    state = ledger.verify(client)
    assert state.problem == ""
    assert state.length == 2 * 4 * 260


TAMPERINGS: dict[str, dict[str, Any]] = {
    "client": {"client": ObjectId()},
    "seq": {"seq": 999},
    "recorded_at": {"recorded_at": datetime.now(UTC) - timedelta(days=1)},
    "event": {"event": "sign_in.succeeded"},
    "purpose": {"purpose": "legal"},
    "actor": {"actor": "client"},
    "actor_id": {"actor_id": ObjectId()},
    "categories": {"categories": ["usage"]},
    "details": {"details": {"x": 1}},
    "reason_hash": {"reason_hash": "0" * 64},
    "previous": {"previous": "1" * 64},
    "hash": {"hash": "2" * 64},
    "signature": {"signature": b"3" * 64},
}


def test_every_covered_member_is_tampered_with_below() -> None:
    assert {*chain.COVERED, "hash", "signature"} == TAMPERINGS.keys()


@pytest.mark.parametrize("seq", [1, 3, 5])
@pytest.mark.parametrize("member", TAMPERINGS)
def test_a_change_of_any_member_is_noticed(client: ObjectId, member: str, seq: int) -> None:
    officer = Actor.staff(ObjectId(), StaffRole.OFFICER)
    for _ in range(5):
        ledger.append(
            client, Event.OVERRIDE, officer, Purpose.SECURITY, details=TOLD, reason="a long reason"
        )
    assert ledger.verify(client).verified
    change(client, seq, **TAMPERINGS[member])
    state = ledger.verify(client)
    assert not state.verified
    assert state.length < 5 or "removed" in state.problem


def test_a_change_with_its_hash_made_to_match_lacks_the_signature(client: ObjectId) -> None:
    write(client, 3)
    entry = stored(client)[2]
    entry["purpose"] = "legal"
    change(client, 3, purpose="legal", hash=chain.entry_hash(entry))
    assert ledger.verify(client).problem == "entry 3 is not signed by this portal"


@pytest.mark.parametrize("how", ["another reason", "no reason"])
def test_a_sealed_reason_cannot_be_exchanged_or_removed(client: ObjectId, how: str) -> None:
    officer = Actor.staff(ObjectId(), StaffRole.OFFICER)
    for reason in ("because of a court order", "because of a phone call"):
        ledger.append(client, Event.OVERRIDE, officer, Purpose.LEGAL, details=TOLD, reason=reason)
    first, second = stored(client)
    update = {"$set": {"sealed": second["sealed"]}}
    if how == "no reason":
        update = {"$unset": {"sealed": 1}}
    LedgerEntry.raw().update_one({"_id": first["_id"]}, update)
    assert "reason" in ledger.verify(client).problem


def swap(client: ObjectId) -> None:
    second, third = stored(client)[1:3]
    change(client, 2, seq=1000)
    change(client, 3, seq=2)
    change(client, 1000, seq=third["seq"])
    assert second["seq"] == 2


BREAKS: dict[str, Callable[[ObjectId], object]] = {
    "the first is deleted": lambda c: LedgerEntry.raw().delete_one({"client": c, "seq": 1}),
    "one is deleted": lambda c: LedgerEntry.raw().delete_one({"client": c, "seq": 4}),
    "the last are deleted": lambda c: LedgerEntry.raw().delete_many(
        {"client": c, "seq": {"$gt": 3}}
    ),
    "all are deleted": lambda c: LedgerEntry.raw().delete_many({"client": c}),
    "two are exchanged": swap,
}


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("how", BREAKS)
def test_a_removed_or_moved_entry_is_noticed(client: ObjectId, how: str, full: bool) -> None:
    write(client, 6)
    assert ledger.verify(client).verified
    BREAKS[how](client)
    forget_heads()
    if full or "last" in how or "all" in how:
        assert not ledger.verify(client, full=full).verified
    assert not ledger.verify(client).verified


def test_a_chain_cut_and_written_on_is_noticed(client: ObjectId) -> None:
    """Valid hashes and signatures throughout; the signed checkpoint knows better."""
    write(client, 6)
    ledger.verify(client)
    LedgerEntry.raw().delete_many({"client": client, "seq": {"$gt": 3}})
    forget_heads()
    write(client, 4)
    assert ledger.verify(client).problem == "the chain was rewritten"


def test_a_forged_checkpoint_is_noticed(client: ObjectId) -> None:
    write(client, 6)
    ledger.verify(client)
    LedgerEntry.raw().delete_many({"client": client, "seq": {"$gt": 3}})
    fourth = stored(client)[2]
    LedgerCheckpoint.raw().update_one(
        {"client": client}, {"$set": {"seq": 3, "hash": fourth["hash"]}}
    )
    assert ledger.verify(client).problem == "the checkpoint is not signed by this portal"


def test_a_broken_chain_moves_no_checkpoint(client: ObjectId) -> None:
    write(client, 3)
    ledger.verify(client)
    before = LedgerCheckpoint.raw().find_one({"client": client})
    write(client, 3)
    change(client, 5, purpose="legal")
    assert not ledger.verify(client).verified
    assert LedgerCheckpoint.raw().find_one({"client": client}) == before


def test_verification_goes_on_from_the_checkpoint(client: ObjectId) -> None:
    write(client, 3)
    ledger.verify(client)
    write(client, 2)
    state = ledger.verify(client, full=False)
    assert (state.verified, state.length) == (True, 5)


def test_an_entry_of_another_client_is_no_replacement(client: ObjectId) -> None:
    other = ObjectId()
    write(client, 2)
    write(other, 2)
    LedgerEntry.raw().delete_one({"client": client, "seq": 2})
    change(other, 2, client=client)
    assert not ledger.verify(client).verified


@contextmanager
def ledger_that_refuses() -> Iterator[None]:
    """The real collection, told by its administrator to take nothing."""
    database = connection.current().database
    name = LedgerEntry.raw().name
    database.command("collMod", name, validator={"nothing": {"$exists": True}})
    try:
        yield
    finally:
        database.command("collMod", name, validator=LedgerEntry.schema())


def test_nothing_is_opened_when_the_entry_cannot_be_written(client: ObjectId) -> None:
    actor = Actor.client(client)
    with ledger_that_refuses(), pytest.raises(LedgerUnavailable):
        Dossier.open(client, actor, Purpose.SERVICE, categories=["contact"])
    assert stored(client) == []
    assert Dossier.open(client, actor, Purpose.SERVICE, categories=["contact"]).entry == 1


def test_the_command_finds_the_broken_chain(app: Flask, client: ObjectId) -> None:
    write(client, 3)
    run = app.test_cli_runner()
    good = run.invoke(args=["ledger", "verify", "--client", str(client)])
    assert good.exit_code == 0, good.output
    assert "1 chains with 3 entries: all verified." in good.output
    change(client, 2, purpose="legal")
    bad = run.invoke(args=["ledger", "verify", "--client", str(client)])
    assert bad.exit_code == 1
    assert "entry 2 was changed" in bad.output
    nonsense = run.invoke(args=["ledger", "verify", "--client", "x" * 24])
    assert nonsense.exit_code == 1
    assert "24 hexadecimal digits" in nonsense.output
