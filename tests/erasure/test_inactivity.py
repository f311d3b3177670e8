"""Inactive accounts: three warnings with time between them, and the end of nobody's but an unused
account (P20)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from alko.demo.factories import Factory
from alko.mail import inactivity
from alko.models.client import Client
from alko.models.communication import Mail
from alko.models.staff import StaffRole
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle import inactivity as rule
from alko.privacy.lifecycle.inactivity import WARNINGS, is_over, next_warning
from alko.privacy.lifecycle.retention import add_months
from alko.privacy.rights import restriction
from alko.sales import operations, placing
from tests.staffing import working_on

pytestmark = pytest.mark.promise("P20")

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
SPACES = [timedelta(days=days) for days in (30, 23, 7)]
"""Between the first warning, the second, the third and the end."""


@pytest.fixture
def factory(app: Flask) -> Factory:
    return Factory(seed=int.from_bytes(os.urandom(4)))


def unused(factory: Factory, months: int = 25, **more: Any) -> ObjectId:
    """A client who did nothing for so long."""
    client = factory.client().id
    values = {"last_active_at": add_months(NOW, -months), **more}
    Client.raw().update_one({"_id": client}, {"$set": values})
    return client


def over(factory: Factory) -> ObjectId:
    """A client whose account has come to its end, after all warnings."""
    return unused(factory, warned=list(WARNINGS), warned_at=NOW - 8 * DAY)


def account(client: ObjectId) -> dict[str, Any]:
    found: dict[str, Any] = Client.raw().find_one({"_id": client})
    return found


def warnings_to(client: ObjectId) -> int:
    return Mail.raw().count_documents({"client": client, "kind": "inactivity_warning"})


def sign_in(client: ObjectId) -> None:
    sign_ins.begin(client, "192.0.2.0", "Linux", "Firefox", analytics=False)


@given(st.integers(-100, 800), st.lists(st.integers(1, 24 * 90), max_size=60))
def test_between_the_warnings_lies_what_they_say_whenever_the_worker_runs(
    first: int, pauses: list[int]
) -> None:
    """``first``: days after the nominal end of the first run; ``pauses``: hours between runs."""
    active = datetime(2024, 2, 29, 12, tzinfo=UTC)
    held: dict[str, Any] = {"last_active_at": active, "warned": []}
    end = add_months(active, 24)
    told: list[datetime] = []
    moment = end + first * DAY
    for pause in [*pauses, *[6] * 800]:
        if is_over(held, moment):
            break
        if (stage := next_warning(held, moment)) is not None:
            told.append(moment)
            held |= {"warned": [*held["warned"], stage], "warned_at": moment}
        moment += timedelta(hours=pause)
    assert held["warned"] == list(WARNINGS)
    assert is_over(held, moment) and moment >= end
    following = [*told[1:], moment]
    for earlier, later, space in zip(told, following, SPACES, strict=True):
        assert later - earlier >= space


def test_three_warnings_come_60_30_and_7_days_before_the_end() -> None:
    """Walks day by day through an account that nobody uses."""
    active = datetime(2024, 2, 29, 12, tzinfo=UTC)
    held: dict[str, Any] = {"last_active_at": active, "warned": []}
    end = add_months(active, 24)
    told: list[datetime] = []
    day = end - 70 * DAY
    while not is_over(held, day):
        if (stage := next_warning(held, day)) is not None:
            told.append(day)
            held |= {"warned": [*held["warned"], stage], "warned_at": day}
        day += DAY
    assert [(end - moment).days for moment in told] == list(WARNINGS)
    assert day == end
    assert not is_over({"last_active_at": active, "warned": []}, end + 100 * DAY)


def test_an_inactive_client_is_warned_and_signing_in_ends_it(factory: Factory) -> None:
    client = factory.client().id
    Client.raw().update_one({"_id": client}, {"$set": {"last_active_at": add_months(NOW, -24)}})
    inactivity.look_after()
    warned = {"client": client, "kind": "inactivity_warning"}
    assert Mail.raw().count_documents(warned) == 1
    inactivity.look_after()
    assert Mail.raw().count_documents(warned) == 1, "the next comes 30 days later"
    sign_ins.begin(client, "192.0.2.0", "Linux", "Firefox", analytics=False)
    assert Client.raw().find_one({"_id": client}).get("warned") in (None, [])
    inactivity.look_after()
    assert Mail.raw().count_documents(warned) == 1
    assert erasure.pending(client) is None


def test_a_client_is_in_use_until_a_long_order_closes(factory: Factory) -> None:
    """Who ordered and did not sign in for 26 months is not warned three times in three days."""
    client = unused(factory, 26, warned=[60], warned_at=NOW - 90 * DAY)
    order = factory.order(client, ordered_at=NOW - 800 * DAY)
    inactivity.look_after()
    assert warnings_to(client) == 0, "an order is open"
    closed = NOW - 3 * DAY
    operations.close(client, order.pk, closed)
    assert account(client)["last_active_at"] == closed
    assert not account(client).get("warned")
    inactivity.look_after()
    assert warnings_to(client) == 0
    sign_in(client)
    operations.close(client, order.pk, closed)
    assert account(client)["last_active_at"] >= NOW - DAY, "an old closing takes nothing back"


def test_a_client_is_in_use_until_a_restriction_is_lifted(factory: Factory) -> None:
    client = unused(factory, 30, restricted_at=NOW - 700 * DAY, restriction_ends=NOW - DAY)
    assert restriction.lift_due(NOW) >= 1
    assert account(client)["last_active_at"] >= NOW
    inactivity.look_after()
    assert warnings_to(client) == 0


def test_an_order_that_staff_enter_is_a_use(factory: Factory) -> None:
    client = over(factory)
    agent = working_on(factory.order(client).number, StaffRole.AGENT)
    car = placing.details(
        make="Fiat", model="Panda", model_year=2026, colour="Red", vin="", price=1, currency="EUR"
    )
    placing.place(agent, client, ObjectId(), car)
    assert account(client)["last_active_at"] >= NOW


def test_who_signs_in_on_a_warning_is_not_noted_as_warned(factory: Factory) -> None:
    client = unused(factory)

    def warn(warned: ObjectId, _: str) -> None:
        if warned == client:
            sign_in(client)

    rule.look_after(datetime.now(UTC), warn)
    assert not account(client).get("warned") and not account(client).get("warned_at")


@pytest.mark.parametrize("use", ["sign-in", "order"])
def test_who_comes_back_while_the_accounts_are_walked_through_keeps_theirs(
    factory: Factory, use: str
) -> None:
    """The walk read all accounts before; the first of them, longest unused, is only warned."""
    longest, back = unused(factory, 40), over(factory)

    def warn(warned: ObjectId, _: str) -> None:
        if warned != longest:
            return
        if use == "sign-in":
            sign_in(back)
        else:
            factory.order(back)

    rule.look_after(datetime.now(UTC), warn)
    assert erasure.pending(back) is None
    assert account(back)["status"] == "active"


def test_an_account_that_is_over_is_claimed_and_a_crash_then_is_made_good(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = over(factory)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(erasure, "schedule", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        inactivity.look_after()
    assert account(client)["status"] == "erasing", "nobody signs in any more"
    assert erasure.pending(client) is None
    inactivity.look_after()
    assert erasure.pending(client) is not None
    assert inactivity.look_after()[1] == 0, "once"


def test_an_erasure_of_their_own_can_still_be_cancelled(factory: Factory) -> None:
    client = over(factory)
    erasure.schedule(client, Actor.client(client), at_once=False)
    inactivity.look_after()
    assert account(client)["status"] == "active"
    assert erasure.cancel(client, Actor.client(client))


@pytest.mark.parametrize(("status", "erased"), [("queued", False), ("sent", False), ("dead", True)])
def test_an_account_does_not_end_before_its_last_warning_went_out(
    status: str, erased: bool, factory: Factory
) -> None:
    """One that waits for the mail server holds it up; one that was given up does not (P19)."""
    client = unused(factory)
    for _ in WARNINGS:
        inactivity.look_after()
        Client.raw().update_one({"_id": client}, {"$set": {"warned_at": NOW - 61 * DAY}})
    assert warnings_to(client) == len(WARNINGS)
    Client.raw().update_one({"_id": client}, {"$set": {"warned_at": NOW - 8 * DAY}})
    sent = {"status": status, **({"sent_at": NOW - DAY} if status == "sent" else {})}
    Mail.raw().update_many({"client": client}, {"$set": sent})
    inactivity.look_after()
    assert (erasure.pending(client) is not None) is erased
