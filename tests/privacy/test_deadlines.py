"""The due date of a request: the earlier of 30 days and one calendar month (P34)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.rights.deadlines import ExtensionRefused, deadline, extended

pytestmark = pytest.mark.promise("P34")

zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=zones,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-01-30T10:00", "2026-02-28T10:00"),
        ("2024-01-30T10:00", "2024-02-29T10:00"),
        ("2026-01-31T23:59", "2026-02-28T23:59"),
        ("2026-07-15T08:00", "2026-08-14T08:00"),
        ("2026-04-15T08:00", "2026-05-15T08:00"),
        ("2026-12-31T00:00", "2027-01-30T00:00"),
    ],
)
def test_known_dates(received: str, due: str) -> None:
    assert deadline(at(received)).due_at == at(due)


@given(moments)
def test_never_later_than_either_rule(received: datetime) -> None:
    found = deadline(received)
    assert found.due_at <= received + timedelta(days=30)
    assert found.due_at >= received + timedelta(days=28)
    assert found.due_at <= found.in_one_month


@given(moments, st.integers(1, 2))
def test_an_extension_moves_the_date_once_and_by_two_months_at_most(
    received: datetime, months: int
) -> None:
    first = deadline(received)
    later = extended(first, months, "We need to ask the carrier.", told_at=received)
    assert first.due_at < later.due_at <= first.due_at + timedelta(days=62)
    with pytest.raises(ExtensionRefused):
        extended(later, 1, "Once more", told_at=received)


@pytest.mark.parametrize(
    ("months", "reason", "late"), [(0, "x", 0), (3, "x", 0), (1, "  ", 0), (1, "x", 31)]
)
def test_what_the_law_does_not_allow(months: int, reason: str, late: int) -> None:
    received = at("2026-03-01T09:00")
    with pytest.raises(ExtensionRefused):
        extended(deadline(received), months, reason, told_at=received + timedelta(days=late))


def test_days_left_turn_negative_after_the_date() -> None:
    found = deadline(at("2026-03-01T09:00"))
    assert found.days_left(found.due_at - timedelta(days=2)) == 2
    assert found.days_left(found.due_at + timedelta(seconds=1)) == -1
