"""Reviewing the policy: every 12 months a person looks whether it still says what is done (P37)."""

from __future__ import annotations

from datetime import datetime

from alko.models.housekeeping import PolicyVersion
from alko.models.oversight import AlertKind, AlertOutcome
from alko.policy import store, text
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.oversight import alerts
from alko.privacy.oversight.watch import Cause
from alko.privacy.vocabulary import Purpose

OF_POLICY = (AlertKind.STALE_REVIEW, AlertKind.DRIFTED_POLICY)


def watch(now: datetime) -> int:
    """Raise alerts where the last review lies more than 12 months back, and where the software says
    something else than the published text; one for each review and each text. Returns how many."""
    current = store.current()
    raised = 0
    if store.is_review_stale(now):
        name = f"{AlertKind.STALE_REVIEW.value}/{current.version}/{current.reviewed_on:%Y-%m-%d}"
        raised += alerts.raise_alert(Cause(AlertKind.STALE_REVIEW, name, now))
    if store.differs(current):
        present = store.fingerprint(text.lines(current.written))
        name = f"{AlertKind.DRIFTED_POLICY.value}/{current.version}/{present}"
        raised += alerts.raise_alert(Cause(AlertKind.DRIFTED_POLICY, name, now))
    return raised


def without_change(actor: Actor, now: datetime) -> PolicyVersion:
    """The policy was reviewed today and stays as it is; answers the alert that asked for it.

    Raises Drifted where the software says something else than the published text: then a new
    version is due.
    """
    if store.is_drifted():
        raise store.Drifted
    if actor.id is None:
        raise TypeError("the policy is reviewed by people")
    told = {"version": store.current().version}
    ledger.append(actor.id, Event.POLICY_REVIEWED, actor, Purpose.LEGAL, details=told)
    reviewed = store.note_review(now.replace(hour=0, minute=0, second=0, microsecond=0))
    alerts.settle(AlertKind.STALE_REVIEW, actor, AlertOutcome.MENDED)
    return reviewed
