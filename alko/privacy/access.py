"""Who may open a client's dossier, and for which purpose (promises P6, P12, P16)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bson import ObjectId

from alko.models.staff import StaffRole
from alko.privacy.vocabulary import Purpose

MINIMUM_REASON = 10
"""Characters of a typed reason for an override; shorter ones explain nothing."""


class AccessDenied(Exception):
    """The actor may not do that. The message holds no personal data."""


class Restricted(AccessDenied):
    """The use of the client's data is restricted, and this is none that remains (P31)."""


class Job(StrEnum):
    """What the portal does by itself with a client's data."""

    REGISTRATION = "registration"
    SIGN_IN = "sign-in"
    MAIL = "mail"
    RETENTION = "retention"
    ERASURE = "erasure"
    RECOVERY = "recovery"
    NEWS = "news"
    """Mail that waits while the use of the data is restricted."""
    DELIVERY = "delivery"


JOBS: dict[Job, tuple[Purpose, frozenset[str]]] = {
    Job.REGISTRATION: (Purpose.SERVICE, frozenset({"registrations"})),
    Job.SIGN_IN: (Purpose.SECURITY, frozenset({"account"})),
    Job.RECOVERY: (Purpose.SECURITY, frozenset({"account", "contact"})),
    Job.MAIL: (Purpose.COMMUNICATION, frozenset({"contact", "mails"})),
    Job.DELIVERY: (
        Purpose.SERVICE,
        frozenset({"orders", "payments", "invoices", "deliveries", "documents"}),
    ),
    Job.NEWS: (Purpose.COMMUNICATION, frozenset({"contact", "mails"})),
    Job.RETENTION: (Purpose.LEGAL, frozenset({"contact"})),
    Job.ERASURE: (
        Purpose.LEGAL,
        frozenset({"contact", "orders", "payments", "invoices", "erasures"}),
    ),
}
"""For each job its one purpose, and the categories it may open."""


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a client, a member of staff in a role, or a job of the portal."""

    kind: str
    id: ObjectId | None = None
    role: str = ""

    @classmethod
    def client(cls, client: ObjectId) -> Actor:
        return cls("client", client)

    @classmethod
    def staff(cls, member: ObjectId, role: StaffRole) -> Actor:
        return cls("staff", member, role.value)

    @classmethod
    def job(cls, job: Job) -> Actor:
        return cls("system", None, job.value)

    @property
    def code(self) -> str:
        """How the ledger names the actor: staff appear by role, never by name."""
        return f"{self.kind}:{self.role}" if self.role else self.kind


def check(
    actor: Actor,
    client: ObjectId,
    purpose: Purpose,
    categories: frozenset[str],
    reason: str | None,
) -> None:
    """Raise AccessDenied unless the actor may open these categories for this purpose."""
    if actor.kind == "client":
        if actor.id != client:
            raise AccessDenied("a client opens no dossier but their own")
    elif actor.kind == "system":
        allowed_purpose, allowed = JOBS[Job(actor.role)]
        if purpose != allowed_purpose or not categories <= allowed:
            raise AccessDenied(f"the job {actor.role} may not open that")
    elif actor.kind == "staff":
        _check_staff(actor, reason)
    else:
        raise AccessDenied("unknown actor")


BARRED_JOBS = frozenset({Job.NEWS})
"""Jobs that rest while a restriction holds. The others store (deliveries), serve the client's own
access and safety (sign-in, recovery, service mail) or keep legal duties (retention, erasure)."""


def barred_while_restricted(actor: Actor, purpose: Purpose) -> bool:
    """Whether a restriction stands against this (GDPR Art. 18(2)): storage, own access and legal
    claims remain."""
    if actor.kind == "staff":
        return purpose is not Purpose.LEGAL
    return actor.kind == "system" and Job(actor.role) in BARRED_JOBS


def _check_staff(actor: Actor, reason: str | None) -> None:
    if actor.role != StaffRole.OFFICER:
        raise AccessDenied("this role opens a dossier only through an assigned case")
    if reason is None or len(reason.strip()) < MINIMUM_REASON:
        raise AccessDenied("an override needs a reason in words")
