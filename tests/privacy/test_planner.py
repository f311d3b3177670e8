"""The planner: nothing outside the plan is touched, and every record is in it exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle.planner import Held, Occasion, Why, dropped_fields, plan
from alko.privacy.lifecycle.retention import Retention

pytestmark = pytest.mark.promise("P24", "P28")

NOW = datetime(2026, 11, 23, tzinfo=UTC)
moments = st.one_of(
    st.none(), st.integers(-4000, 4000).map(lambda hours: NOW + timedelta(hours=hours))
)


@st.composite
def records(draw: st.DrawFn) -> Held:
    slug = draw(st.sampled_from(sorted(CATEGORIES)))
    rule = CATEGORIES[slug].retention
    if slug == "documents":
        rule = draw(st.sampled_from([Retention.DOCUMENTS, Retention.TRANSACTIONS]))
    of_order = rule in (Retention.DOCUMENTS, Retention.TRANSACTIONS)
    return Held(
        slug,
        ObjectId(),
        rule,
        erase_after=draw(moments),
        open_order=of_order and draw(st.booleans()),
        hold_until=draw(moments),
    )


dossiers = st.lists(records(), max_size=30)
occasions = st.sampled_from(Occasion)


@given(dossiers, occasions)
def test_erased_and_kept_are_everything_and_share_nothing(
    held: list[Held], occasion: Occasion
) -> None:
    made = plan(held, occasion, NOW)
    erased = {one.held.id for one in made.erased}
    kept = {one.held.id for one in made.kept}
    assert erased | kept == {one.id for one in held}
    assert not erased & kept


@given(dossiers, occasions)
def test_planning_what_was_kept_erases_nothing_more(held: list[Held], occasion: Occasion) -> None:
    first = plan(held, occasion, NOW)
    again = plan([one.held for one in first.kept], occasion, NOW)
    assert not again.erased
    assert again.kept == first.kept


@given(dossiers)
def test_a_sweep_erases_what_is_due_and_nothing_early(held: list[Held]) -> None:
    for one in plan(held, Occasion.EXPIRY, NOW).erased:
        assert one.held.erase_after is not None
        assert one.held.erase_after <= NOW


@given(dossiers, occasions)
def test_a_legal_hold_keeps(held: list[Held], occasion: Occasion) -> None:
    for one in plan(held, occasion, NOW).erased:
        assert one.held.hold_until is None or one.held.hold_until <= NOW


@given(dossiers)
def test_a_request_leaves_only_what_a_reason_keeps(held: list[Held]) -> None:
    for one in plan(held, Occasion.REQUEST, NOW).kept:
        assert one.why in (Why.LEGAL_HOLD, Why.OPEN_ORDER, Why.TAX_LAW)
        if one.why is Why.TAX_LAW:
            assert one.held.rule is Retention.TRANSACTIONS
        if one.why is Why.OPEN_ORDER:
            assert one.held.open_order


def test_a_closed_order_keeps_no_more_than_the_tax_rule_needs() -> None:
    until = datetime(2033, 1, 1, tzinfo=UTC)
    order = Held("orders", ObjectId(), Retention.TRANSACTIONS, erase_after=until)
    made = plan([order], Occasion.REQUEST, NOW)
    assert made.kept[0].until == until
    assert made.kept[0].dropped == ("colour", "cancellation_reason")
    assert dropped_fields("payments") == ("account_ending",)


def test_tracking_of_a_delivered_car_goes_at_once() -> None:
    until = datetime(2033, 1, 1, tzinfo=UTC)
    delivery = Held("deliveries", ObjectId(), Retention.TRANSACTIONS, erase_after=until)
    assert not plan([delivery], Occasion.REQUEST, NOW).kept
