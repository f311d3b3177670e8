"""Who may open a client's dossier, and for which purpose (promises P6, P12, P16)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bson import ObjectId

from alko.models.oversight import REGISTER
from alko.models.staff import StaffRole
from alko.privacy.door import grounds
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import Purpose


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
    CLOSING = "closing"
    """Closes an order, and corrects what is kept of it then, for the tax rule (P21)."""
    STAFF = "staff-sign-in"
    """A member of staff signs in, or is written to: their own record."""
    DISCLOSURE = "disclosure"
    """Telling recipients what changed (GDPR Art. 19)."""
    CASES = "cases"
    """Takes in what people write, and moves a case into the dossier of the client who says so."""
    OVERSIGHT = "oversight"
    """Reads the ledger for what is unusual; opens nothing."""


JOBS: dict[Job, tuple[Purpose, frozenset[str]]] = {
    Job.REGISTRATION: (Purpose.SERVICE, frozenset({"registrations"})),
    Job.SIGN_IN: (Purpose.SECURITY, frozenset({"account"})),
    Job.RECOVERY: (Purpose.SECURITY, frozenset({"account", "contact"})),
    Job.MAIL: (Purpose.COMMUNICATION, frozenset({"contact", "mails", "cases"})),
    Job.DELIVERY: (Purpose.SERVICE, frozenset({"deliveries"})),
    Job.CLOSING: (
        Purpose.LEGAL,
        frozenset({"orders", "payments", "invoices", "deliveries", "documents"}),
    ),
    Job.CASES: (
        Purpose.COMMUNICATION,
        frozenset({"cases", "messages", "attachments", "requests", "mails", "disclosures"}),
    ),
    Job.NEWS: (Purpose.COMMUNICATION, frozenset({"contact", "mails"})),
    Job.DISCLOSURE: (Purpose.LEGAL, frozenset({"disclosures"})),
    Job.RETENTION: (Purpose.LEGAL, frozenset({"contact"})),
    Job.ERASURE: (
        Purpose.LEGAL,
        frozenset({*CATEGORIES, "erasures"}),
    ),
    Job.STAFF: (Purpose.SECURITY, frozenset({"staff"})),
    Job.OVERSIGHT: (Purpose.SECURITY, frozenset()),
}
"""For each job its one purpose, and the categories it may open."""


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a client, a member of staff, a job, or the operator at the command line."""

    kind: str
    id: ObjectId | None = None
    role: str = ""
    case: str = ""
    """Of staff: the reference of the assigned case or override on which they act."""

    @classmethod
    def client(cls, client: ObjectId) -> Actor:
        return cls("client", client)

    @classmethod
    def staff(cls, member: ObjectId, role: StaffRole, case: str = "") -> Actor:
        return cls("staff", member, role.value, case)

    @classmethod
    def job(cls, job: Job) -> Actor:
        return cls("system", None, job.value)

    @classmethod
    def operator(cls) -> Actor:
        """Who runs the portal's commands; opens no dossier."""
        return cls("operator")

    @property
    def code(self) -> str:
        """How the ledger names the actor: staff appear by role, never by name."""
        return f"{self.kind}:{self.role}" if self.role else self.kind


def check(
    actor: Actor, client: ObjectId, purpose: Purpose, categories: frozenset[str]
) -> str | None:
    """Raise AccessDenied unless the actor may open these categories for this purpose.

    Returns the reason that the ledger's entry gives, where the actor needs one.
    """
    if actor.kind == "client":
        if actor.id != client:
            raise AccessDenied("a client opens no dossier but their own")
    elif actor.kind == "system":
        allowed_purpose, allowed = JOBS[Job(actor.role)]
        if purpose != allowed_purpose or not categories <= allowed:
            raise AccessDenied(f"the job {actor.role} may not open that")
    elif actor.kind == "staff":
        return _check_staff(actor, client, purpose, categories)
    else:
        raise AccessDenied("unknown actor")
    return None


OF_REGISTER = frozenset({"alerts", "breach_register"})
"""What the company's own register holds (alko/models/oversight.py)."""

BARRED_JOBS = frozenset({Job.NEWS})
"""Jobs that rest while a restriction holds. The others store (deliveries), serve the client's own
access and safety (sign-in, recovery, service mail) or keep legal duties (retention, erasure)."""


CORRESPONDENCE = frozenset({"cases", "messages", "attachments"})
"""What a contact case consists of."""


def barred_while_restricted(actor: Actor, purpose: Purpose, categories: frozenset[str]) -> bool:
    """Whether a restriction stands against this (GDPR Art. 18(2)): storage, own access, legal
    claims and the answer to what the client writes remain (docs/decisions/0017)."""
    if actor.kind == "staff":
        return purpose is not Purpose.LEGAL and not _answers(actor, purpose, categories)
    return actor.kind == "system" and Job(actor.role) in BARRED_JOBS


def _answers(actor: Actor, purpose: Purpose, categories: frozenset[str]) -> bool:
    """Whether a contact case is read or answered, and nothing else of the client is opened."""
    on_case = grounds.prefix(actor.case) == "C"
    return on_case and purpose is Purpose.COMMUNICATION and categories <= CORRESPONDENCE


TAX = frozenset({Purpose.LEGAL, Purpose.FINANCE})


def yields_closed(actor: Actor, purpose: Purpose) -> bool:
    """Whether the records of closed orders are yielded: to the client, and for tax duties (P21)."""
    return actor.kind == "client" or purpose in TAX


def _check_staff(
    actor: Actor, client: ObjectId, purpose: Purpose, categories: frozenset[str]
) -> str | None:
    if client == REGISTER:
        # It is the company's own, and no client's: the officers' work is ground enough.
        if actor.role != StaffRole.OFFICER or purpose is not Purpose.LEGAL:
            raise AccessDenied("the register of alerts and breaches is the privacy officers'")
        if not categories <= OF_REGISTER:
            raise AccessDenied("the register holds alerts and breaches")
        return None
    if _manages_team(actor, purpose, categories) or _keeps_holds(actor, purpose, categories):
        return None
    try:
        found = grounds.ground(actor.id, StaffRole(actor.role), actor.case, client)
    except grounds.NoGround as refusal:
        raise AccessDenied(str(refusal)) from None
    if purpose not in found.purposes or not categories <= found.categories:
        raise AccessDenied("this case does not open that")
    return found.reason


def _keeps_holds(actor: Actor, purpose: Purpose, categories: frozenset[str]) -> bool:
    """Officers read why something is held: they place, renew and lift holds without a case."""
    officer = actor.role == StaffRole.OFFICER and not actor.case
    return officer and purpose is Purpose.LEGAL and categories == {"holds"}


def _manages_team(actor: Actor, purpose: Purpose, categories: frozenset[str]) -> bool:
    """Administrators read who their colleagues are; of clients they open nothing."""
    administrator = actor.role == StaffRole.ADMINISTRATOR
    return administrator and purpose is Purpose.SECURITY and categories == {"staff"}
