"""The rules over the ledger: what is unusual, found once however it is read (P17)."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.accountability.events import Event
from alko.privacy.oversight.watch import Rules, Seen, causes, is_working_time

pytestmark = pytest.mark.promise("P17")
RULES = Rules(3, 2, time(7), time(20), ZoneInfo("Europe/Bucharest"))
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)
MEMBER, OTHER = ObjectId(), ObjectId()
CLIENTS = [ObjectId() for _ in range(6)]


def opened(minute: float, client: ObjectId, member: ObjectId = MEMBER) -> Seen:
    return Seen(NOON + timedelta(minutes=minute), Event.CATEGORY_SHOWN, client, member)


def kinds(seen: list[Seen]) -> dict[str, int | None]:
    return {cause.kind.value: cause.count for cause in causes(seen, RULES)}


def test_many_dossiers_of_different_clients_within_an_hour() -> None:
    assert kinds([opened(m, CLIENTS[m % 3]) for m in range(50)]) == {}, "three, again and again"
    assert kinds([opened(21 * m, CLIENTS[m]) for m in range(4)]) == {}, "the first is an hour ago"
    assert kinds([opened(19 * m, CLIENTS[m]) for m in range(4)]) == {"bulk_viewing": 4}
    two = [opened(m, CLIENTS[m], (MEMBER, OTHER)[m % 2]) for m in range(6)]
    assert kinds(two) == {}, "each member for themselves"


def test_one_alert_for_a_night_in_the_companys_own_time() -> None:
    evening = datetime(2026, 3, 2, 17, 59, tzinfo=UTC)  # 19:59 there
    seen = [
        Seen(evening + timedelta(minutes=m), Event.CATEGORY_SHOWN, CLIENTS[0], MEMBER)
        for m in (0, 2, 300, 600, 661, 1441)
    ]
    names = [cause.name for cause in causes(seen, RULES)]
    assert names == [f"off_hours/{MEMBER}/2026-03-02", f"off_hours/{MEMBER}/2026-03-03"]
    own = [Seen(evening + timedelta(hours=3), Event.STAFF_SIGNED_IN, MEMBER, MEMBER)]
    assert causes(own, RULES) == [], "only access to clients' data counts"


def test_a_weekend_is_outside_of_working_hours() -> None:
    rules = dataclasses.replace(RULES, days=frozenset(range(5)))
    friday = datetime(2026, 3, 6, 10, tzinfo=UTC)
    noons = [friday + timedelta(days=days) for days in range(4)]
    assert [is_working_time(at, rules) for at in noons] == [True, False, False, True]
    seen = [Seen(at, Event.CATEGORY_SHOWN, CLIENTS[0], MEMBER) for at in noons]
    assert [cause.at for cause in causes(seen, rules)] == noons[1:3]

    late = dataclasses.replace(rules, opens=time(20), closes=time(7))
    saturday = datetime(2026, 3, 7, 3, tzinfo=UTC)  # 05:00 there, of Friday's hours
    assert is_working_time(saturday, late)
    assert not is_working_time(saturday + timedelta(days=1), late)
    assert not is_working_time(saturday + timedelta(days=2), late), "Sunday's hours"


def test_every_override_and_failed_sign_ins_of_one_member() -> None:
    override = Seen(NOON, Event.OVERRIDE, CLIENTS[0], MEMBER, 7)
    assert kinds([override]) == {"override": None}

    def attempt(minute: int, chain: ObjectId = MEMBER) -> Seen:
        return Seen(NOON + timedelta(minutes=minute), Event.STAFF_SIGN_IN_ATTEMPTED, chain, None)

    succeeded = Seen(NOON + timedelta(minutes=5), Event.STAFF_SIGNED_IN, MEMBER, MEMBER)
    assert kinds([attempt(1), attempt(2), succeeded, attempt(6), attempt(7)]) == {}
    assert kinds([attempt(1), attempt(2), attempt(3)]) == {"failed_sign_ins": 2}
    assert kinds([attempt(1), attempt(2, OTHER), attempt(3)]) == {}

    def wrong_code(minute: int) -> Seen:
        return Seen(NOON + timedelta(minutes=minute), Event.STAFF_CODE_REFUSED, MEMBER, None)

    assert kinds([attempt(1), wrong_code(2)]) == {}
    assert kinds([attempt(1), wrong_code(2), succeeded, attempt(6), wrong_code(7)]) == {}
    assert kinds([attempt(1), wrong_code(2), wrong_code(3)]) == {"failed_sign_ins": 2}


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.sampled_from(CLIENTS), st.sampled_from([MEMBER, OTHER])),
        max_size=60,
    ),
    st.integers(0, 5000),
)
def test_reading_in_two_parts_finds_the_same(
    accesses: list[tuple[int, ObjectId, ObjectId]], cut: int
) -> None:
    """The worker reads from an hour before where it stopped: nothing is lost, nothing doubled."""
    seen = [opened(m, client, member) for m, client, member in sorted(accesses, key=lambda a: a[0])]
    middle = NOON + timedelta(minutes=cut)
    first = causes([s for s in seen if s.at < middle], RULES)
    second = causes([s for s in seen if s.at >= middle - timedelta(minutes=65)], RULES)
    assert {c.name for c in first} | {c.name for c in second} == {
        c.name for c in causes(seen, RULES)
    }


@given(st.integers(0, 4 * 10**9), st.times(), st.times())
def test_working_hours_and_their_opposite_make_a_day(
    moment: int, opens: time, closes: time
) -> None:
    at = datetime.fromtimestamp(moment, UTC)
    day = Rules(1, 1, opens, closes, UTC)
    night = Rules(1, 1, closes, opens, UTC)
    if opens != closes:
        assert is_working_time(at, day) != is_working_time(at, night)
