"""Members of staff for tests: those who act, and those who have a browser."""

from __future__ import annotations

from bson import ObjectId
from flask import Flask

from alko.demo.accounts import TOTP_SECRET
from alko.demo.factories import Factory
from alko.models.staff import StaffRole
from alko.privacy.door import assignments, overrides
from alko.privacy.door.access import Actor
from tests.portal import Portal


def working_on(reference: str, role: StaffRole = StaffRole.OFFICER) -> Actor:
    """Somebody new to whom this case is assigned, whoever had it before."""
    member = ObjectId()
    officer = Actor.staff(member, StaffRole.OFFICER)
    assignments.put_back(officer, reference)
    assignments.take(officer, reference)
    return Actor.staff(member, role, reference)


def overriding(client: ObjectId, reason: str = "Court order 17/2026, file 4") -> Actor:
    """An officer with an override of this client."""
    member = ObjectId()
    begun = overrides.begin(client, Actor.staff(member, StaffRole.OFFICER), reason)
    return Actor.staff(member, StaffRole.OFFICER, begun)


def member_of_staff(role: StaffRole) -> ObjectId:
    """A stored member who can sign in with the demo's password and second factor."""
    email = f"{ObjectId()}@staff.example"
    return ObjectId(Factory().staff_member(role, email, "Some Body", TOTP_SECRET).pk)


def at_the_desk(app: Flask, role: StaffRole, member: ObjectId | None = None) -> Portal:
    """A browser in which a member of that role is signed in."""
    return Portal(app).enter_staff(member or member_of_staff(role))
