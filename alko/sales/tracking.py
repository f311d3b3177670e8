"""How far an order is, what comes next and who acts: pure functions of records and a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from alko.privacy import deliveries
from alko.privacy.deliveries import Milestone, State, Step

ORDERED, PAID = "ordered", "paid"


class Standing(StrEnum):
    """How a step is drawn."""

    DONE = "done"
    CURRENT = "current"
    NEXT = "next"
    LATE = "late"


class Who(StrEnum):
    """Who acts next."""

    CLIENT = "you"
    ALKO = "alko"
    CARRIER = "carrier"
    AUTHORITY = "authority"


ACTS: dict[Milestone, Who] = {
    Milestone.BUILT: Who.ALKO,
    Milestone.AT_PORT: Who.ALKO,
    Milestone.AT_SEA: Who.CARRIER,
    Milestone.ARRIVED: Who.CARRIER,
    Milestone.CUSTOMS: Who.AUTHORITY,
    Milestone.REGISTRATION: Who.AUTHORITY,
    Milestone.READY: Who.ALKO,
    Milestone.DELIVERED: Who.CLIENT,
}


@dataclass(frozen=True)
class Money:
    """Invoiced and paid, in minor units."""

    total: int
    paid: int
    currency: str
    last_paid_on: date | None

    @property
    def balance(self) -> int:
        return self.total - self.paid

    @property
    def settled(self) -> bool:
        return self.total > 0 and self.balance <= 0


@dataclass(frozen=True)
class Shown:
    """One step as it is shown."""

    code: str
    standing: Standing
    on: date | None = None
    expected: bool = False
    """Whether the day is an expectation."""
    step: Step | None = None


@dataclass(frozen=True)
class Action:
    """What happens next: a step's code, who acts, and when it is expected."""

    code: str
    who: Who
    on: date | None = None


@dataclass(frozen=True)
class Tracking:
    """The whole picture of one order's way."""

    steps: list[Shown]
    actions: list[Action]
    state: State
    at_sea: float
    """How much of the sea route lies behind: 0 to 1, by the calendar while the ship sails."""

    @property
    def delivered(self) -> bool:
        return self.state[Milestone.DELIVERED].done

    @property
    def current(self) -> Shown:
        """The last step that was reached."""
        return next((s for s in self.steps if s.standing is Standing.CURRENT), self.steps[0])


def track(
    ordered_on: date,
    money: Money,
    events: Iterable[deliveries.DeliveryEvent],
    today: date,
    *,
    cancelled: bool = False,
) -> Tracking:
    """All steps of an order in their order, and what comes next as of ``today``."""
    state = deliveries.state_of(events)
    steps = [Shown(ORDERED, Standing.DONE, ordered_on), _paid(money)]
    steps += [_shown(step, today) for step in state.steps]
    if not state[Milestone.DELIVERED].done and not cancelled:
        _mark_current(steps)
    return Tracking(
        steps, [] if cancelled else _actions(state, money), state, _sailed(state, today)
    )


def _paid(money: Money) -> Shown:
    if money.settled:
        return Shown(PAID, Standing.DONE, money.last_paid_on)
    return Shown(PAID, Standing.NEXT)


def _shown(step: Step, today: date) -> Shown:
    if step.done:
        return Shown(step.milestone.value, Standing.DONE, step.done_on, step=step)
    overdue = step.expected_on is not None and step.expected_on < today
    # Steps that are merely pushed back by an earlier one are not called late as well.
    told_late = bool(step.days_late and step.reason)
    standing = Standing.LATE if overdue or told_late else Standing.NEXT
    return Shown(step.milestone.value, standing, step.expected_on, True, step)


def _mark_current(steps: list[Shown]) -> None:
    """The last step reached is where the car is now."""
    place = max(number for number, step in enumerate(steps) if step.standing is Standing.DONE)
    here = steps[place]
    steps[place] = Shown(here.code, Standing.CURRENT, here.on, here.expected, here.step)


def _actions(state: State, money: Money) -> list[Action]:
    actions = []
    if not money.settled and money.total > 0:
        actions.append(Action(PAID, Who.CLIENT))
    if (step := state.upcoming) is not None:
        actions.append(Action(step.milestone.value, ACTS[step.milestone], step.expected_on))
    return actions


def _sailed(state: State, today: date) -> float:
    departed, arrived = state[Milestone.AT_SEA], state[Milestone.ARRIVED]
    if arrived.done:
        return 1.0
    if not departed.done:
        return 0.0
    if departed.done_on is None or arrived.expected_on is None:
        return 0.5
    whole = max((arrived.expected_on - departed.done_on).days, 1)
    # A ship that was not reported as arrived is still on its way, whatever the calendar says.
    return min(max((today - departed.done_on).days / whole, 0.02), 0.97)


def events_of(values: Mapping[str, Any]) -> list[deliveries.DeliveryEvent]:
    """The events in a row of the dossier."""
    return [deliveries.DeliveryEvent(**event) for event in values.get("events") or ()]


def money_of(
    price: int, currency: str, invoiced: Iterable[int], payments: Iterable[tuple[int, date]]
) -> Money:
    """What is due and what was paid; before there is an invoice the price is what is due."""
    totals, paid = list(invoiced), sorted(payments, key=lambda one: one[1])
    return Money(
        total=sum(totals) if totals else price,
        paid=sum(amount for amount, _ in paid),
        currency=currency,
        last_paid_on=paid[-1][1] if paid else None,
    )
