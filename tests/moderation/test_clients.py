"""Finding a client, and opening the dossier: on a case or an override, no further (P12, P16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.models.activity import LedgerEntry
from alko.models.staff import Override, StaffRole
from alko.models.transaction import OrderStatus
from alko.privacy.door import assignments, grounds
from alko.privacy.door.access import Actor
from alko.privacy.rights import requests, restriction
from alko.privacy.rights.catalogue import Right
from tests.moderation.test_others import unmistakable
from tests.portal import Page, Portal
from tests.staffing import at_the_desk, member_of_staff

pytestmark = pytest.mark.promise("P12", "P16")


@pytest.fixture(scope="module")
def someone(app: Flask) -> Everything:
    return everything_about(Factory("found"))


def request_of(client: ObjectId) -> str:
    filed = requests.file(client, Actor.client(client), Right.ACCESS, "Please send it by post.")
    return str(filed.reference)


def given_to(role: StaffRole, app: Flask, reference: str) -> tuple[Portal, ObjectId]:
    member = member_of_staff(role)
    assignments.give(Actor.staff(ObjectId(), StaffRole.OFFICER), reference, member)
    return at_the_desk(app, role, member), member


def search(portal: Portal, wanted: str) -> Page:
    portal.get("/staff/clients")
    return portal.submit(wanted=wanted)


def written(client: ObjectId) -> list[dict]:  # type: ignore[type-arg]
    return list(LedgerEntry.raw().find({"client": client}).sort("seq", 1))


def test_a_client_is_found_by_what_they_gave_and_by_nothing_less(
    agent: Portal, members: dict[StaffRole, ObjectId], someone: Everything
) -> None:
    person, reference = someone.person, request_of(someone.person.id)
    for wanted in (person.contact.email.upper(), reference, f" {reference.lower()} "):
        page = search(agent, wanted)
        assert (page.status, page.address) == (200, "/staff/clients")
        assert f"Client {person.id}" in page.main
        assert person.contact.email.upper() not in page.html, "what was typed does not come back"
        assert not [value for value in unmistakable(someone) if value in page.html]
        assert f"/staff/clients/{person.id}" not in " ".join(page.links), "no case, no way in"
    told = written(person.id)[-1]
    assert (told["event"], told["actor"]) == ("dossier.found", "staff:agent")
    assert told["details"] == {"by": "reference"}
    own = written(members[StaffRole.AGENT])[-1]
    assert (own["event"], own["details"]) == ("staff.searched", {"by": "reference", "found": 1})
    before = len(written(person.id))
    answers = {
        tuple(search(agent, wanted).errors)
        for wanted in (person.contact.email[1:], reference[:-1], "+40700000000", "%", "nobody@x.y")
    }
    assert len(answers) == 1, "the same answer for whatever is not found"
    assert agent.page and agent.page.status == 404
    assert agent.page.form("/staff/clients").data["wanted"] == "nobody@x.y"
    assert len(written(person.id)) == before


def test_a_phone_number_is_found_however_it_is_written(agent: Portal) -> None:
    person = Factory("by phone").client()
    number = person.contact.phone
    assert number.startswith("+")
    spaced = f"00{number[1:4]} ({number[4:6]}) {number[6:]}"
    for wanted in (number, spaced):
        assert f"Client {person.id}" in search(agent, wanted).main


def test_searches_are_limited_for_each_member(app: Flask, agent: Portal) -> None:
    other = at_the_desk(app, StaffRole.AGENT)
    statuses = [other.post("/staff/clients", {"wanted": "nobody"}).status for _ in range(21)]
    assert statuses == [404] * 20 + [429]
    assert agent.post("/staff/clients", {"wanted": "nobody"}).status == 404


def test_a_case_opens_what_it_needs_and_no_more(app: Flask, someone: Everything) -> None:
    client, reference = someone.person.id, request_of(someone.person.id)
    portal, _ = given_to(StaffRole.AGENT, app, reference)
    page = search(portal, reference)
    page = portal.get(f"/staff/clients/{client}?case={reference}")
    opened = {link for link in page.links if "/data/" in link}
    wanted = grounds.WORK["R"].categories
    assert opened == {f"/staff/clients/{client}/data/{slug}?case={reference}" for slug in wanted}
    page = portal.get(f"/staff/clients/{client}/data/identity?case={reference}")
    identity = someone.expected
    number = next(v for (s, _, f), v in identity.items() if f == "identification_number")
    name = next(v for (s, _, f), v in identity.items() if (s, f) == ("identity", "full_name"))
    assert name in page.main and number not in page.html
    shown = portal.submit('form[action$="/identification_number/reveal"]')
    assert number in shown.main
    last = written(client)[-1]
    assert (last["event"], last["details"]["field"]) == (
        "dossier.revealed",
        "identification_number",
    )
    assert last["reason_hash"], "the client reads on which case"
    for slug in ("account", "activity", "sign-ins", "usage", "holds"):
        path = f"/staff/clients/{client}/data/{slug}?case={reference}"
        assert portal.get(path).status == portal.htmx(path).status == 403, slug
    assert portal.get(f"/staff/clients/{client}/data/identity").status == 403
    assert portal.get(f"/staff/clients/{client}").status == 200, "a case of one's own is listed"


@pytest.mark.parametrize("role", [StaffRole.AGENT, StaffRole.ADMINISTRATOR])
def test_without_a_ground_the_page_is_as_if_there_were_no_such_client(
    app: Flask, someone: Everything, role: StaffRole
) -> None:
    portal, reference = at_the_desk(app, role), request_of(someone.person.id)
    for ending in ("", f"?case={reference}", f"/data/contact?case={reference}", "/legal-holds"):
        statuses = {
            portal.get(f"/staff/clients/{number}{ending}").status
            for number in (someone.person.id, ObjectId())
        }
        assert statuses <= {403, 404} and len(statuses) == 1, ending


def test_an_override_needs_a_reason_and_tells_the_client(
    app: Flask, officer: Portal, someone: Everything
) -> None:
    client = someone.person.id
    page = officer.get(f"/staff/clients/{client}")
    assert "closed" in page.main
    page = officer.submit(f"/staff/clients/{client}/override", reason="because")
    assert page.status == 422
    assert page.form(f"/staff/clients/{client}/override").data["reason"] == "because"
    assert "reason" not in page.address
    reason = "The court asked by telephone, file 4 of 2026"
    page = officer.submit(f"/staff/clients/{client}/override", reason=reason)
    case = page.address.partition("case=")[2]
    assert case.startswith("O-") and "30 more minutes" in page.main
    page = officer.get(f"/staff/clients/{client}/data/activity?case={case}")
    assert reason in page.main
    mine = Portal(app).enter(client)
    assert reason in mine.get("/my-data/activity").main
    officer.get(f"/staff/clients/{client}?case={case}")
    officer.submit(f"/staff/clients/{client}/override/end")
    assert officer.get(f"/staff/clients/{client}/data/contact?case={case}").status == 403
    assert Override.objects(reference=case, until__gt=datetime.now(UTC)).count() == 0
    assert written(client)[-1]["event"] == "dossier.override_ended"


@pytest.mark.promise("P31")
def test_while_restricted_a_case_that_is_no_claim_opens_nothing(app: Flask) -> None:
    someone = everything_about(Factory("restricted"))
    client = someone.person.id
    order = Factory("restricted, open").order(client, OrderStatus.SHIPPED).number
    portal, _ = given_to(StaffRole.AGENT, app, order)
    assert portal.get(f"/staff/clients/{client}/data/orders?case={order}").status == 200
    restriction.restrict(client, Actor.client(client), "accuracy", "The name is wrong.")
    page = portal.get(f"/staff/clients/{client}?case={order}")
    assert page.status == 403 and "restricted" in page.main
    assert portal.get(f"/staff/clients/{client}/data/orders?case={order}").status == 403


def test_a_hold_is_placed_renewed_and_lifted(officer: Portal, someone: Everything) -> None:
    client = someone.person.id
    path = f"/staff/clients/{client}/legal-holds"
    officer.get(path)
    soon = (datetime.now(UTC) + timedelta(days=40)).date()
    page = officer.submit(path, reason="Claim 12/2026 of the buyer", until="2020-01-01")
    assert page.status == 422 and "future" in page.errors[0]
    assert page.form(path).data["reason"] == "Claim 12/2026 of the buyer"
    page = officer.submit(path, until=soon.isoformat())
    assert page.address == path and "Everything" in page.text_of("main tbody")
    hold = next(link for link in page.links if link.startswith(f"{path}/"))
    later = soon + timedelta(days=10)
    assert "Claim 12/2026 of the buyer" in officer.get(hold).main
    assert LedgerEntry.objects(client=client, event="hold.read").count() == 1
    page = officer.submit(hold, until=later.isoformat())
    assert f"{later.day} {later:%b} {later.year}" in page.main
    officer.get(hold)
    page = officer.submit(f"{hold}/lift")
    assert "Nothing is held" in page.main
    assert officer.get(hold).status == 404
