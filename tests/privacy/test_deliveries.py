"""Where a delivery stands does not depend on how its news arrives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.models.transaction import DeliveryEvent, OrderStatus
from alko.privacy import deliveries
from alko.privacy.deliveries import EventConflict, Milestone, TooManyEvents, state_of, with_event

START = datetime(2026, 3, 1, tzinfo=UTC)


def event(
    number: int,
    milestone: Milestone = Milestone.AT_SEA,
    day: int = 1,
    *,
    done: bool = True,
    told: int = 0,
    reason: str = "",
) -> DeliveryEvent:
    return DeliveryEvent(
        milestone=milestone.value,
        place="",
        at=(date(2026, 3, 1) + timedelta(days=day)).isoformat(),
        done=done,
        id=f"e{number}",
        reported_at=deliveries.reported(START + timedelta(hours=told)),
        reason=reason,
    )


def received(events: list[DeliveryEvent]) -> list[DeliveryEvent]:
    stored: list[DeliveryEvent] = []
    for one in events:
        stored = with_event(stored, one)
    return stored


@st.composite
def histories(draw: st.DrawFn) -> list[DeliveryEvent]:
    return [
        event(
            number,
            draw(st.sampled_from(Milestone)),
            draw(st.integers(0, 60)),
            done=draw(st.booleans()),
            told=draw(st.integers(0, 5)),  # many at the same moment
            reason=draw(st.sampled_from(["", "storm", "strike"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@given(histories(), st.data())
def test_any_order_and_any_repetition_end_in_the_same_state(
    history: list[DeliveryEvent], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=10)) if history else []
    shuffled = data.draw(st.permutations([*history, *again]))
    assert received(shuffled) == received(history)
    assert state_of(shuffled) == state_of(received(history)) == state_of(history)


@given(histories())
def test_what_was_reached_stays_reached_and_includes_what_lies_before(
    history: list[DeliveryEvent],
) -> None:
    reached: set[Milestone] = set()
    for count in range(len(history) + 1):
        now = set(state_of(history[:count]).reached)
        assert now >= reached
        assert now == set(list(Milestone)[: len(now)])
        reached = now


def test_a_correction_counts_even_if_it_comes_first() -> None:
    first, corrected = event(1, day=3, told=1), event(2, day=5, told=2)
    assert state_of([corrected, first])[Milestone.AT_SEA].done_on == date(2026, 3, 6)


def test_a_delay_is_counted_from_what_was_expected_first() -> None:
    arrived = Milestone.ARRIVED
    plan = event(1, arrived, 10, done=False, told=1)
    later = event(2, arrived, 14, done=False, told=2, reason="storm")
    step = state_of([later, plan])[arrived]
    assert (step.days_late, step.reason, step.on) == (4, "storm", date(2026, 3, 15))
    step = state_of([plan, later, event(3, arrived, 12, told=3)])[arrived]
    assert (step.done, step.days_late, step.reason) == (True, 2, "storm")


def test_the_order_follows() -> None:
    assert state_of([]).order_status is OrderStatus.IN_PRODUCTION
    assert state_of([event(1)]).order_status is OrderStatus.SHIPPED
    state = state_of([event(1), event(2, Milestone.DELIVERED, 30)])
    assert state.order_status is OrderStatus.DELIVERED
    assert state.delivered_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert state.upcoming is None


def test_one_id_is_one_event() -> None:
    known = [event(1)]
    assert with_event(known, event(1)) == known
    with pytest.raises(EventConflict):
        with_event(known, event(1, day=2))


def test_there_is_an_end_to_events() -> None:
    many = [event(number) for number in range(deliveries.MOST_EVENTS)]
    with pytest.raises(TooManyEvents):
        with_event(many, event(9999))
    assert with_event(many, many[0]) == many


def test_what_cannot_be_read_is_passed_over() -> None:
    odd = DeliveryEvent(milestone="loaded", place="", at="2026-02-30", done=True)
    assert state_of([odd]).reached == ()
