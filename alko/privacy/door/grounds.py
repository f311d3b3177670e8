"""On what ground a member of staff opens a client's dossier (promise P16).

Either a work item of that client which is assigned to the member, or an override that the member
began for a stated reason. Each ground opens only what that kind of work needs, for its purposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

import alko.models as models
from alko.models.staff import StaffRole
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import Purpose


class NoGround(Exception):
    """Neither an assigned case nor an override opens this; the message holds no personal data."""


class NoSuchWork(LookupError):
    """There is no work item with this reference."""


@dataclass(frozen=True)
class Work:
    """A kind of work item: where it is stored, and what it lets the one who has it open."""

    model: str
    field: str
    """The clear field that holds the reference; ``_id`` for a record's own number."""
    name: str
    purposes: frozenset[Purpose]
    categories: frozenset[str]
    roles: frozenset[StaffRole] = frozenset({StaffRole.AGENT, StaffRole.OFFICER})
    taken: bool = True
    """Whether an agent may take it from the queue; otherwise an officer assigns it."""
    ended: str | None = None
    """The clear field that says when it was over; None where whoever ends it gives it back."""


_WHO_IT_IS = frozenset({"identity", "contact"})
_SALE = frozenset({"orders", "payments", "invoices", "deliveries", "documents"})

WORK: dict[str, Work] = {
    "R": Work(
        "DataRequest",
        "reference",
        "request",
        frozenset({Purpose.LEGAL, Purpose.COMMUNICATION}),
        _WHO_IT_IS | _SALE | {"requests", "messages", "consents", "cases", "attachments"},
        taken=False,
        ended="finished_at",
    ),
    "C": Work(
        "Case",
        "reference",
        "case",
        frozenset({Purpose.SERVICE, Purpose.LEGAL, Purpose.COMMUNICATION}),
        # What people write about is mostly their order, or one that they wish to make.
        _WHO_IT_IS | {"cases", "messages", "attachments", "requests", "orders", "deliveries"},
        ended="closed_at",
    ),
    "AC": Work(
        "Order",
        "number",
        "order",
        frozenset({Purpose.SERVICE, Purpose.FINANCE, Purpose.COMMUNICATION}),
        _SALE | _WHO_IT_IS,
        ended="closed_at",
    ),
    "paper": Work(
        "PaperRecord",
        "_id",
        "paper",
        frozenset({Purpose.SERVICE, Purpose.LEGAL}),
        frozenset({"documents", "identity", "contact", "orders"}),
    ),
}
"""By the beginning of their references: ``R-2026-7K3M9Q``, ``C-2026-4H2X8B``, ``AC-2026-12345``,
``paper/<id>``."""

OVERRIDE = "O"
AFTERWARDS = timedelta(days=14)
"""How long a finished case still opens what it opened: to see what came of it, and no longer."""


@dataclass(frozen=True)
class Ground:
    """What opens a dossier to a member of staff."""

    purposes: frozenset[Purpose]
    categories: frozenset[str]
    reason: str
    """What the client reads in the ledger."""


def kind_of(reference: str) -> Work:
    """The kind of work item; NoSuchWork."""
    try:
        return WORK[prefix(reference)]
    except KeyError:
        raise NoSuchWork from None


def locate(reference: str) -> dict[str, Any]:
    """The query that finds a work item; NoSuchWork for what cannot be a reference."""
    work = kind_of(reference)
    if work.field != "_id":
        return {work.field: str(reference)}
    try:
        return {"_id": ObjectId(reference.partition("/")[2])}
    except InvalidId:
        raise NoSuchWork from None


def client_of(reference: str) -> ObjectId | None:
    """Whose work item or override this is; None where there is none. It opens nothing."""
    if prefix(reference) == OVERRIDE:
        found = models.Override.raw().find_one({"reference": reference}, {"client": 1})
        return found["client"] if found else None
    try:
        work, wanted = kind_of(reference), locate(reference)
    except NoSuchWork:
        return None
    found = getattr(models, work.model).raw().find_one(wanted, {"client": 1})
    return found["client"] if found else None


def ground(
    member: ObjectId | None,
    role: StaffRole,
    case: str,
    client: ObjectId,
    now: datetime | None = None,
) -> Ground:
    """The ground on which this member may open this client's dossier now; NoGround."""
    now = now or datetime.now(UTC)
    if member is None or not case:
        raise NoGround("staff open a dossier through an assigned case or an override")
    if prefix(case) == OVERRIDE:
        return _override(member, role, case, client, now)
    try:
        work, wanted = kind_of(case), locate(case)
    except NoSuchWork:
        raise NoGround("there is no such case") from None
    if role not in work.roles:
        raise NoGround("this role opens no dossier")
    mine = {**wanted, "client": client, "assigned_to": member, **_not_long_over(work, now)}
    if getattr(models, work.model).raw().find_one(mine, {"_id": 1}) is None:
        raise NoGround("this case is not assigned to this member, or not about this client")
    return Ground(work.purposes, work.categories, f"Assigned case: {work.name} {_shown(case)}")


def _not_long_over(work: Work, now: datetime) -> dict[str, Any]:
    if work.ended is None:
        return {}
    return {"$or": [{work.ended: None}, {work.ended: {"$gt": now - AFTERWARDS}}]}


def _override(
    member: ObjectId, role: StaffRole, reference: str, client: ObjectId, now: datetime
) -> Ground:
    if role is not StaffRole.OFFICER:
        raise NoGround("this role has no overrides")
    wanted = {"reference": reference, "client": client, "staff": member, "until": {"$gt": now}}
    if models.Override.raw().find_one(wanted, {"_id": 1}) is None:
        raise NoGround("the override is over, or not for this client")
    return Ground(frozenset(Purpose), frozenset(CATEGORIES), f"Override {reference}")


def prefix(reference: str) -> str:
    """``paper`` of ``paper/123``, ``R`` of ``R-2026-7K3M9Q``."""
    head, slash, _ = reference.partition("/")
    return head if slash else reference.partition("-")[0]


def _shown(reference: str) -> str:
    return reference.rpartition("/")[2]
