"""The 72 hours in which the authority is told of a breach: pure functions of aware UTC times
(GDPR Art. 33(1))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(hours=72)
"""After having become aware of a breach the authority is told within this time."""


class ClockState(StrEnum):
    RUNNING = "running"
    OVERDUE = "overdue"
    TOLD = "told"
    TOLD_LATE = "told_late"
    SPARED = "spared"
    """No risk for anybody is likely, so that the authority need not be told."""


@dataclass(frozen=True)
class Clock:
    """The 72 hours of one breach."""

    due_at: datetime
    left: timedelta
    """Until then, or negative: since then. It stands still once the authority was told."""
    state: ClockState


def clock(
    discovered_at: datetime,
    now: datetime,
    told_at: datetime | None = None,
    spared_at: datetime | None = None,
) -> Clock:
    """The 72 hours from the discovery: hours of the clock, weekends and holidays included."""
    due_at = discovered_at + WITHIN
    left = due_at - (told_at or spared_at or now)
    if told_at:
        state = ClockState.TOLD if told_at <= due_at else ClockState.TOLD_LATE
    elif spared_at:
        state = ClockState.SPARED
    else:
        state = ClockState.RUNNING if now <= due_at else ClockState.OVERDUE
    return Clock(due_at, left, state)
