"""Every route of the staff's surface against every role, and against everybody else (P12)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.models.staff import StaffRole
from alko.privacy.door.permissions import ROLES, Permission
from alko.web.access import Access
from tests.portal import Portal
from tests.staffing import at_the_desk
from tests.web.addresses import addresses, of_staff

pytestmark = pytest.mark.promise("P12", "P16")
AT_THE_ENTRANCE = {
    "moderation.sign_in",
    "moderation.sign_in_code",
    "moderation.sign_out",
    "moderation.join",
}


def test_every_route_of_staff_declares_a_permission(app: Flask) -> None:
    found = [one for one in addresses(app) if one.path.startswith("/staff")]
    assert found
    for one in found:
        if one.endpoint in AT_THE_ENTRANCE:
            assert one.access is Access.PUBLIC, one
        else:
            assert one.access is Access.STAFF and one.permission in set(Permission), one
    assert all(one.path.startswith("/staff") for one in addresses(app) if one.permission)


def test_every_permission_is_somebodys_and_every_role_is_listed() -> None:
    assert ROLES.keys() == set(StaffRole)
    assert frozenset().union(*ROLES.values()) == set(Permission)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", StaffRole)
def test_a_role_reaches_what_it_may_and_nothing_else(
    app: Flask, members: dict[StaffRole, ObjectId], role: StaffRole, method: str
) -> None:
    """What is open answers by itself: 404 and 422 come from the desk, not from the gate."""
    portal = at_the_desk(app, role, members[role])
    portal.get("/staff")
    token = {"csrf_token": portal.csrf_token()}
    for one in of_staff(app, method):
        for fragment in (False, True):
            if fragment:
                page = portal.htmx(one.path, method, token if method == "POST" else None)
            elif method == "GET":
                page = portal.get(one.path, follow=False)
            else:
                page = portal.post(one.path, token, follow=False)
            if one.permission not in ROLES[role]:
                assert page.status == 403, (role, one)
            else:
                assert page.status in (200, 204, 303, 400, 403, 404, 409, 422), (role, one, page)


def test_nobody_else_gets_in(app: Flask, portal: Portal) -> None:
    client = Portal(app).enter(Factory().client().id)
    client.get("/my-data")
    portal.get("/")
    for visitor in (portal, client):
        for one in of_staff(app, "GET"):
            page = visitor.get(one.path, follow=False)
            assert page.status == 303, one
            target = urlsplit(page.headers["Location"])
            assert target.path == "/staff/sign-in", one
            assert parse_qs(target.query)["next"] == [one.path], one
            fragment = visitor.htmx(one.path)
            assert (fragment.status, fragment.data) == (204, b""), one
        for one in of_staff(app, "POST"):
            page = visitor.post(one.path, {}, follow=False)
            assert urlsplit(page.headers["Location"]).path == "/staff/sign-in", one


def test_staff_are_no_clients(app: Flask, officer: Portal) -> None:
    for path in ("/my-data", "/account/security", "/orders"):
        page = officer.get(path, follow=False)
        assert urlsplit(page.headers["Location"]).path == "/account/sign-in", path
