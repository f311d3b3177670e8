"""The promise ledger: every promise of the policy, what makes it true, and whether it is (P1).

The status of a promise is what the software does by design, lowered by what live probes find: a
probe that says no makes it broken. Probes of the upper floors are handed in by them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from pymongo.errors import ConnectionFailure

from alko.privacy.promises.catalogue import PROMISES, SUMMARY
from alko.privacy.promises.evidence import proving_tests
from alko.privacy.promises.types import (
    Finding,
    Holds,
    Outcome,
    Probe,
    Probes,
    Promise,
    Report,
    Status,
    together,
)
from alko.words import N_

logger = logging.getLogger("alko.promises")


def check(probes: Probes, tests: Mapping[str, tuple[str, ...]] | None = None) -> Report:
    """Run the probes and return the state of all promises, P1 (which sums them up) first.

    A database out of reach raises (ConnectionFailure): then nothing is known.
    """
    tests = proving_tests() if tests is None else tests
    others = tuple(
        _outcome(promise, tuple(_run(probe) for probe in probes.get(promise.id, ())), tests)
        for promise in PROMISES
        if promise.id != SUMMARY
    )
    summary = next(promise for promise in PROMISES if promise.id == SUMMARY)
    first = Outcome(summary, _summed_up(others), (), tests.get(SUMMARY, ()))
    return Report((first, *others), datetime.now(UTC))


def _outcome(
    promise: Promise, findings: tuple[Finding, ...], tests: Mapping[str, tuple[str, ...]]
) -> Outcome:
    status = promise.status
    said = {finding.holds for finding in findings}
    if Holds.NO in said:
        status = Status.BROKEN
    elif Holds.NOT_HERE in said and status is Status.KEPT:
        status = Status.PARTLY
    return Outcome(promise, status, findings, tests.get(promise.id, ()))


def _run(probe: Probe) -> Finding:
    try:
        return probe()
    except ConnectionFailure:
        raise
    except Exception as error:
        # Not even being able to look is no reason to call a promise kept.
        logger.error("the probe %s failed: %s", probe.__name__, type(error).__name__)
        return Finding(Holds.NO, N_("A check of this promise failed to run."))


def _summed_up(outcomes: tuple[Outcome, ...]) -> Status:
    statuses = {outcome.status for outcome in outcomes}
    if Status.BROKEN in statuses:
        return Status.BROKEN
    return Status.KEPT if statuses == {Status.KEPT} else Status.PARTLY


__all__ = [
    "PROMISES",
    "Finding",
    "Holds",
    "Outcome",
    "Probe",
    "Probes",
    "Promise",
    "Report",
    "Status",
    "check",
    "proving_tests",
    "together",
]
