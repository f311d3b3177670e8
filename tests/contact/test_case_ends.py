"""Every case comes to its end, and what belongs to it goes with it (promise P19)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from alko.demo.factories import Factory
from alko.models.communication import Mail, Message
from alko.models.contact import Attachment, Case, CaseChannel, CaseKind, CaseState
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.correspondence import case_ends, case_rights, cases
from alko.privacy.door.access import Actor, Job
from alko.privacy.rights.catalogue import Right
from tests.staffing import working_on

pytestmark = pytest.mark.promise("P19")
DAY = timedelta(days=1)


@pytest.fixture
def case(app: Flask) -> Case:
    written = cases.Written(
        body="Where is it?",
        kind=CaseKind.GENERAL,
        channel=CaseChannel.FORM,
        email=f"quiet-{os.urandom(4).hex()}@mail.example",
    )
    return cases.open_case(Actor.job(Job.CASES), written)


@pytest.fixture
def holder(case: Case) -> Actor:
    return working_on(case.reference, StaffRole.AGENT)


def state_after(days: int, case: Case) -> str:
    """The state of the case once the worker looked so many days from now."""
    case_ends.close_answered(datetime.now(UTC) + days * DAY)
    return str(cases.find(case.reference).state)


def test_an_answered_case_is_closed_after_thirty_quiet_days(case: Case, holder: Actor) -> None:
    assert state_after(400, case) == CaseState.OPEN, "what nobody answered stays open"
    cases.write(holder, case.reference, "Next week.")
    assert state_after(29, case) == CaseState.WAITING
    assert state_after(31, case) == CaseState.CLOSED
    assert state_after(31, case) == CaseState.CLOSED
    kinds = [one.kind for one in Mail.objects(about=case.reference)]
    assert kinds == ["case_received", "case_news", "case_news"], "the writer is told, once"
    last = list(ledger.entries(case.client))
    assert "system:cases" in {one["actor"] for one in last if one["event"] == "case.moved"}
    cases.write(Actor.client(case.pk), case.reference, "It did not come.")
    assert state_after(400, case) == CaseState.OPEN, "and opens with the next word"


def test_a_word_of_the_writer_keeps_it_open(case: Case, holder: Actor) -> None:
    cases.write(holder, case.reference, "Which car?")
    cases.write(Actor.client(case.pk), case.reference, "The blue one.")
    assert state_after(31, case) == CaseState.OPEN
    with pytest.raises(cases.StepRefused):
        cases.close(holder, case.reference, answered_by=datetime.now(UTC))


def test_it_waits_for_the_request_that_was_made_of_it(case: Case, holder: Actor) -> None:
    request = case_rights.confirm_right(holder, case.reference, Right.ACCESS)
    cases.write(holder, case.reference, "We ask for your identity.")
    assert state_after(31, case) == CaseState.WAITING
    done = {"state": "withdrawn", "finished_at": datetime.now(UTC)}
    DataRequest.raw().update_one({"_id": request.pk}, {"$set": done})
    assert state_after(31, case) == CaseState.CLOSED


def test_what_belongs_to_a_case_ends_with_it(case: Case, holder: Actor, factory: Factory) -> None:
    """As the form promises: 24 months after the case is closed, not after each message."""
    message = Message.objects(reference=case.reference).first()
    file = factory.attachment(case, message.pk, "a.pdf", b"%PDF")
    long_ago = {"$set": {"erase_after": datetime.now(UTC) + DAY}}
    Message.raw().update_one({"_id": message.pk}, long_ago)
    cases.close(holder, case.reference)
    ends = cases.find(case.reference).erase_after
    assert [one.erase_after for one in Message.objects(reference=case.reference)] == [ends]
    assert Attachment.objects.get(id=file.pk).erase_after == ends
