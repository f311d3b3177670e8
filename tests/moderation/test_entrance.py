"""Two factors, for everybody; an invitation that works once; access that ends at once (P12)."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.accounts import PASSWORD, TOTP_SECRET
from alko.demo.factories import Factory
from alko.models.oversight import Alert, AlertKind
from alko.models.staff import StaffMember, StaffRole, StaffSession
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts, staff, team
from alko.privacy.lifecycle import retention
from alko.privacy.oversight import alerts
from tests.portal import Page, Portal
from tests.staffing import member_of_staff

pytestmark = pytest.mark.promise("P12")
NEW_PASSWORD = "quiet otters fold umbrellas"


@pytest.fixture
def agent_mail() -> str:
    email = f"{ObjectId()}@staff.example"
    Factory().staff_member(StaffRole.AGENT, email, "Some Body", TOTP_SECRET)
    return email


def first_step(portal: Portal, email: str, password: str = PASSWORD) -> Page:
    portal.get("/staff/sign-in?next=/staff")
    return portal.submit(email=email, password=password)


def test_password_then_code_then_the_desk(portal: Portal, agent_mail: str) -> None:
    page = first_step(portal, agent_mail)
    assert page.h1 == "Second factor"
    assert portal.get("/staff", follow=False).status == 303
    portal.get("/staff/sign-in/code")
    page = portal.submit(code=pyotp.TOTP(TOTP_SECRET).now())
    assert (page.address, page.h1) == ("/staff", "Today")
    page = portal.submit("/staff/sign-out")
    assert page.address == "/staff/sign-in"
    assert portal.get("/staff", follow=False).status == 303


def test_an_address_may_be_spelled_as_any_form_takes_it(portal: Portal, agent_mail: str) -> None:
    spelled = agent_mail.replace(".example", "。example")
    assert first_step(portal, spelled).h1 == "Second factor"


def test_a_code_works_once(app: Flask, agent_mail: str) -> None:
    code = pyotp.TOTP(TOTP_SECRET).now()
    first, second = Portal(app), Portal(app)
    for portal, expected in ((first, 200), (second, 422)):
        first_step(portal, agent_mail)
        assert portal.submit(code=code).status == expected


def wrong_codes(app: Flask, email: str, count: int) -> Page:
    portal = Portal(app)
    first_step(portal, email)
    for _ in range(count):
        page = portal.submit("/staff/sign-in/code", code="000000 x")
    return page


def test_after_a_few_wrong_codes_the_password_is_asked_for_again(
    app: Flask, agent_mail: str
) -> None:
    page = wrong_codes(app, agent_mail, 5)
    assert page.address.partition("?")[0] == "/staff/sign-in"
    assert "Too many wrong codes" in page.text


def test_codes_of_one_member_cannot_be_guessed_from_many_places(
    app: Flask, portal: Portal, agent_mail: str
) -> None:
    for _ in range(5):
        wrong_codes(app, agent_mail, 2)
    first_step(portal, agent_mail)
    assert portal.submit(code=pyotp.TOTP(TOTP_SECRET).now()).status == 429


@pytest.mark.promise("P17")
def test_wrong_codes_raise_an_alert(app: Flask, agent_mail: str) -> None:
    rules = dataclasses.replace(alerts.rules_of(app.config["ALKO"]), most_failures=3)
    member = StaffMember.objects.get(email_index=accounts.email_index(agent_mail)).id
    for codes, expected in ((2, 0), (1, 1)):
        wrong_codes(app, agent_mail, codes)
        alerts.look(rules, datetime.now(UTC) + timedelta(seconds=1))
        raised = Alert.objects(kind=AlertKind.FAILED_SIGN_INS.value, member=member).count()
        assert raised == expected


@pytest.mark.parametrize(
    ("email", "password"),
    [(None, "wrong"), ("nobody@staff.example", PASSWORD), ("client@demo.example", PASSWORD)],
)
def test_the_answer_is_the_same_for_whatever_is_wrong(
    portal: Portal, agent_mail: str, email: str | None, password: str
) -> None:
    page = first_step(portal, email or agent_mail, password)
    assert page.status == 422
    assert page.errors == ["The email address or the password is wrong. Please check both."]


def test_a_client_is_no_staff_and_staff_no_client(app: Flask, agent_mail: str) -> None:
    client = Factory().client()
    assert first_step(Portal(app), client.contact.email).status == 422
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.submit("/account/sign-in", email=agent_mail, password=PASSWORD)
    assert page.status == 422


def test_an_invitation_from_the_command_line_to_the_desk(app: Flask, portal: Portal) -> None:
    email = f"{ObjectId()}@staff.example"
    words = ["staff", "add", email, "--name", "New Hand", "--role", "officer"]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    path = result.output.strip().removeprefix("http://localhost")
    assert first_step(portal, email, "").status == 422
    page = portal.get(path)
    secret = re.sub(r"\s", "", page.text_of(".fact dd"))
    assert portal.submit(password="too short", code="1").status == 422
    page = portal.submit(password=NEW_PASSWORD, code="000000")
    assert page.errors == ["This code does not fit. Check the clock of your phone."]
    assert re.sub(r"\s", "", page.text_of(".fact dd")) == secret
    page = portal.submit(password=NEW_PASSWORD, code=pyotp.TOTP(secret).now())
    assert page.address == "/staff/sign-in"
    assert portal.get(path).status == 404
    assert first_step(portal, email, NEW_PASSWORD).h1 == "Second factor"
    again = app.test_cli_runner().invoke(args=words)
    assert (again.exit_code, again.output.count("\n")) == (1, 1)


def test_whoever_leaves_is_out_at_once(app: Flask) -> None:
    member = member_of_staff(StaffRole.OFFICER)
    portal = Portal(app).enter_staff(member)
    assert portal.get("/staff").status == 200
    before = datetime.now(UTC)
    team.end_access(Actor.operator(), member)
    assert portal.get("/staff", follow=False).status == 303
    assert StaffSession.objects(client=member).count() == 0
    until = StaffMember.objects.get(id=member).erase_after
    assert timedelta(0) <= until - retention.staff_ends(before) < timedelta(hours=1)
    assert "12 months" in retention.RULES[retention.Retention.STAFF].period, "and it is said"
    team.remove_left(until - timedelta(seconds=1))
    assert StaffMember.objects(id=member).first() is not None
    team.remove_left(until)
    assert StaffMember.objects(id=member).first() is None


def test_another_role_counts_from_the_next_request(app: Flask) -> None:
    member = member_of_staff(StaffRole.AGENT)
    portal = Portal(app).enter_staff(member)
    assert "Agent" in portal.get("/staff").text_of("header")
    team.change_role(Actor.operator(), member, StaffRole.ADMINISTRATOR)
    assert "Administrator" in portal.get("/staff").text_of("header")


def test_a_new_invitation_ends_the_old_access(app: Flask, portal: Portal) -> None:
    member = member_of_staff(StaffRole.AGENT)
    inside = Portal(app).enter_staff(member)
    links = staff.Links(app.config["SECRET_KEY"])
    first = team.invite_again(links, Actor.operator(), member)
    second = team.invite_again(links, Actor.operator(), member)
    assert inside.get("/staff", follow=False).status == 303
    assert portal.get(first).status == 404
    assert portal.get(second).h1 == "Set up your access"
