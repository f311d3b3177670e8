"""The shape of the promise ledger: a promise, what a probe finds, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"


class Holds(StrEnum):
    """What a probe says about its promise."""

    YES = "yes"
    NOT_HERE = "not_here"
    """Not on this installation as it is set up, or only with an alert: kept in part."""
    NO = "no"


@dataclass(frozen=True)
class Promise:
    """One promise of the policy. ``status`` is what the software does by its design."""

    id: str
    text: str
    how: str
    """What makes it true."""
    status: Status = Status.KEPT
    missing: str = ""
    """What is not there yet; empty exactly where the status is KEPT."""


@dataclass(frozen=True)
class Finding:
    """What a probe saw: a message id with its values (counts and names of parts, no data)."""

    holds: Holds
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        return self.text % self.values if self.values else self.text


Probe = Callable[[], Finding]
Probes = Mapping[str, Sequence[Probe]]
"""Probes by the id of the promise which they examine."""


def together(*parts: Probes) -> Probes:
    """All probes of several mappings."""
    ids = dict.fromkeys(promise for part in parts for promise in part)
    return {one: tuple(probe for part in parts for probe in part.get(one, ())) for one in ids}


@dataclass(frozen=True)
class Outcome:
    """A promise as it stands now, with what supports that."""

    promise: Promise
    status: Status
    findings: tuple[Finding, ...]
    tests: tuple[str, ...]
    """Names of the tests that prove it; empty where tests are not installed."""


@dataclass(frozen=True)
class Report:
    """The state of all promises at one moment (aware UTC)."""

    outcomes: tuple[Outcome, ...]
    checked_at: datetime

    @property
    def counts(self) -> dict[Status, int]:
        return {status: sum(o.status is status for o in self.outcomes) for status in Status}

    @property
    def broken(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.status is Status.BROKEN)

    @property
    def alerts(self) -> tuple[tuple[str, Finding], ...]:
        """What somebody should look at, with the promise's id."""
        return tuple(
            (o.promise.id, f) for o in self.outcomes for f in o.findings if f.holds is not Holds.YES
        )

    def as_json(self) -> dict[str, Any]:
        """The report in plain types, for /privacy/promises.json and ``promises check --json``."""
        return {
            "checked_at": self.checked_at.isoformat(timespec="seconds"),
            "counts": {status.value: count for status, count in self.counts.items()},
            "promises": [_plain(outcome) for outcome in self.outcomes],
        }


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.promise.id,
        "promise": outcome.promise.text,
        "what_makes_it_true": outcome.promise.how,
        "status": outcome.status.value,
        "missing": outcome.promise.missing,
        "probes": [{"holds": f.holds.value, "finding": f.plain} for f in outcome.findings],
        "tests": list(outcome.tests),
    }
