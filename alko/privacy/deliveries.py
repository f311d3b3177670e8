"""Where a delivery stands: pure functions from its events, whatever order they came in.

An event reports one milestone: reached on a day, or expected on a day. The state depends on the
set of events only, so that late, repeated and shuffled reports all end alike:

- The newest report (``reported_at``, then its id) of a milestone says its day.
- A milestone once reported as reached stays reached; a later report may correct its day.
- A milestone that lies before one that was reached is reached too, even if nobody said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from alko.models.transaction import DeliveryEvent, OrderStatus

MOST_EVENTS = 400
"""Events kept of one delivery; a carrier that reports more is at fault."""


class Milestone(StrEnum):
    """The steps of a delivery, in their order."""

    BUILT = "built"
    AT_PORT = "at_port"
    AT_SEA = "at_sea"
    ARRIVED = "arrived"
    CUSTOMS = "customs"
    REGISTRATION = "registration"
    READY = "ready"
    DELIVERED = "delivered"


class EventConflict(Exception):
    """The id of this event is known from another one."""


class TooManyEvents(Exception):
    """The delivery holds as many events as it may."""


@dataclass(frozen=True)
class Step:
    """One milestone: reached or expected, when, and why it is later than first said."""

    milestone: Milestone
    done: bool = False
    done_on: date | None = None
    """None where a later milestone tells that this one must have been reached."""
    expected_on: date | None = None
    first_expected_on: date | None = None
    reason: str = ""
    place: str = ""

    @property
    def on(self) -> date | None:
        """The day that counts: when it was reached, else when it is expected."""
        return self.done_on if self.done else self.expected_on

    @property
    def days_late(self) -> int:
        """Days after the day that was expected first; 0 where it is on time or nothing is known."""
        if self.on is None or self.first_expected_on is None:
            return 0
        return max(0, (self.on - self.first_expected_on).days)


@dataclass(frozen=True)
class State:
    """All milestones in order."""

    steps: tuple[Step, ...]

    def __getitem__(self, milestone: Milestone) -> Step:
        return self.steps[list(Milestone).index(milestone)]

    @property
    def reached(self) -> tuple[Milestone, ...]:
        return tuple(step.milestone for step in self.steps if step.done)

    @property
    def current(self) -> Step | None:
        """The last milestone that was reached."""
        return next((step for step in reversed(self.steps) if step.done), None)

    @property
    def upcoming(self) -> Step | None:
        """The next milestone; None once the car is delivered."""
        return next((step for step in self.steps if not step.done), None)

    @property
    def delivered_at(self) -> datetime | None:
        """Midnight (UTC) of the day of delivery."""
        day = self[Milestone.DELIVERED].done_on
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    @property
    def order_status(self) -> OrderStatus:
        """What the order's own state follows from this."""
        reached = self.reached
        if Milestone.DELIVERED in reached:
            return OrderStatus.DELIVERED
        if Milestone.AT_SEA in reached:
            return OrderStatus.SHIPPED
        return OrderStatus.IN_PRODUCTION


def state_of(events: Iterable[DeliveryEvent]) -> State:
    """The state that a set of events describes; unknown milestones and days are passed over."""
    reports: dict[Milestone, list[DeliveryEvent]] = {milestone: [] for milestone in Milestone}
    for event in sorted(events, key=_age):
        if event.milestone in Milestone._value2member_map_ and _day(event.at):
            reports[Milestone(event.milestone)].append(event)
    steps: list[Step] = []
    later_done = False
    for milestone in reversed(Milestone):
        step = _step(milestone, reports[milestone], later_done)
        later_done = step.done
        steps.insert(0, step)
    return State(tuple(steps))


def with_event(events: Sequence[DeliveryEvent], event: DeliveryEvent) -> list[DeliveryEvent]:
    """The events and one more, in the order of their reports; unchanged where it is known.

    Raises EventConflict where its id belongs to an event that says something else, and
    TooManyEvents.
    """
    known = next((one for one in events if one.id and one.id == event.id), None)
    if known is not None:
        if known != event:
            raise EventConflict
        return list(events)
    if len(events) >= MOST_EVENTS:
        raise TooManyEvents
    return sorted([*events, event], key=_age)


def reported(moment: datetime) -> str:
    """A moment as events hold it: text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _step(milestone: Milestone, reports: list[DeliveryEvent], later_done: bool) -> Step:
    reached = [event for event in reports if event.done]
    expected = [event for event in reports if not event.done]
    telling = (reached or expected)[-1:]
    return Step(
        milestone,
        done=bool(reached) or later_done,
        done_on=_day(reached[-1].at) if reached else None,
        expected_on=_day(expected[-1].at) if expected else None,
        first_expected_on=_day(expected[0].at) if expected else None,
        # The reason of a delay outlives the expectation that it came with.
        reason=next((event.reason for event in reversed(reports) if event.reason), ""),
        place=telling[0].place if telling else "",
    )


def _age(event: DeliveryEvent) -> tuple[str, str, str, str]:
    return event.reported_at, event.id, event.milestone, event.at


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
