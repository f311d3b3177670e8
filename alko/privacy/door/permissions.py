"""What each role of staff may do (promises P12, P16). A permission not listed here is nobody's."""

from __future__ import annotations

from enum import StrEnum

from alko.models.staff import StaffRole


class Permission(StrEnum):
    """One area of the staff's surface. Personal data needs a ground besides: see grounds.py."""

    WORK = "work"
    """The first page: what is assigned to oneself, and what is due. No personal data."""
    REQUESTS = "requests"
    """Requests under the six rights: those assigned to oneself; officers see the whole queue."""
    DECIDE = "decide"
    """Answering a request: done, refused, extended, a correction approved; assigning to others."""
    MESSAGES = "messages"
    """Contact cases: read and answer those assigned to oneself."""
    DOCUMENTS = "documents"
    """Papers that wait for a check: view, accept, reject."""
    ORDERS = "orders"
    """Orders, payments, invoices and deliveries."""
    SEARCH = "search"
    """Finding a client by email, phone, order or request, exactly."""
    CLIENTS = "clients"
    """A client's page, as far as an assigned case or an override opens it."""
    OVERRIDE = "override"
    """Opening a client without an assigned case, for a typed reason that the client reads."""
    HOLDS = "holds"
    """Placing and lifting legal holds."""
    LEDGER = "ledger"
    """Searching and verifying the ledger; acknowledging alerts. Ids and codes only."""
    POLICY = "policy"
    """Writing and publishing versions of the privacy policy."""
    RECIPIENTS = "recipients"
    """The register of processors, their agreements and what was disclosed to them."""
    BREACHES = "breaches"
    """The register of personal data breaches."""
    MAIL = "mail"
    """Mails that could not be delivered, without their addresses."""
    REPORTS = "reports"
    """Counts and times; no personal data."""
    TEAM = "team"
    """Inviting members of staff, their roles, ending their access."""
    SETTINGS = "settings"
    """How the portal is set up; no secret and no personal data."""


_EVERYBODY = frozenset({Permission.WORK, Permission.REPORTS})
_CASEWORK = frozenset(
    {
        Permission.REQUESTS,
        Permission.MESSAGES,
        Permission.DOCUMENTS,
        Permission.ORDERS,
        Permission.SEARCH,
        Permission.CLIENTS,
    }
)

ROLES: dict[StaffRole, frozenset[Permission]] = {
    StaffRole.AGENT: _EVERYBODY | _CASEWORK,
    StaffRole.OFFICER: _EVERYBODY
    | _CASEWORK
    | {
        Permission.DECIDE,
        Permission.OVERRIDE,
        Permission.HOLDS,
        Permission.LEDGER,
        Permission.POLICY,
        Permission.RECIPIENTS,
        Permission.BREACHES,
        Permission.MAIL,
    },
    StaffRole.ADMINISTRATOR: _EVERYBODY | {Permission.TEAM, Permission.SETTINGS, Permission.MAIL},
}


def may(role: StaffRole, permission: Permission) -> bool:
    return permission in ROLES[role]


__all__ = ["ROLES", "Permission", "StaffRole", "may"]
