"""Retention: every rule ends, on the day it says, for any date there is (promises P19-P23)."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.inventory import ALL_CATEGORIES
from alko.privacy.lifecycle import retention
from alko.privacy.lifecycle.retention import RULES, Retention

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants the bounds naive
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 240))
def test_so_many_months_later_is_the_same_day_or_the_last_of_the_month(
    moment: datetime, months: int
) -> None:
    later = retention.add_months(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.timetz() == moment.timetz()
    last = calendar.monthrange(later.year, later.month)[1]
    assert later.day == min(moment.day, last)


@given(MOMENTS, MOMENTS, st.integers(0, 60))
def test_months_keep_the_order(one: datetime, other: datetime, months: int) -> None:
    first, second = sorted((one, other))
    if first.day <= 28 or second - first > timedelta(days=3):
        assert retention.add_months(first, months) <= retention.add_months(second, months)


@pytest.mark.parametrize(
    ("moment", "months", "later"),
    [
        (utc(2024, 2, 29), 12, utc(2025, 2, 28)),
        (utc(2024, 2, 29), 48, utc(2028, 2, 29)),
        (utc(2026, 1, 30), 1, utc(2026, 2, 28)),
        (utc(2028, 1, 31), 1, utc(2028, 2, 29)),
        (utc(2026, 8, 31, 23), 1, utc(2026, 9, 30, 23)),
        (utc(2026, 12, 31), 2, utc(2027, 2, 28)),
        (utc(2026, 12, 1), 1, utc(2027, 1, 1)),
        (utc(2100, 1, 29), 1, utc(2100, 2, 28)),
    ],
)
def test_leap_years_and_month_ends(moment: datetime, months: int, later: datetime) -> None:
    assert retention.add_months(moment, months) == later


@pytest.mark.promise("P21")
@given(MOMENTS, ZONES)
def test_transactions_are_kept_for_seven_full_calendar_years(
    closed: datetime, zone: timezone
) -> None:
    end = retention.transactions_end(closed.astimezone(zone))
    assert end is not None
    assert (end.month, end.day, end.timetz()) == (1, 1, utc(2000, 1, 1).timetz())
    full_years = range(closed.year + 1, closed.year + 8)
    assert end == utc(full_years[-1] + 1, 1, 1)
    assert all(closed < utc(year, 1, 1) and utc(year, 12, 31, 23) < end for year in full_years)


@pytest.mark.promise("P21")
@given(MOMENTS, MOMENTS, st.integers(0, 7 * 365))
def test_no_reported_day_ends_the_records_of_an_order_of_the_last_seven_years(
    reported: datetime, now: datetime, age: int
) -> None:
    """2015 typed for 2025, or a carrier at fault: tax records are destroyed by neither."""
    ordered = now - timedelta(days=age)
    end = retention.transactions_end(retention.order_ended(reported, ordered))
    assert end is not None
    assert end > now
    assert retention.order_ended(max(reported, ordered), ordered) == max(reported, ordered)


@pytest.mark.promise("P21")
def test_the_year_is_the_one_in_utc() -> None:
    still_2025_in_utc = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert retention.transactions_end(still_2025_in_utc) == utc(2033, 1, 1)
    assert retention.transactions_end(utc(2026, 1, 1)) == utc(2034, 1, 1)


@pytest.mark.promise("P20", "P21", "P22")
def test_what_waits_for_an_event_has_no_date_yet() -> None:
    assert retention.transactions_end(None) is None
    assert retention.documents_end(None) is None
    assert retention.account_ends(utc(2020, 1, 1), has_open_order=True) is None


@pytest.mark.promise("P22")
@given(MOMENTS)
def test_documents_go_thirty_days_after_delivery(delivered: datetime) -> None:
    assert retention.documents_end(delivered) == delivered + timedelta(days=30)


@pytest.mark.promise("P20")
@given(MOMENTS)
def test_an_account_ends_after_24_months_without_activity(active: datetime) -> None:
    end = retention.account_ends(active, has_open_order=False)
    assert end == retention.add_months(active, 24)
    assert end is not None
    assert timedelta(days=729) <= end - active <= timedelta(days=731)


@pytest.mark.promise("P19")
@given(MOMENTS)
def test_the_other_periods(moment: datetime) -> None:
    assert retention.registration_ends(moment) - moment == timedelta(hours=48)
    assert retention.technical_ends(moment) == retention.add_months(moment, 12)
    assert retention.correspondence_ends(moment) == retention.add_months(moment, 24)


@pytest.mark.promise("P19")
def test_every_rule_is_told_and_used() -> None:
    assert set(RULES) == set(Retention)
    assert all(rule.name and rule.period and rule.why for rule in RULES.values())
    used = {c.retention_of(field) for c in ALL_CATEGORIES for field in c.fields}
    assert used == set(Retention)


@pytest.mark.promise("P19")
@pytest.mark.parametrize("rule", Retention)
def test_no_rule_says_for_ever(rule: Retention) -> None:
    words = RULES[rule].period.lower()
    assert not any(word in words for word in ("forever", "for ever", "indefinite", "permanent"))
    assert any(word in words for word in ("until", "year", "month", "day", "hour", "while"))
