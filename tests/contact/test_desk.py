"""The staff's desk for messages: the queue, a thread, steps (P16, P34, P35)."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.contact import ingest
from alko.demo.factories import Factory, Person
from alko.models.communication import Message
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.correspondence import case_joining, cases
from alko.privacy.door.access import Actor, Job, Restricted
from alko.privacy.door.dossier import Dossier
from alko.privacy.rights import restriction
from alko.privacy.vocabulary import Purpose
from tests import counting
from tests.audience import without
from tests.contact import corpus
from tests.contact.letters import links
from tests.portal import Portal
from tests.vault.inspection.making import png


def address() -> str:
    return f"visitor-{os.urandom(4).hex()}@mail.example"


@pytest.fixture
def desk(app: Flask, factory: Factory) -> Portal:
    return Portal(app).enter_staff(_member(factory))


def _member(factory: Factory, role: StaffRole = StaffRole.AGENT) -> ObjectId:
    made = factory.staff_member(role, address(), "Arno Agent", "JBSWY3DPEHPK3PXP")
    return ObjectId(made.pk)


def opened(email: str | None = None, body: str = "Please delete all my data.") -> Case:
    written = cases.Written(
        body=body, kind=CaseKind.PRIVACY, channel=CaseChannel.FORM, email=email or address()
    )
    return cases.open_case(Actor.job(Job.CASES), written)


@pytest.mark.promise("P16", "P34")
def test_a_case_is_taken_read_answered_and_closed(desk: Portal) -> None:
    email = address()
    case = opened(email)
    with without(Case, {"_id": {"$ne": case.pk}}):
        assert case.reference in desk.get("/staff/messages?view=nobody").main
    page = desk.get(f"/staff/messages/{case.reference}")
    assert "delete all my data" not in page.html, "nobody reads what they do not have in hand"
    page = desk.submit(f"/staff/messages/{case.reference}/take")
    assert "delete all my data" in page.main
    page = desk.submit(
        f"/staff/messages/{case.reference}/answer", button="Send the answer", body="Done on [day]."
    )
    assert page.status == 422
    assert "Done on [day]." in page.html, "nothing typed is lost"
    page = desk.submit(
        f"/staff/messages/{case.reference}/answer",
        button="Send the answer",
        body="We look into it.",
    )
    assert "We look into it." in page.main
    assert len(links(email)) == 2
    desk.submit(f"/staff/messages/{case.reference}/note", note="Sounds upset.")
    assert Message.objects(reference=case.reference, direction="internal").count() == 1
    desk.submit(f"/staff/messages/{case.reference}/close")
    assert cases.find(case.reference).closed
    page = desk.submit(f"/staff/messages/{case.reference}/reopen")
    assert not cases.find(case.reference).closed
    actors = {entry["actor"] for entry in ledger.entries(case.client)}
    assert "staff:agent" in actors


@pytest.mark.promise("P31", "P34")
def test_a_restricted_client_who_writes_is_answered(desk: Portal, person: Person) -> None:
    """What they wrote is opened, by whoever has the case in hand, and nothing else of theirs."""
    me = Actor.client(person.id)
    restriction.restrict(person.id, me, "accuracy", "The address is wrong.")
    written = cases.Written(
        body="When do you answer?",
        kind=CaseKind.GENERAL,
        channel=CaseChannel.FORM,
        email=person.contact.email,
    )
    case = cases.open_case(me, written, client=person.id)
    page = f"/staff/messages/{case.reference}"
    desk.get(page)
    assert "When do you answer?" in desk.submit(f"{page}/take").main
    answered = desk.submit(f"{page}/answer", button="Send the answer", body="Tomorrow.")
    assert "Tomorrow." in answered.text_of("#conversation")
    assert "Sounds upset." in desk.submit(f"{page}/note", note="Sounds upset.").main
    assert "Request R-" in desk.submit(f"{page}/right", right="access").text
    desk.submit(f"{page}/close")
    assert cases.find(case.reference).closed
    holder = Actor.staff(cases.find(case.reference).assigned_to, StaffRole.AGENT, case.reference)
    for slug in ("contact", "orders"):
        with pytest.raises(Restricted):
            Dossier.open(person.id, holder, Purpose.COMMUNICATION, categories=[slug])


@pytest.mark.promise("P12", "P16")
def test_only_who_has_it_in_hand_opens_it(app: Flask, desk: Portal, factory: Factory) -> None:
    case = opened()
    desk.get(f"/staff/messages/{case.reference}")
    desk.submit(f"/staff/messages/{case.reference}/take")
    other = Portal(app).enter_staff(_member(factory))
    page = other.get(f"/staff/messages/{case.reference}")
    assert "A colleague has this case" in page.main
    assert "delete all my data" not in page.html
    for step in ("answer", "note", "right", "close", "reopen"):
        sent = {"body": "x", "note": "x", "right": "access"}
        answer = other.post(f"/staff/messages/{case.reference}/{step}", sent, follow=False)
        assert answer.status in (303, 403), step
    assert Message.objects(reference=case.reference).count() == 1
    assert cases.find(case.reference).request is None
    boss = Portal(app).enter_staff(_member(factory, StaffRole.ADMINISTRATOR))
    assert boss.get(f"/staff/messages/{case.reference}").status == 403


def test_an_officer_gives_a_case_to_a_colleague(app: Flask, factory: Factory) -> None:
    case, agent = opened(), _member(factory)
    officer = Portal(app).enter_staff(_member(factory, StaffRole.OFFICER))
    officer.get(f"/staff/messages/{case.reference}/give")
    page = officer.submit(to=str(agent))
    assert "A colleague has this case" in page.main
    assert cases.find(case.reference).assigned_to == agent
    agents = Portal(app).enter_staff(agent)
    assert agents.get(f"/staff/messages/{case.reference}/give").status == 403


@pytest.mark.promise("P34")
def test_a_right_is_confirmed_by_a_person_and_counts_from_receipt(
    desk: Portal, person: Person
) -> None:
    case = opened(person.contact.email)
    received = case.recorded_at - timedelta(days=5)
    for model in (Case, Message):
        model.raw().update_one({"client": case.pk}, {"$set": {"recorded_at": received}})
    desk.get(f"/staff/messages/{case.reference}")
    page = desk.submit(f"/staff/messages/{case.reference}/take")
    assert page.form(f"/staff/messages/{case.reference}/right").data["right"] == "deletion"
    page = desk.submit(f"/staff/messages/{case.reference}/right")
    assert "was made of it" in page.text, (page, page.errors, page.main[:300])
    request = DataRequest.objects.get(id=cases.find(case.reference).request)
    assert (request.state, request.recorded_at) == ("identity_check", received)
    assert len(links(person.contact.email)) == 2
    case_joining.join(Actor.client(person.id), case.reference)
    request.reload()
    assert (request.client, request.state) == (person.id, "in_progress"), "who signs in is known"


@pytest.mark.promise("P35")
def test_urgent_ones_come_first(desk: Portal, app: Flask) -> None:
    with app.app_context(), without(Case):
        opened()
        mail = corpus.mail(subject="URGENT - Privacy Request")
        ingest.take_in(io.BytesIO(mail), app.config["ALKO"])
        urgent = Case.objects(urgent=True).exclude("sealed").get()
        page = desk.get("/staff/messages?view=urgent")
        assert urgent.reference in page.main
        assert "hours left" in page.main
        rows = [row.get_text() for row in desk.get("/staff/messages").soup.select("tbody tr")]
    assert ["Urgent" in row for row in rows] == [True, False]


def test_files_open_inertly_and_a_mail_that_cannot_be_read_is_text(
    desk: Portal, app: Flask
) -> None:
    with app.app_context():
        ingest.take_in(
            io.BytesIO(corpus.with_files({"car.png": png()}, sender="<script>@x")),
            app.config["ALKO"],
        )
    case = Case.objects.order_by("-recorded_at").exclude("sealed").first()
    assert case.unreadable
    assert case.reference in desk.get("/staff/messages?view=unreadable").main
    desk.get(f"/staff/messages/{case.reference}")
    page = desk.submit(f"/staff/messages/{case.reference}/take")
    links_of = {one for one in page.links if case.reference in one}
    (picture,) = [one for one in links_of if "/files/" in one]
    (source,) = [one for one in links_of if "/source/" in one]
    file = desk.get(f"{picture}?inline=1")
    assert file.content_type == "image/png"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    page = desk.get(source)
    assert "From: <script>@x" in page.main
    assert "<script>@x" not in page.html


def test_a_text_to_begin_with_is_put_into_the_field(desk: Portal) -> None:
    case = opened()
    desk.get(f"/staff/messages/{case.reference}")
    page = desk.submit(f"/staff/messages/{case.reference}/take")
    address = f"/staff/messages/{case.reference}/answer"
    put = {"text": "more", "use": "yes", "body": "Dear writer,"}
    page = desk.post(address, put)
    assert page.status == 200
    typed = page.form(address).data["body"]
    assert typed.startswith("Dear writer,\n\nSo that we can help: [what we need to know]")
    assert not Message.objects(reference=case.reference, direction="to_client")


def test_the_queue_costs_the_same_with_ten_thousand_cases(desk: Portal) -> None:
    desk.get("/staff/messages")
    with counting.commands() as before:
        desk.get("/staff/messages")
    template = Case.raw().find_one({})
    many = [
        {**template, "_id": (number := ObjectId()), "client": number, "reference": str(number)}
        for _ in range(10_000)
    ]
    Case.raw().insert_many(many)
    try:
        with counting.commands() as after:
            page = desk.get("/staff/messages")
        assert "of 400" in page.main or page.soup.select(".pagination")
        assert counting.names(after) == counting.names(before)
        assert len(after) < 10
    finally:
        Case.raw().delete_many({"_id": {"$in": [one["_id"] for one in many]}})
