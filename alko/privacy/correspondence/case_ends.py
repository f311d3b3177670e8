"""What was answered is closed in time.

"24 months after the case is closed" (P19) must come for every case, also where nobody closes it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from alko.models.contact import Case, CaseState
from alko.models.request import DataRequest
from alko.privacy.correspondence import cases
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.rights.requests import StepRefused

ANSWERED_PERIOD = timedelta(days=30)
"""How long an answered case waits for another word of the writer."""


def close_answered(now: datetime) -> int:
    """Close the cases whose time to write again is over; returns how many. Their writers are told.

    Where a request was made of a case, it stays open until that is finished.
    """
    answered_by = now - ANSWERED_PERIOD
    due = {"state": CaseState.WAITING.value, "waiting_since": {"$lte": answered_by}}
    closed = 0
    for one in list(Case.raw().find(due, {"reference": 1, "request": 1})):
        if _is_open(one.get("request")):
            continue
        with suppress(StepRefused, NoSuchRecord):  # written to or erased meanwhile
            cases.close(Actor.job(Job.CASES), one["reference"], answered_by=answered_by)
            closed += 1
    return closed


def _is_open(request: object) -> bool:
    unfinished = {"_id": request, "finished_at": None}
    return request is not None and DataRequest.raw().find_one(unfinished, {"_id": 1}) is not None
