"""Reminders to staff: a request or a case is due in 7, 3 and 1 days, the 72 hours of a breach end
in 48, 24 and 6 hours, or either is overdue; and, each day, what is due.

Each is one mail for a date, threshold and member, however often the worker looks (P34).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.contact import Case, CaseState
from alko.models.request import FINISHED, DataRequest, RequestState
from alko.models.staff import StaffMember, StaffRole, StaffStatus
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.oversight import alerts, breaches
from alko.privacy.vocabulary import Purpose
from config import Settings

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAYS = (1, 3, 7)
"""Days before the due date, the nearest first."""
HOURS = (6, 24, 48)
"""Of the 72 hours of a breach."""
OVERDUE = 0


@dataclass(frozen=True)
class DueWork:
    """A piece of work with a due date, and who works on it."""

    reference: str
    link: str
    due_at: datetime
    assigned_to: ObjectId | None
    of_breach: bool = False

    def stage(self, now: datetime) -> int | None:
        steps, unit = (HOURS, HOUR) if self.of_breach else (DAYS, DAY)
        return stage(self.due_at, now, steps, unit)

    def kind(self, passed: int) -> MailKind:
        if self.of_breach:
            return MailKind.BREACH_CLOCK
        return MailKind.OVERDUE if passed == OVERDUE else MailKind.DUE_SOON


def stage(
    due_at: datetime, now: datetime, steps: tuple[int, ...] = DAYS, unit: timedelta = DAY
) -> int | None:
    """The threshold that was passed last, for instance 7, 3 or 1 days before; 0 once it is
    overdue."""
    if now > due_at:
        return OVERDUE
    return next((step for step in steps if due_at - now <= step * unit), None)


def remind(now: datetime) -> int:
    """Write the reminders that are due; returns how many."""
    officers = _officers()
    written = 0
    for work in _due(now):
        passed = work.stage(now)
        if passed is None:
            continue
        # The date is a part of it: after an extension the days are counted anew.
        event = f"reminder/{work.reference}/{work.due_at:%Y-%m-%d}/{passed}"
        for member in _responsible(work, officers):
            written += _write(member, work.kind(passed), work.link, event)
    return written


def digest(settings: Settings, now: datetime) -> int:
    """Once a day, when the working hours have begun, to each who has something due.

    Alerts that nobody acknowledged are due for all officers.
    """
    local = now.astimezone(settings.zone)
    if local.time() < settings.working_times[0]:
        return 0
    officers = _officers()
    concerned = {member for work in _due(now) for member in _responsible(work, officers)}
    if alerts.waiting():
        concerned.update(officers)
    event = f"digest/{local:%Y-%m-%d}"
    return sum(_write(member, MailKind.DIGEST, "/staff", event) for member in sorted(concerned))


def _due(now: datetime) -> Iterator[DueWork]:
    """What is open and due within the longest threshold, or overdue; every breach whose 72 hours
    run, for nobody has decided anything about it."""
    yield from _requests(now)
    yield from _cases(now)
    for waiting in breaches.undecided():
        link = f"/staff/breaches/{waiting.reference}"
        yield DueWork(waiting.reference, link, waiting.due_at, None, of_breach=True)


def _requests(now: datetime) -> Iterator[DueWork]:
    open_states = [state.value for state in RequestState if state not in FINISHED]
    soon = {
        "state": {"$in": open_states},
        "due_at": {"$lte": now + max(DAYS) * DAY},
    }
    fields = {"reference": 1, "due_at": 1, "assigned_to": 1}
    for one in DataRequest.raw().find(soon, fields):
        link = f"/staff/requests/{one['reference']}"
        yield DueWork(one["reference"], link, one["due_at"], one.get("assigned_to"))


def _cases(now: datetime) -> Iterator[DueWork]:
    """Cases that wait for ALKO; an urgent one is due when somebody shall have taken it up (P35),
    and like any other when the month for the answer is over (P34)."""
    soon = {"$lte": now + max(DAYS) * DAY}
    waiting = {
        "closed_at": None,
        "state": CaseState.OPEN.value,
        "$or": [{"due_at": soon}, {"target_at": soon}],
    }
    fields = {"reference": 1, "due_at": 1, "target_at": 1, "assigned_to": 1}
    for one in Case.raw().find(waiting, fields):
        link = f"/staff/messages/{one['reference']}"
        for due_at in filter(None, (one.get("target_at"), one["due_at"])):
            if stage(due_at, now) is not None:
                yield DueWork(one["reference"], link, due_at, one.get("assigned_to"))


def _officers() -> list[ObjectId]:
    wanted = {"role": StaffRole.OFFICER.value, "status": StaffStatus.ACTIVE.value}
    return [one["_id"] for one in StaffMember.raw().find(wanted, {"_id": 1})]


def _responsible(work: DueWork, officers: list[ObjectId]) -> list[ObjectId]:
    """Who works on it; all officers where nobody does, or nobody any more."""
    if work.assigned_to is not None:
        there = {"_id": work.assigned_to, "status": StaffStatus.ACTIVE.value}
        if StaffMember.raw().find_one(there, {"_id": 1}):
            return [work.assigned_to]
    return officers


def _write(member: ObjectId, kind: MailKind, link: str, event: str) -> bool:
    """Whether a mail was written now; not where it was before, or the member cannot be reached."""
    if outbox.written(member, event):
        return False
    with suppress(NoSuchRecord, KeyDestroyed):
        _, details = Dossier.open(
            member,
            Actor.job(Job.STAFF),
            Purpose.SECURITY,
            categories=["staff"],
            event=Event.ADDRESS_READ,
        ).record(StaffMember)
        outbox.write(kind, member, details.email, {"link": link}, under="staff", event=event)
        return True
    return False
