"""Corrections on the desk for requests: old and new with evidence, approved or refused (P27)."""

from __future__ import annotations

import io

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.privacy.door.access import Actor
from alko.privacy.rights import rectification
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff
from tests.vault.inspection.making import png

pytestmark = pytest.mark.promise("P27")


@pytest.fixture(scope="module")
def member(app: Flask) -> ObjectId:
    return member_of_staff(StaffRole.OFFICER)


@pytest.fixture
def officer(app: Flask, member: ObjectId) -> Portal:
    return at_the_desk(app, StaffRole.OFFICER, member)


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def client(app: Flask, person: Person) -> Portal:
    return Portal(app).enter(person.id)


def ask(client: Portal, field: str, **values: str) -> str:
    """File a correction through the client's pages; returns its reference."""
    client.get(f"/rights/correction/{field}")
    client.submit(f"/rights/correction/{field}", **values)
    page = client.submit(f"/rights/correction/{field}", button="confirmed")
    return page.address.rpartition("/")[2]


def held(person: Person, field: str) -> str:
    return rectification.read(person.id, Actor.client(person.id))[field]


def test_it_is_seen_with_evidence_revealed_and_approved(
    client: Portal, officer: Portal, person: Person
) -> None:
    reference = ask(client, "birth_date", birth_date="1980-02-28", words="A wrong year.")
    evidence = f"/rights/requests/{reference}/evidence"
    client.submit(evidence, file=(io.BytesIO(png()), "certificate.png"))
    address = f"/staff/requests/{reference}"
    page = officer.get(address)
    assert "certificate.png" not in page.html
    page = officer.submit(f"{address}/take")
    assert "certificate.png" in page.text_of("#changes")
    assert "A wrong year." in page.main
    assert "28 Feb 1980" not in page.html
    page = officer.submit(f"{address}/reveal")
    assert "28 Feb 1980" in page.text_of("#changes")
    seen = client.get("/my-data/activity").main
    assert "A masked value was revealed" in seen
    assert f"Assigned case: request {reference}" in seen
    page = officer.get(f"{address}/decisions/done")
    assert page.address == address  # a correction is no mere answer
    officer.get(f"{address}/decisions/correct")
    page = officer.submit(f"{address}/decisions/correct")
    assert "The data is corrected" in page.text
    assert held(person, "birth_date") == "1980-02-28"
    row = client.get(f"/rights/requests/{reference}").text_of("#changes tbody")
    assert "ALKO privacy officer" in row


def test_what_was_withdrawn_meanwhile_is_not_approved(
    client: Portal, officer: Portal, person: Person
) -> None:
    reference = ask(client, "nationality", nationality="MT")
    address = f"/staff/requests/{reference}"
    officer.get(address)
    officer.submit(f"{address}/take")
    officer.get(f"{address}/decisions/correct")
    client.post(f"/rights/requests/{reference}/withdraw")
    page = officer.submit(f"{address}/decisions/correct")
    assert page.status == 409
    assert held(person, "nationality") == person.identity.nationality


def test_a_refusal_leaves_it_and_says_why(client: Portal, officer: Portal, person: Person) -> None:
    reference = ask(client, "full_name", full_name="Somebody Else")
    address = f"/staff/requests/{reference}"
    officer.get(address)
    officer.submit(f"{address}/take")
    officer.get(f"{address}/decisions/refuse")
    why = "Your passport has the former name."
    page = officer.submit(f"{address}/decisions/refuse", button="Refuse the request", body=why)
    assert DataRequest.objects.get(reference=reference).state == "refused", page.errors
    assert held(person, "full_name") == person.identity.full_name
    assert why in client.get(f"/rights/requests/{reference}").main
