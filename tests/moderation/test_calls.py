"""A call is noted at the desk, whoever calls: no ground is needed, nothing is read (P33-P35)."""

from __future__ import annotations

import os

import pytest
from flask import Flask

from alko.models.communication import Message
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.correspondence import cases
from tests.contact.letters import links
from tests.portal import Page, Portal
from tests.staffing import at_the_desk

NEW = "/staff/messages/calls/new"


@pytest.fixture
def email() -> str:
    return f"caller-{os.urandom(4).hex()}@mail.example"


@pytest.fixture
def desk(app: Flask) -> Portal:
    return at_the_desk(app, StaffRole.AGENT)


def note(desk: Portal, email: str, **more: object) -> Page:
    desk.get(NEW)
    said = {"name": "Ana Example", "email": email, "words": "Please delete all my data."}
    return desk.submit(NEW, **{**said, **more})


@pytest.mark.promise("P33", "P34", "P35")
def test_a_caller_without_an_account_has_a_case(app: Flask, desk: Portal, email: str) -> None:
    page = note(desk, email, kind="privacy", urgent=True)
    assert "The call is noted" in page.text
    case = cases.find(page.address.rpartition("/")[2])
    assert (case.channel, case.kind, case.urgent) == (CaseChannel.PHONE, CaseKind.PRIVACY, True)
    assert case.confirmed_at is None, "until the mailed link is opened"
    assert "delete all my data" not in page.html, "who noted it takes it like any other"
    assert next(ledger.entries(case.pk))["actor"] == "staff:agent"
    (link,) = links(email)
    caller = Portal(app)
    caller.get(link)
    page = caller.submit()
    assert "delete all my data" in page.main
    assert cases.find(case.reference).confirmed_at
    (message,) = Message.objects(reference=case.reference)
    assert (message.direction, message.channel) == ("from_client", "phone")
    desk.get(f"/staff/messages/{case.reference}")
    desk.submit(f"/staff/messages/{case.reference}/take")
    desk.submit(f"/staff/messages/{case.reference}/right")
    request = DataRequest.objects.get(id=cases.find(case.reference).request)
    assert (request.right, request.channel) == ("deletion", "phone")


def test_a_call_sent_twice_is_one_case(desk: Portal, email: str) -> None:
    desk.get(NEW)
    form = desk.page
    addresses = set()
    for _ in range(2):
        desk.page = form
        addresses.add(desk.submit(NEW, email=email, words="Where is it?").address)
    assert len(addresses) == 1
    assert len(links(email)) == 1


def test_nothing_noted_is_lost(desk: Portal) -> None:
    before = Case.objects.count()
    page = note(desk, "nonsense")
    assert page.status == 422
    assert page.form(NEW).data["words"] == "Please delete all my data."
    assert Case.objects.count() == before


def test_both_desks_lead_to_it(desk: Portal) -> None:
    for page in ("/staff/messages", "/staff/requests", "/staff/requests/new"):
        assert NEW in desk.get(page).links, page
