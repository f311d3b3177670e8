"""The mathematics of a chain: what was written verifies, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.accountability import chain

pytestmark = pytest.mark.promise("P17")
KEY = Ed25519PrivateKey.generate()
CLIENT = ObjectId()
JSON = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
ENTRY = st.fixed_dictionaries(
    {
        "event": st.text(max_size=20),
        "purpose": st.text(max_size=20),
        "actor": st.text(max_size=20),
        "actor_id": st.none() | st.builds(ObjectId),
        "categories": st.lists(st.text(max_size=20), max_size=3),
        "details": st.dictionaries(st.text(max_size=10), JSON, max_size=3),
        "recorded_at": st.datetimes(timezones=st.just(UTC)),
    }
)


def chained(drafts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous = chain.GENESIS
    entries = []
    for seq, draft in enumerate(drafts, 1):
        entry = {**draft, "client": CLIENT, "seq": seq, "previous": previous, "reason_hash": None}
        entry["hash"] = chain.entry_hash(entry)
        entry["signature"] = KEY.sign(entry["hash"].encode())
        previous = entry["hash"]
        entries.append(entry)
    return entries


def verify(entries: list[dict[str, Any]]) -> chain.ChainState:
    return chain.verify(entries, KEY.public_key())


@given(st.lists(ENTRY, max_size=8))
def test_what_was_written_verifies(drafts: list[dict[str, Any]]) -> None:
    entries = chained(drafts)
    state = verify(entries)
    assert state.verified
    assert state.length == len(drafts)
    assert state.head == (entries[-1]["hash"] if entries else chain.GENESIS)


@given(st.lists(ENTRY, min_size=2, max_size=8), st.data())
def test_a_verification_may_be_done_in_two_parts(
    drafts: list[dict[str, Any]], data: st.DataObject
) -> None:
    entries = chained(drafts)
    cut = data.draw(st.integers(0, len(entries)))
    first = verify(entries[:cut])
    second = chain.verify(
        entries[cut:], KEY.public_key(), after_seq=first.length, previous=first.head
    )
    assert second == verify(entries)


@given(st.lists(ENTRY, min_size=2, max_size=8), st.data())
def test_leaving_out_repeating_or_moving_an_entry_breaks_it(
    drafts: list[dict[str, Any]], data: st.DataObject
) -> None:
    entries = chained(drafts)
    at = data.draw(st.integers(0, len(entries) - 2))
    without = entries[:at] + entries[at + 1 :]
    twice = entries[: at + 1] + entries[at:]
    moved = [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]
    for broken in (without, twice, moved):
        state = verify(broken)
        assert not state.verified
        assert state.length <= at + 1


@given(ENTRY, st.sampled_from(chain.COVERED))
def test_every_covered_member_counts(draft: dict[str, Any], member: str) -> None:
    (entry,) = chained([draft])
    assert chain.entry_hash({**entry, member: "something else \0"}) != entry["hash"]


@given(ENTRY)
def test_the_hash_is_the_same_however_the_entry_is_laid_out(draft: dict[str, Any]) -> None:
    (entry,) = chained([draft])
    assert chain.entry_hash(dict(reversed(entry.items()))) == entry["hash"]
    assert chain.entry_hash({**entry, "not covered": 1}) == entry["hash"]


@given(ENTRY)
def test_a_time_survives_the_database_which_keeps_milliseconds(draft: dict[str, Any]) -> None:
    moment: datetime = draft["recorded_at"]
    kept = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert chain.timestamp(kept) == chain.timestamp(moment)
    if kept.year < 9999:
        assert chain.timestamp(kept + timedelta(milliseconds=1)) != chain.timestamp(kept)


def test_a_signature_by_another_key_is_none() -> None:
    (entry,) = chained([{"event": "x", "recorded_at": datetime.now(UTC)}])
    other = Ed25519PrivateKey.generate().public_key()
    assert not chain.verify([entry], other).verified
    assert chain.verify([entry]).verified, "without a key only the chain itself is looked at"
