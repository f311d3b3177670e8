"""Which member of staff is signed in: a session of its own, apart from the clients' (P12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from bson import ObjectId
from flask import g, session
from werkzeug.local import LocalProxy

from alko.privacy.door.access import Actor
from alko.privacy.door.permissions import Permission, StaffRole, may
from alko.privacy.identity import staff

SESSION_KEY = "staff"


@dataclass(frozen=True)
class Member:
    """The member of this request: ids and role, no personal data."""

    id: ObjectId
    role: StaffRole
    session: ObjectId

    def actor(self, case: str = "") -> Actor:
        """How the member acts on a client's data: ``case`` names the assigned case or override."""
        return Actor.staff(self.id, self.role, case)

    def may(self, permission: Permission) -> bool:
        return may(self.role, permission)


def find() -> Member | None:
    """The member who is signed in, looked up once for a request."""
    if g.get("database_away"):  # set by errors.py, whose page has the frame of every page
        return None
    if "alko_member" not in g:
        token = session.get(SESSION_KEY)
        found = staff.find_session(str(token)) if token else None
        g.alko_member = Member(found.member, found.role, found.id) if found else None
    return cast("Member | None", g.alko_member)


def enter(token: str) -> None:
    """Begin the browser's session under a fresh cookie."""
    session.clear()
    session[SESSION_KEY] = token
    g.pop("alko_member", None)


def leave() -> None:
    session.clear()
    g.pop("alko_member", None)


def _present() -> Member:
    found = find()
    if found is None:
        raise RuntimeError("no member of staff is signed in")
    return found


current_member: Member = cast(Member, LocalProxy(_present))
"""The member of this request; only views marked with ``staff(...)`` may use it."""
