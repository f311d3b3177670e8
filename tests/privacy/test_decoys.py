"""The decoys' chains: what is tried at unknown addresses goes, and the rest still verifies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.account import operations
from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.identity import accounts, staff
from alko.privacy.lifecycle import decoys
from alko.privacy.lifecycle.retention import add_months
from alko.privacy.vocabulary import Purpose

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P17", "P19")]


def attempts(chain: ObjectId, count: int, at: datetime) -> None:
    for _ in range(count):
        ledger.append(
            chain,
            Event.SIGN_IN_ATTEMPTED,
            Actor.job(Job.SIGN_IN),
            Purpose.SECURITY,
            categories=["account"],
            at=at,
        )


def numbers(chain: ObjectId) -> list[int]:
    return [one["seq"] for one in LedgerEntry.raw().find({"client": chain}).sort("seq", 1)]


@pytest.fixture(params=ledger.DECOYS, ids=["client", "member"])
def decoy(request: pytest.FixtureRequest) -> ObjectId:
    """One of the decoys; nothing was written into the chain of either yet."""
    for chain in ledger.DECOYS:
        for model in (LedgerEntry, LedgerCheckpoint):
            model.raw().delete_many({"client": chain})
        ledger.forget(chain)
    chosen: ObjectId = request.param
    return chosen


def test_old_attempts_go_and_the_rest_verifies(decoy: ObjectId) -> None:
    now = datetime.now(UTC)
    attempts(decoy, 4, add_months(now, -12) - timedelta(days=1))
    attempts(decoy, 2, add_months(now, -12) + timedelta(days=1))
    assert ledger.verify(decoy).length == 6
    assert decoys.shorten(now) == 4
    assert decoys.shorten(now) == 0
    assert numbers(decoy) == [5, 6]
    attempts(decoy, 1, now)
    for full in (True, False):
        state = ledger.verify(decoy, full=full)
        assert (state.verified, state.length) == (True, 7), state.problem


def test_what_no_checkpoint_covers_stays(decoy: ObjectId) -> None:
    """So the newest entry always stays, and the chain goes on from it, whoever remembers it."""
    now = datetime.now(UTC)
    attempts(decoy, 3, add_months(now, -20))
    assert decoys.shorten(now) == 0
    assert ledger.verify(decoy).verified
    assert decoys.shorten(now) == 2
    ledger.forget(decoy)
    attempts(decoy, 1, now)
    assert numbers(decoy) == [3, 4]
    assert ledger.verify(decoy).verified


def test_a_gap_or_a_missing_end_is_noticed_there_too(decoy: ObjectId) -> None:
    attempts(decoy, 4, datetime.now(UTC))
    assert ledger.verify(decoy).verified
    LedgerEntry.raw().delete_one({"client": decoy, "seq": 4})
    assert "removed" in ledger.verify(decoy).problem
    LedgerEntry.raw().delete_one({"client": decoy, "seq": 2})
    assert "entry 2 is missing" in ledger.verify(decoy).problem


def test_attempts_at_unknown_addresses_are_the_decoys(decoy: ObjectId) -> None:
    nobody = f"{ObjectId()}@mail.example"
    assert operations.check_password(nobody, "x") is None
    assert staff.check_password(nobody, "x") is None
    assert numbers(decoy) == [1]


def test_nobody_elses_chain_may_begin_late(app: Flask) -> None:
    client = ObjectId()
    accounts.create_keys(client)
    attempts(client, 3, add_months(datetime.now(UTC), -13))
    assert ledger.verify(client).verified
    assert decoys.shorten(datetime.now(UTC)) == 0
    LedgerEntry.raw().delete_one({"client": client, "seq": 1})
    assert not ledger.verify(client).verified
