"""Staff open a dossier through an assigned case or an override, and no further (P12, P16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.models.communication import Mail
from alko.models.staff import Override, StaffRole
from alko.models.transaction import Order, OrderStatus
from alko.privacy.accountability import ledger
from alko.privacy.door import assignments, grounds, overrides
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import Purpose
from tests.staffing import member_of_staff, overriding, working_on

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P12", "P16")]
AGENT, OFFICER, ADMINISTRATOR = StaffRole.AGENT, StaffRole.OFFICER, StaffRole.ADMINISTRATOR


@pytest.fixture(scope="module")
def clients(app: Flask) -> tuple[ObjectId, ObjectId]:
    return Factory("one").client().id, Factory("two").client().id


@pytest.fixture
def order(clients: tuple[ObjectId, ObjectId]) -> Order:
    return Factory(str(ObjectId())).order(clients[0], OrderStatus.SHIPPED)


def opens(client: ObjectId, actor: Actor, purpose: Purpose = Purpose.SERVICE) -> str:
    """What the ledger says of the opening; AssertionError where an entry is missing."""
    Dossier.open(client, actor, purpose, categories=["orders"])
    last = list(ledger.entries(client))[-1]
    assert (last["event"], last["actor"]) == ("dossier.shown", actor.code)
    me = Dossier.open(client, Actor.client(client), Purpose.LEGAL, categories=["activity"])
    return next(
        str(row.values["reason"])
        for row in reversed(list(me.rows("activity")))
        if row.values["seq"] == last["seq"]
    )


def denied(client: ObjectId, actor: Actor, **options: Any) -> None:
    before = len(list(ledger.entries(client)))
    purpose = options.pop("purpose", Purpose.SERVICE)
    with pytest.raises(AccessDenied):
        Dossier.open(client, actor, purpose, **{"categories": ["orders"], **options})
    assert len(list(ledger.entries(client))) == before


def test_an_assigned_case_opens_what_it_needs_and_the_client_reads_why(
    clients: tuple[ObjectId, ObjectId], order: Order
) -> None:
    agent = working_on(order.number, AGENT)
    assert opens(clients[0], agent) == f"Assigned case: order {order.number}"
    denied(clients[0], agent, categories=["sign-ins"])
    denied(clients[0], agent, purpose=Purpose.IMPROVEMENT)
    denied(clients[1], agent)


@pytest.mark.parametrize("case", ["", "O-2026-NOTHING", "R-2026-NOBODY", "paper/x", "nonsense"])
@pytest.mark.parametrize("role", StaffRole)
def test_without_a_case_nothing_opens(
    clients: tuple[ObjectId, ObjectId], role: StaffRole, case: str
) -> None:
    denied(clients[0], Actor.staff(ObjectId(), role, case))


def test_a_colleagues_case_opens_nothing(clients: tuple[ObjectId, ObjectId], order: Order) -> None:
    mine = working_on(order.number, AGENT)
    denied(clients[0], Actor.staff(ObjectId(), AGENT, order.number))
    denied(clients[0], Actor.staff(mine.id or ObjectId(), ADMINISTRATOR, order.number))
    working_on(order.number, AGENT)
    denied(clients[0], mine)


def test_a_case_that_is_long_over_opens_nothing(
    clients: tuple[ObjectId, ObjectId], order: Order
) -> None:
    agent = working_on(order.number, AGENT)
    for ago, opened in ((timedelta(days=13), True), (timedelta(days=15), False)):
        closed = {"$set": {"closed_at": datetime.now(UTC) - ago}}
        Order.raw().update_one({"_id": order.pk}, closed)
        if opened:
            Dossier.open(clients[0], agent, Purpose.FINANCE, categories=["contact"])
        else:
            denied(clients[0], agent, purpose=Purpose.FINANCE, categories=["contact"])


def test_an_override_is_told_and_ends(clients: tuple[ObjectId, ObjectId]) -> None:
    client = clients[0]
    told = {"client": client, "kind": "override_begun"}
    before = Mail.raw().count_documents(told)
    officer = overriding(client, "The police asks, file 4711.")
    assert Mail.raw().count_documents(told) == before + 1
    assert opens(client, officer, Purpose.LEGAL) == f"Override {officer.case}"
    for slug in CATEGORIES:
        Dossier.open(client, officer, Purpose.LEGAL, categories=[slug])
    denied(clients[1], officer)
    denied(client, Actor.staff(ObjectId(), OFFICER, officer.case))
    Override.raw().update_one(
        {"reference": officer.case}, {"$set": {"until": datetime.now(UTC) - timedelta(seconds=1)}}
    )
    denied(client, officer)


@pytest.mark.parametrize("reason", ["", "because", "    \t\n         ", "x        "])
def test_no_override_without_a_reason(clients: tuple[ObjectId, ObjectId], reason: str) -> None:
    with pytest.raises(overrides.ReasonMissing):
        overriding(clients[0], reason)


@pytest.mark.parametrize("role", [AGENT, ADMINISTRATOR])
def test_only_officers_override(clients: tuple[ObjectId, ObjectId], role: StaffRole) -> None:
    with pytest.raises(AccessDenied):
        overrides.begin(clients[0], Actor.staff(ObjectId(), role), "a very good reason")


def test_work_is_taken_once_given_by_officers_and_put_back(order: Order) -> None:
    first, second = (Actor.staff(member_of_staff(AGENT), AGENT) for _ in range(2))
    assignments.take(first, order.number)
    assignments.take(first, order.number)
    with pytest.raises(assignments.TakenByAnother):
        assignments.take(second, order.number)
    with pytest.raises(assignments.TakenByAnother):
        assignments.put_back(second, order.number)
    with pytest.raises(AccessDenied):
        assignments.give(first, order.number, second.id or ObjectId())
    officer = Actor.staff(ObjectId(), OFFICER)
    assignments.give(officer, order.number, second.id or ObjectId())
    assert assignments.holder(order.number) == second.id
    with pytest.raises(assignments.NotForThem):
        assignments.give(officer, order.number, member_of_staff(ADMINISTRATOR))
    assignments.put_back(second, order.number)
    assert assignments.holder(order.number) is None


def test_agents_take_no_requests_and_nobody_takes_nothing() -> None:
    with pytest.raises(AccessDenied):
        assignments.take(Actor.staff(ObjectId(), AGENT), "R-2026-NOBODY")
    for reference in ("nonsense", "AC-1999-NOBODY", "paper/xyz"):
        with pytest.raises(grounds.NoSuchWork):
            assignments.take(Actor.staff(ObjectId(), OFFICER), reference)
