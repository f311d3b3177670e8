"""What a step or the writer's words do to a case, before it is saved."""

from __future__ import annotations

from datetime import datetime, timedelta

from alko.database.records import CHANGED
from alko.models.communication import Message
from alko.models.contact import TRANSITIONS, Attachment, Case, CaseKind, CaseState
from alko.privacy.correspondence import suggestions
from alko.privacy.correspondence.case_mails import receipt
from alko.privacy.lifecycle import retention
from alko.privacy.rights import deadlines
from alko.privacy.rights.requests import StepRefused

URGENT_TARGET = timedelta(days=1)


def hear(case: Case, subject: str, body: str, now: datetime) -> None:
    """What the writer's next words do to their case: a right, urgency, dates that count anew.

    After the case was closed they begin a matter of its own, with 30 days from now (P34); what was
    only answered keeps its due date. Urgent words have their day from now (P35).
    """
    urgent = not case.urgent and suggestions.sounds_urgent(subject)
    reopened = case.state != CaseState.OPEN
    if case.closed:
        case.counted_from, case.due_at = now, deadlines.deadline(now).due_at
    if reopened:
        move(case, CaseState.OPEN, now)
    if urgent:
        case.urgent, case.pending = True, receipt(urgent=True)
    if urgent or (reopened and case.urgent):
        case.target_at = now + URGENT_TARGET
    right = suggestions.right_in(f"{subject}\n{body}")
    if right:
        case.suggested_right = right.value
    if urgent or right:
        case.kind = CaseKind.PRIVACY.value


def move(case: Case, state: CaseState, now: datetime) -> None:
    """Take one step; StepRefused."""
    if state not in TRANSITIONS[CaseState(case.state)]:
        raise StepRefused(f"from {case.state} no step leads to {state.value}")
    case.state = state.value
    closed = state is CaseState.CLOSED
    case.closed_at = now if closed else None
    case.erase_after = retention.case_ends(now) if closed else None
    case.waiting_since = None
    if closed:
        _keep_as_long(case)


def _keep_as_long(case: Case) -> None:
    """What belongs to a case ends with it (P19). Done before the case is saved: a crash between
    leaves nothing without an end."""
    theirs = {"client": case.client, "reference": case.reference}
    ends = {"$set": {"erase_after": case.erase_after}, "$inc": {"revision": 1}, **CHANGED}
    for model in (Message, Attachment):
        model.raw().update_many(theirs, ends)
