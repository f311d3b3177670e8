"""What is unusual in the ledger: pure rules over what staff did, in the order it happened (P17).

The same cause has the same name however often it is found, so that it raises one alert.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bson import ObjectId

from alko.models.oversight import AlertKind
from alko.privacy.accountability.events import Event

WINDOW = timedelta(hours=1)
EVERY_DAY = frozenset(range(7))
ATTEMPTS = (Event.STAFF_SIGN_IN_ATTEMPTED, Event.STAFF_CODE_REFUSED)
"""Of a sign-in that may fail: its password, and each wrong code after it."""


@dataclass(frozen=True)
class Rules:
    """When something is unusual."""

    most_dossiers: int
    """So many different clients may one member open within an hour."""
    most_failures: int
    """So many sign-ins of one member may fail within an hour."""
    opens: time
    closes: time
    """Working hours, in ``zone``; they may go past midnight."""
    zone: tzinfo
    days: frozenset[int] = EVERY_DAY
    """Working days, Monday is 0: those on which working hours begin."""


@dataclass(frozen=True)
class Seen:
    """One entry of the ledger, as far as the rules look at it."""

    at: datetime
    event: str
    chain: ObjectId
    """Whose chain: a client's, or the member's own."""
    member: ObjectId | None
    """Who acted, where it was a member of staff."""
    seq: int = 0


@dataclass(frozen=True)
class Cause:
    """Why a person should look. ``name`` is the same each time the same thing is found."""

    kind: AlertKind
    name: str
    at: datetime
    member: ObjectId | None = None
    about: ObjectId | None = None
    count: int | None = None


def causes(seen: Iterable[Seen], rules: Rules) -> list[Cause]:
    """What is unusual; ``seen`` in order of time. Where a cause goes on, its highest count."""
    found: dict[str, Cause] = {}
    opened = _Windows()
    failed = _Windows()
    for one in seen:
        for cause in (
            _override(one),
            _off_hours(one, rules),
            _bulk(one, opened, rules.most_dossiers),
            _failures(one, failed, rules.most_failures),
        ):
            if cause is not None:
                known = found.get(cause.name)
                if known is None or (known.count or 0) < (cause.count or 0):
                    found[cause.name] = cause
    return list(found.values())


class _Windows:
    """Per member what happened within the last hour."""

    def __init__(self) -> None:
        self._events: dict[ObjectId, deque[tuple[datetime, ObjectId]]] = defaultdict(deque)

    def add(self, member: ObjectId, at: datetime, what: ObjectId) -> int:
        """How many different things there were in the hour up to ``at``."""
        events = self._events[member]
        events.append((at, what))
        while events[0][0] <= at - WINDOW:
            events.popleft()
        return len({what for _, what in events})

    def clear(self, member: ObjectId) -> None:
        self._events.pop(member, None)


def _of_client(one: Seen) -> bool:
    return one.member is not None and one.chain != one.member


def _override(one: Seen) -> Cause | None:
    if one.event != Event.OVERRIDE:
        return None
    name = f"{AlertKind.OVERRIDE.value}/{one.chain}/{one.seq}"
    return Cause(AlertKind.OVERRIDE, name, one.at, one.member, one.chain)


def _off_hours(one: Seen, rules: Rules) -> Cause | None:
    """One cause for each member and night."""
    if not _of_client(one) or is_working_time(one.at, rules):
        return None
    name = f"{AlertKind.OFF_HOURS.value}/{one.member}/{_night_of(one.at, rules)}"
    return Cause(AlertKind.OFF_HOURS, name, one.at, one.member)


def is_working_time(at: datetime, rules: Rules) -> bool:
    began = _began_on(at.astimezone(rules.zone), rules)
    return began is not None and began.weekday() in rules.days


def _began_on(local: datetime, rules: Rules) -> date | None:
    """The day on which the hours began that ``local`` falls into; None outside of them."""
    clock, today = local.time(), local.date()
    if rules.opens <= rules.closes:
        return today if rules.opens <= clock < rules.closes else None
    if clock >= rules.opens:
        return today
    return today - timedelta(days=1) if clock < rules.closes else None


def _night_of(at: datetime, rules: Rules) -> date:
    """The day on which the hours ended before ``at``, also where nobody works on it."""
    local = at.astimezone(rules.zone)
    return local.date() if local.time() >= rules.closes else local.date() - timedelta(days=1)


def _bulk(one: Seen, opened: _Windows, most: int) -> Cause | None:
    """One cause for each member and hour of the clock."""
    if not _of_client(one) or one.member is None:
        return None
    count = opened.add(one.member, one.at, one.chain)
    if count <= most:
        return None
    name = f"{AlertKind.BULK.value}/{one.member}/{_hour(one.at)}"
    return Cause(AlertKind.BULK, name, one.at, one.member, count=count)


def _failures(one: Seen, failed: _Windows, most: int) -> Cause | None:
    """Attempts that no sign-in followed; one cause for each member and hour of the clock.

    One is never counted: the last, which may still succeed, or the password before a wrong code.
    """
    if one.event == Event.STAFF_SIGNED_IN:
        failed.clear(one.chain)
    if one.event not in ATTEMPTS:
        return None
    # Each attempt is a thing of its own.
    count = failed.add(one.chain, one.at, ObjectId()) - 1
    if count < most:
        return None
    name = f"{AlertKind.FAILED_SIGN_INS.value}/{one.chain}/{_hour(one.at)}"
    return Cause(AlertKind.FAILED_SIGN_INS, name, one.at, one.chain, count=count)


def _hour(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H}"
