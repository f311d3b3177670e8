"""Reviewing the policy: every 12 months a person looks whether it still says what is done (P37)."""

from __future__ import annotations

from datetime import datetime

from alko.models.housekeeping import PolicyVersion
from alko.models.oversight import AlertKind, AlertOutcome
from alko.policy import store
from alko.privacy import alerts, ledger
from alko.privacy.access import Actor
from alko.privacy.events import Event
from alko.privacy.vocabulary import Purpose
from alko.privacy.watch import Cause


def watch(now: datetime) -> bool:
    """Raise an alert where the last review lies more than 12 months back; one for each review."""
    if not store.is_review_stale(now):
        return False
    current = store.current()
    name = f"{AlertKind.STALE_REVIEW.value}/{current.version}/{current.reviewed_on:%Y-%m-%d}"
    return alerts.raise_alert(Cause(AlertKind.STALE_REVIEW, name, now))


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
