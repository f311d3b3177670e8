"""Restriction: at once, at the one door, for every purpose, actor and state (P31)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.mail.kinds import MailKind, job_of
from alko.mail.service import notify
from alko.models.communication import Mail
from alko.models.staff import StaffRole
from alko.models.transaction import OrderStatus
from alko.privacy.accountability import ledger
from alko.privacy.door.access import JOBS, AccessDenied, Actor, Job, Restricted
from alko.privacy.door.dossier import Dossier
from alko.privacy.identity import sign_ins
from alko.privacy.rights import choices, requests, restriction
from alko.privacy.rights.catalogue import Right
from alko.privacy.vocabulary import Purpose
from alko.web.access import Access
from tests.portal import Portal
from tests.staffing import overriding, working_on
from tests.web.addresses import guarded

pytestmark = pytest.mark.promise("P31")
STATES = ("free", "restricted", "end announced", "lifted")
STORAGE_SAFETY_AND_DUTIES = set(Job) - {Job.NEWS}


@pytest.fixture(scope="module")
def clients(app: Flask) -> dict[str, ObjectId]:
    """A client in each state."""
    made = {state: Factory().client().id for state in STATES}
    for state in STATES[1:]:
        client = made[state]
        restriction.restrict(client, Actor.client(client), "accuracy", "The address is wrong.")
    for state in STATES[2:]:
        restriction.announce_end(made[state], Actor.staff(ObjectId(), StaffRole.OFFICER))
    restriction.lift(made["lifted"], Actor.client(made["lifted"]))
    return made


def actors(client: ObjectId) -> Iterator[tuple[Actor, list[str]]]:
    """Everybody who could open this client's dossier, and something they may open in it."""
    yield Actor.client(client), ["contact"]
    order = Factory(str(ObjectId())).order(client, OrderStatus.SHIPPED)
    yield from ((working_on(order.number, role), ["contact"]) for role in StaffRole)
    yield overriding(client), ["contact"]
    yield from ((Actor.job(job), sorted(JOBS[job][1])[:1]) for job in Job)


@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what_in_which_state(clients: dict[str, ObjectId], state: str) -> None:
    """Every actor × purpose: a restriction leaves storage, own access and legal claims."""
    client, held = clients[state], state in ("restricted", "end announced")
    opened, barred = set(), set()
    for actor, categories in actors(client):
        for purpose in Purpose:
            try:
                Dossier.open(client, actor, purpose, categories=categories)
            except Restricted:
                barred.add((actor.kind, actor.role, purpose))
            except AccessDenied:
                assert actor.kind != "client"
            else:
                opened.add((actor.kind, actor.role, purpose))
    own = {("client", "", purpose) for purpose in Purpose}
    claims = {("staff", "officer", Purpose.LEGAL)}
    jobs = {("system", job.value, JOBS[job][0]) for job in Job}
    rest = {("system", job.value, JOBS[job][0]) for job in STORAGE_SAFETY_AND_DUTIES}
    assert own | claims | rest <= opened
    if held:
        assert opened == own | claims | rest
        assert barred >= (jobs - rest) | {("staff", "officer", Purpose.SERVICE)}
    else:
        assert barred == set()
        assert opened > own | claims | jobs


def test_own_pages_stay_open(app: Flask, person: Person) -> None:
    """Every page of the client answers as before, and so does a request for a copy."""
    portal = Portal(app).enter(person.id)
    pages = [one.path for one in guarded(app, "GET") if one.access is not Access.STAFF]
    assert len(pages) >= 15
    free = [portal.get(path).status for path in pages]
    restriction.restrict(person.id, Actor.client(person.id), "claims", "My lawsuit.")
    assert [portal.get(path).status for path in pages] == free
    portal.get("/my-data/download")
    assert portal.submit("/my-data/download").content_type == "application/zip"


def test_a_refusal_leaves_no_entry_of_an_access(clients: dict[str, ObjectId]) -> None:
    client = clients["restricted"]
    officer = overriding(client)
    before = sum(1 for _ in ledger.entries(client))
    with pytest.raises(Restricted):
        Dossier.open(client, officer, Purpose.SERVICE, categories=["contact"])
    assert sum(1 for _ in ledger.entries(client)) == before


def test_news_waits_and_service_mail_goes_on(clients: dict[str, ObjectId]) -> None:
    client = clients["restricted"]
    for kind in (MailKind.DELIVERY_UPDATE, MailKind.PASSWORD_CHANGED):
        notify(client, kind, {"link": "/"})
    written = {one["kind"] for one in Mail.raw().find({"client": client})}
    assert MailKind.PASSWORD_CHANGED in written
    assert MailKind.DELIVERY_UPDATE not in written
    assert {job_of(kind) for kind in MailKind} == {Job.MAIL, Job.NEWS}


def test_the_client_is_told_before_it_ends(person: Person) -> None:
    me, officer = Actor.client(person.id), Actor.staff(ObjectId(), StaffRole.OFFICER)
    restriction.restrict(person.id, me, "claims", "My lawsuit.")
    restriction.lift_due(datetime.now(UTC))
    assert restriction.standing(person.id) is not None
    ends = restriction.announce_end(person.id, officer)
    assert ends is not None
    assert restriction.announce_end(person.id, officer) == ends
    told = {"client": person.id, "kind": MailKind.RESTRICTION_ENDS.value}
    assert Mail.raw().count_documents(told) == 1
    restriction.lift_due(datetime.now(UTC))
    assert restriction.standing(person.id) is not None
    restriction.lift_due(ends)
    assert restriction.standing(person.id) is None


def test_it_takes_effect_with_the_confirmed_form(client: Portal, person: Person) -> None:
    choices.decide(person.id, Actor.client(person.id), "analytics", True)
    client.get("/rights/restriction")
    page = client.submit("/rights/restriction", words="My address is wrong.")
    assert page.status == 422
    page = client.submit("/rights/restriction", ground="accuracy", words="My address is wrong.")
    assert page.h1 == "Check your answers"
    assert restriction.standing(person.id) is None
    page = client.submit("/rights/restriction", button="Restrict the use of my data now")
    assert "/rights/requests/R-" in page.address
    standing = restriction.standing(person.id)
    assert standing is not None
    assert standing.ground == "accuracy"
    token, _ = sign_ins.begin(person.id, "", "Linux", "Firefox", analytics=True)
    found = sign_ins.find_open(token)
    assert found is not None
    assert not found.analytics
    assert client.get("/my-data/contact").status == 200
    client.get("/rights/restriction")
    page = client.submit("/rights/restriction/lift")
    assert restriction.standing(person.id) is None
    assert requests.open_references(person.id, Right.RESTRICTION) == []


def test_withdrawing_the_request_lifts_it(client: Portal, person: Person) -> None:
    me = Actor.client(person.id)
    filed = restriction.restrict(person.id, me, "unlawful", "I never agreed.")
    client.post(f"/rights/requests/{filed.reference}/withdraw")
    assert restriction.standing(person.id) is None
