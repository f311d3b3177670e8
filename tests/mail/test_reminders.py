"""Staff are reminded of what is due: once for each threshold, and once a day of all of it (P34)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from alko.database import connection
from alko.mail import reminders
from alko.models import Alert, Breach, DataRequest, Mail, StaffMember
from alko.models.client import Credentials
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.oversight import BreachDetails
from alko.models.profile import Contact
from alko.models.staff import StaffDetails, StaffRole
from alko.privacy.correspondence import cases
from alko.privacy.correspondence.cases import Written
from alko.privacy.door.access import Actor, Job
from alko.privacy.identity import accounts
from alko.privacy.oversight import breaches
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from config import Settings
from tests.audience import without
from tests.mail.conftest import Flush
from tests.mail.server import MailServer

NOW = datetime.now(UTC).replace(microsecond=0)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def member(role: StaffRole) -> ObjectId:
    number = ObjectId()
    accounts.create_keys(number, ("staff",))
    StaffMember.sealing(
        StaffDetails(full_name="R. Okonjo", email=f"{number}@alko.example"),
        id=number,
        client=number,
        email_index=str(number),
        role=role.value,
    ).save()
    return number


@pytest.fixture
def request_due(app: Flask, empty_outbox: None) -> Iterator[DataRequest]:
    """An open request, and nothing else that is due."""
    client = ObjectId()
    contact = Contact(email=f"{client}@example.test")
    accounts.open_account(client, Credentials(password_hash="x"), contact)
    with ExitStack() as aside:
        for model in (DataRequest, Case, Alert, Breach):
            aside.enter_context(without(model))
        aside.enter_context(without(StaffMember, {"role": StaffRole.OFFICER.value}))
        yield requests.file(client, Actor.client(client), Right.ACCESS)


def told(to: ObjectId) -> list[str]:
    return [mail["kind"] for mail in Mail.raw().find({"client": to}).sort("recorded_at", 1)]


@pytest.mark.promise("P34")
def test_each_threshold_is_told_once_to_who_works_on_it_or_to_all_officers(
    request_due: DataRequest, flush: Flush, mail_server: MailServer
) -> None:
    officers = [member(StaffRole.OFFICER) for _ in range(2)]
    agent = member(StaffRole.AGENT)
    due = request_due.due_at

    for days in (20, 8):
        assert reminders.remind(due - days * DAY) == 0
    for moment in (due - 6 * DAY, due - 6 * DAY, due - 4 * DAY):
        reminders.remind(moment)
    assert [told(one) for one in (*officers, agent)] == [["due_soon"], ["due_soon"], []]

    DataRequest.raw().update_one({"_id": request_due.pk}, {"$set": {"assigned_to": agent}})
    # No worker ran for three days: the nearest threshold is told, and no other.
    for moment in (due - DAY / 2, due - DAY / 3, due + DAY, due + 9 * DAY):
        reminders.remind(moment)
    assert told(agent) == ["due_soon", "overdue"]
    assert [told(one) for one in officers] == [["due_soon"], ["due_soon"]]

    assert flush().sent == 4
    assert mail_server.recipients.count(f"{agent}@alko.example") == 2
    body = mail_server.taken[0].get_body(("plain",))
    assert body is not None and f"/staff/requests/{request_due.reference}" in body.get_content()
    stored = Mail.raw().find_one({"client": agent})
    assert f"{agent}@alko.example" not in repr(stored)
    assert connection.current().keyring.unseal(stored["sealed"])["to"] == f"{agent}@alko.example"


def test_a_member_who_left_is_not_relied_upon(request_due: DataRequest) -> None:
    officer, gone = member(StaffRole.OFFICER), member(StaffRole.AGENT)
    StaffMember.raw().update_one({"_id": gone}, {"$set": {"status": "left"}})
    DataRequest.raw().update_one({"_id": request_due.pk}, {"$set": {"assigned_to": gone}})
    assert reminders.remind(request_due.due_at - DAY) == 1
    assert told(officer) == ["due_soon"]


@pytest.mark.promise("P35")
def test_an_urgent_case_is_due_within_its_day_until_it_is_answered(
    request_due: DataRequest,
) -> None:
    officer, opened = member(StaffRole.OFFICER), NOW - DAY / 2
    written = Written(
        body="…", kind=CaseKind.PRIVACY, channel=CaseChannel.FORM, urgent=True, acknowledged=False
    )
    case = cases.open_case(Actor.job(Job.CASES), written, now=opened)
    try:
        reminders.remind(NOW)
        reminders.remind(NOW + DAY)
        assert told(officer) == ["due_soon", "overdue"]
        Case.raw().update_one({"_id": case.pk}, {"$set": {"state": "waiting"}})
        Mail.raw().delete_many({})
        assert reminders.remind(NOW + DAY) == 0
    finally:
        Case.raw().delete_one({"_id": case.pk})


@pytest.mark.promise("P34", "P35")
def test_an_urgent_case_is_reminded_of_its_month_as_well(request_due: DataRequest) -> None:
    officer = member(StaffRole.OFFICER)
    written = Written(
        body="…", kind=CaseKind.PRIVACY, channel=CaseChannel.FORM, urgent=True, acknowledged=False
    )
    case = cases.open_case(Actor.job(Job.CASES), written, now=NOW - 5 * DAY)
    DataRequest.raw().delete_many({})
    try:
        reminders.remind(NOW)
        assert told(officer) == ["overdue"], "its day is over"
        for left in (6, 2, 1):
            reminders.remind(case.due_at - left * DAY)
        reminders.remind(case.due_at + HOUR)
        assert told(officer) == ["overdue", "due_soon", "due_soon", "due_soon", "overdue"]
    finally:
        Case.raw().delete_one({"_id": case.pk})


@pytest.mark.promise("P17")
def test_officers_are_reminded_of_the_hours_of_a_breach_until_something_is_decided(
    request_due: DataRequest, flush: Flush, mail_server: MailServer
) -> None:
    officers = [member(StaffRole.OFFICER) for _ in range(2)]
    member(StaffRole.AGENT)
    actor = Actor.staff(officers[0], StaffRole.OFFICER)
    found_at = NOW - HOUR
    scope = breaches.Scope(began_at=found_at - DAY, ended_at=found_at)
    reference = breaches.enter(actor, found_at, scope, BreachDetails(happened="A list."))
    due_at = found_at + 72 * HOUR
    for left, mails in ((60, 0), (47, 1), (46, 1), (23, 2), (7, 2), (5, 3), (-1, 4), (-9, 4)):
        reminders.remind(due_at - left * HOUR)
        assert [told(one) for one in officers] == [["breach_clock"] * mails] * 2, left
    assert flush().sent == 8
    body = mail_server.taken[0].get_body(("plain",))
    assert body is not None and f"/staff/breaches/{reference}" in body.get_content()

    Mail.raw().delete_many({})
    breaches.spare_authority(actor, reference, "Nobody could read what was lost.")
    assert reminders.remind(due_at - HOUR) == 0


def test_a_breach_that_waits_for_a_decision_is_a_reason_for_the_digest(
    app: Flask, request_due: DataRequest
) -> None:
    officer = member(StaffRole.OFFICER)
    actor = Actor.staff(officer, StaffRole.OFFICER)
    DataRequest.raw().delete_many({})
    settings: Settings = dataclasses.replace(app.config["ALKO"], working_hours="00:00-23:59")
    assert reminders.digest(settings, NOW) == 0
    scope = breaches.Scope(began_at=NOW - DAY, ended_at=NOW)
    breaches.enter(actor, NOW - HOUR, scope, BreachDetails(happened="A list."))
    assert reminders.digest(settings, NOW) == 1
    assert told(officer) == ["digest"]


def test_the_digest_comes_once_a_day_when_work_begins(app: Flask, request_due: DataRequest) -> None:
    officer = member(StaffRole.OFFICER)
    settings: Settings = dataclasses.replace(
        app.config["ALKO"], working_hours="07:00-20:00", time_zone="Europe/Bucharest"
    )
    day = request_due.due_at - 3 * DAY
    night = day.replace(hour=2, minute=0)
    for moment in (night, night + timedelta(hours=5), night + timedelta(hours=9)):
        reminders.digest(settings, moment)
    assert told(officer) == ["digest"]
    reminders.digest(settings, night + DAY + timedelta(hours=5))
    assert told(officer) == ["digest", "digest"]
    requests.withdraw(request_due.client, Actor.client(request_due.client), request_due.reference)
    reminders.digest(settings, night + 2 * DAY + timedelta(hours=5))
    assert told(officer) == ["digest", "digest"]


@given(st.timedeltas(timedelta(days=-40), timedelta(days=40)))
def test_the_stage_is_the_threshold_passed_last(left: timedelta) -> None:
    passed = reminders.stage(NOW + left, NOW)
    if left < timedelta(0):
        assert passed == reminders.OVERDUE
    elif passed is None:
        assert left > 7 * DAY
    else:
        assert left <= passed * DAY
        assert not [days for days in reminders.DAYS if days < passed and left <= days * DAY]
