"""One member of staff for each role, and browsers in which they are signed in."""

from __future__ import annotations

import pytest
from bson import ObjectId
from flask import Flask

from alko.models.staff import StaffRole
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff


@pytest.fixture(scope="session")
def members(app: Flask) -> dict[StaffRole, ObjectId]:
    with app.app_context():
        return {role: member_of_staff(role) for role in StaffRole}


@pytest.fixture
def agent(app: Flask, members: dict[StaffRole, ObjectId]) -> Portal:
    return at_the_desk(app, StaffRole.AGENT, members[StaffRole.AGENT])


@pytest.fixture
def officer(app: Flask, members: dict[StaffRole, ObjectId]) -> Portal:
    return at_the_desk(app, StaffRole.OFFICER, members[StaffRole.OFFICER])


@pytest.fixture
def administrator(app: Flask, members: dict[StaffRole, ObjectId]) -> Portal:
    return at_the_desk(app, StaffRole.ADMINISTRATOR, members[StaffRole.ADMINISTRATOR])
