"""The contact form, from a question to a closed case, without JavaScript (P33, P34, P35)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from alko.database import connection
from alko.demo.factories import Factory, Person
from alko.models.activity import LedgerEntry
from alko.models.communication import Mail, Message
from alko.models.contact import Case
from alko.models.staff import StaffRole
from alko.privacy.correspondence import cases
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor
from tests.contact.letters import links
from tests.portal import Page, Portal


def address() -> str:
    return f"visitor-{os.urandom(4).hex()}@mail.example"


def fill_in(portal: Portal, **more: object) -> Page:
    portal.get("/contact")
    given = {"name": "Ana Example", "subject": "My data", "message": "What do you hold\nabout me?"}
    return portal.submit(**{**given, **more})


def send(portal: Portal, **more: object) -> str:
    """Write a message; returns the reference of its case."""
    page = fill_in(portal, **more)
    assert page.h1 == "Check your answers", page.errors
    page = portal.submit(button="confirmed")
    assert page.h1 == "We received your message", page
    return page.address.split("/")[2]


@pytest.fixture
def officer(factory: Factory) -> Actor:
    member = factory.staff_member(StaffRole.OFFICER, address(), "Olga Officer", "JBSWY3DPEHPK3PXP")
    return Actor.staff(member.pk, StaffRole.OFFICER)


def on_case(actor: Actor, reference: str) -> Actor:
    assert actor.id
    assignments.take(actor, reference)
    return Actor.staff(actor.id, StaffRole.OFFICER, reference)


@pytest.mark.promise("P33", "P34")
def test_from_a_question_to_an_answer_to_the_end(portal: Portal, officer: Actor) -> None:
    email = address()
    reference = send(portal, email=email)
    assert "Answer due" in portal.page.main  # type: ignore[union-attr]
    assert portal.get(f"/contact/{reference}").status == 404, "only by the link in the mail"
    (link,) = links(email)
    assert cases.find(reference).confirmed_at is None
    assert portal.get(link).h1 == "Open your case"
    assert cases.find(reference).confirmed_at is None, "looking at a link confirms nothing"
    page = portal.submit()
    assert page.address == f"/contact/{reference}", "the token is in no address from here on"
    assert cases.find(reference).confirmed_at is not None
    assert "What do you hold" in page.main
    staff = on_case(officer, reference)
    cases.note(staff, reference, "He sounds upset.")
    cases.write(staff, reference, "We hold your name and your order.")
    assert len(links(email)) == 2, "an answer is told"
    page = portal.get(f"/contact/{reference}")
    assert "We hold your name" in page.main
    assert "upset" not in page.html, "notes are for staff, and in the copy"
    page = portal.submit(body="Thank you!")
    assert "Your message was added." in page.text
    cases.close(staff, reference)
    page = portal.get(f"/contact/{reference}")
    assert "it is erased after" in page.main
    page = portal.submit(body="One more thing")
    assert cases.find(reference).state == "open"


def test_nothing_typed_is_lost(portal: Portal) -> None:
    page = fill_in(portal, email="nonsense", message="A long story")
    assert page.status == 422
    assert page.form().data["message"] == "A long story"
    assert any("email" in one.lower() for one in page.errors)
    page = portal.submit(email=address())
    page = portal.submit(button="change")
    assert page.form().data["message"] == "A long story"


def test_a_message_sent_twice_is_one_case(portal: Portal) -> None:
    email = address()
    fill_in(portal, email=email)
    checked = portal.page
    first = portal.submit(button="confirmed").address
    portal.page = checked
    assert portal.submit(button="confirmed").address == first
    assert len(links(email)) == 1


@pytest.mark.promise("P35")
@pytest.mark.parametrize("how", [{"urgent": True}, {"subject": "uRgEnT -  privacy request"}])
def test_urgent_is_recognised(portal: Portal, how: dict[str, object]) -> None:
    case = cases.find(send(portal, email=address(), kind="privacy", **how))
    assert case.urgent
    assert case.target_at is not None


def test_machines_are_caught_and_told_why(portal: Portal) -> None:
    page = fill_in(portal, email=address(), website="https://spam.example")
    assert page.status == 422
    assert any("machines" in one for one in page.errors)


@pytest.mark.promise("P12")
def test_the_same_answer_whether_or_not_the_address_is_known(app: Flask, person: Person) -> None:
    seen = []
    for email in (person.contact.email, address()):
        portal = Portal(app)
        page = fill_in(portal, email=email)
        page = portal.submit(button="confirmed")
        reference = page.address.split("/")[2]
        seen.append((page.status, page.main.replace(reference, "C")))
    first, second = (text.rpartition("Received")[0] for _, text in seen)
    assert first == second
    assert seen[0][0] == seen[1][0] == 200


@pytest.mark.promise("P33")
def test_a_clients_form_is_filled_in_and_joins_at_once(app: Flask, person: Person) -> None:
    portal = Portal(app).enter(person.id)
    page = portal.get("/contact")
    assert person.contact.email in page.main
    portal.submit(message="Where is my car?")
    reference = portal.submit(button="confirmed").address.split("/")[2]
    case = cases.find(reference)
    assert case.client == person.id
    assert case.confirmed_at
    page = portal.get(f"/contact/{reference}")
    assert "Where is my car?" in page.main
    assert reference in portal.get("/contact").main
    assert "Where is my car?" in portal.get("/my-data/messages").main


@pytest.mark.promise("P26")
def test_a_case_of_ones_own_address_joins_ones_data(app: Flask, person: Person) -> None:
    reference = send(Portal(app), email=person.contact.email)
    portal = Portal(app).enter(person.id)
    page = portal.get("/contact")
    assert reference in page.main
    assert "What do you hold" not in page.html, "nothing of it is shown before"
    page = portal.submit(f"/contact/{reference}/join")
    assert page.address == f"/contact/{reference}"
    assert "What do you hold" in page.main
    (link,) = links(person.contact.email)
    stranger = Portal(app)
    stranger.get(link)
    assert stranger.submit().status == 404, "the link works no more"
    assert Case.objects(reference=reference, client=person.id).count() == 1
    told = portal.get("/my-data/activity").main
    assert "A message to ALKO Cars became a case (The portal, taking in what you wrote" in told


@pytest.mark.promise("P12")
def test_no_other_client_gets_in(app: Flask, person: Person, factory: Factory) -> None:
    reference = send(Portal(app), email=person.contact.email)
    other = Portal(app).enter(factory.client().id)
    for path in ("", "/receipt"):
        assert other.get(f"/contact/{reference}{path}").status == 404
    for path in ("/join", "/message"):
        assert other.post(f"/contact/{reference}{path}", {"body": "x"}).status == 404
    assert Message.objects(reference=reference).count() == 1


@pytest.mark.promise("P24", "P28")
def test_who_has_no_account_deletes_what_they_wrote(app: Flask, portal: Portal) -> None:
    """By the mailed link alone; the next message from that address is a stranger's."""
    email = address()
    reference = send(portal, email=email, kind="privacy")
    (link,) = links(email)
    assert portal.get(f"/contact/{reference}/delete").status == 404
    portal.get(link)
    portal.submit()
    number = cases.find(reference).pk
    assert f"/contact/{reference}/delete" in (portal.page.links if portal.page else [])
    page = portal.get(f"/contact/{reference}/delete")
    page = portal.submit(phrase="delet")
    assert page.status == 422 and cases.find(reference)
    page = portal.submit(phrase=" Delete ")
    assert page.address == "/contact" and "its key is destroyed" in page.text
    for model in (Case, Message, Mail, LedgerEntry):
        assert not model.raw().find_one({"client": number}), model.__name__
    assert connection.current().keyring.names(f"client/{number}/") == []
    assert portal.get(f"/contact/{reference}").status == 404
    assert Portal(app).get(link).status in (200, 404)
    assert cases.find(send(portal, email=email)).pk != number


@pytest.mark.promise("P24")
def test_what_a_claim_needs_is_not_deleted_by_the_link(portal: Portal) -> None:
    email = address()
    reference = send(portal, email=email)
    (link,) = links(email)
    portal.get(link)
    portal.submit()
    until = datetime.now(UTC) + timedelta(days=9)
    Message.raw().update_one({"reference": reference}, {"$set": {"hold_until": until}})
    portal.get(f"/contact/{reference}/delete")
    page = portal.submit(phrase="delete")
    assert page.status == 422 and "legal claim" in page.errors[0]
    assert cases.find(reference)
