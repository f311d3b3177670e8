"""A case is looked up by reference or address: nothing is opened, each search is logged (P16)."""

from __future__ import annotations

import os

import pytest
from bson import ObjectId
from flask import Flask

from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.correspondence import case_search, cases
from alko.privacy.door.access import AccessDenied, Actor, Job
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff

pytestmark = pytest.mark.promise("P16", "P17")
FIND = "/staff/messages/find"


@pytest.fixture
def email() -> str:
    return f"writer-{os.urandom(4).hex()}@mail.example"


@pytest.fixture
def case(app: Flask, email: str) -> Case:
    written = cases.Written(
        body="Where is it?",
        kind=CaseKind.GENERAL,
        channel=CaseChannel.FORM,
        name="Ana Example",
        email=email,
    )
    return cases.open_case(Actor.job(Job.CASES), written)


@pytest.fixture
def member(app: Flask) -> ObjectId:
    return member_of_staff(StaffRole.AGENT)


@pytest.fixture
def desk(app: Flask, member: ObjectId) -> Portal:
    return at_the_desk(app, StaffRole.AGENT, member)


def test_a_strangers_case_is_found_by_reference_and_by_address(
    desk: Portal, case: Case, email: str, member: ObjectId
) -> None:
    assert FIND in desk.get("/staff/messages").links
    for wanted in (f" {case.reference.lower()} ", email.upper()):
        desk.get(FIND)
        page = desk.submit(FIND, wanted=wanted)
        assert f"/staff/messages/{case.reference}" in page.links, wanted
        assert page.address == FIND, "what was typed is in no address"
        assert "Ana" not in page.html and email not in page.html
    theirs = [e["details"] for e in ledger.entries(case.pk) if e["event"] == "case.found"]
    assert [one["by"] for one in theirs] == ["reference", "email"]
    own = [e["details"] for e in ledger.entries(member) if e["event"] == "staff.cases_searched"]
    assert own == [{"by": "reference", "found": 1}, {"by": "email", "found": 1}]


def test_what_leads_nowhere_says_so_and_is_logged(desk: Portal, member: ObjectId) -> None:
    desk.get(FIND)
    page = desk.submit(FIND, wanted="C-2026-NOBODY")
    assert page.status == 404 and "No case is found" in page.errors[0]
    (own,) = [e for e in ledger.entries(member) if e["event"] == "staff.cases_searched"]
    assert own["details"]["found"] == 0
    assert desk.submit(FIND, wanted="").status == 422


def test_an_administrator_finds_nothing(case: Case) -> None:
    with pytest.raises(AccessDenied):
        case_search.find(Actor.staff(ObjectId(), StaffRole.ADMINISTRATOR), case.reference)
