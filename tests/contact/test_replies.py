"""What the writer's next words do to their case: urgency, a right, dates counted anew."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from alko.contact import ingest
from alko.models.communication import Mail
from alko.models.contact import Case, CaseChannel, CaseKind, CaseState, Intake
from alko.models.request import DataRequest
from alko.privacy.correspondence import case_rights, case_threads, cases
from alko.privacy.door.access import Actor, Job
from alko.privacy.rights import deadlines
from alko.privacy.rights.catalogue import Right
from tests.contact import corpus
from tests.contact.letters import links
from tests.portal import Portal
from tests.staffing import working_on


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def email() -> str:
    return f"writer-{os.urandom(4).hex()}@mail.example"


@pytest.fixture
def case(email: str) -> Case:
    written = cases.Written(
        body="When does my car arrive?",
        kind=CaseKind.GENERAL,
        channel=CaseChannel.FORM,
        email=email,
    )
    return cases.open_case(Actor.job(Job.CASES), written)


@pytest.fixture
def officer(case: Case) -> Actor:
    return working_on(case.reference)


def reply(app: Flask, case: Case, email: str, subject: str, body: str = "Please hurry.") -> Case:
    data = corpus.mail(sender=email, subject=f"{subject} {case.reference}", body=body)
    assert ingest.take_in(io.BytesIO(data), app.config["ALKO"]) is Intake.REPLIED
    return cases.find(case.reference)


def past(case: Case, days: int, **more: object) -> None:
    """As if all that happened to the case had happened so many days ago."""
    back = timedelta(days=days)
    found = Case.raw().find_one({"_id": case.pk})
    moments = {
        name: found[name] - back
        for name in ("recorded_at", "due_at", "target_at", "closed_at", "erase_after")
        if found.get(name)
    }
    Case.raw().update_one({"_id": case.pk}, {"$set": {**moments, **more}})


@pytest.mark.promise("P35")
def test_an_urgent_reply_makes_the_case_urgent_and_is_acknowledged(
    app: Flask, case: Case, email: str
) -> None:
    past(case, 10)
    before = datetime.now(UTC) - timedelta(seconds=1)
    found = reply(app, case, email, "URGENT - Privacy Request")
    assert (found.urgent, found.kind) == (True, CaseKind.PRIVACY)
    assert found.target_at > before + cases.URGENT_TARGET, "its day begins with these words"
    kinds = [one.kind for one in Mail.objects(about=case.reference).order_by("recorded_at")]
    assert kinds == ["case_received", "case_urgent"]
    assert len(links(email)) == 2
    thread = case_threads.read(Actor.client(case.pk), case.reference)
    assert thread.messages[-1].values["subject"] == f"URGENT - Privacy Request {case.reference}"


@pytest.mark.promise("P33")
def test_a_right_in_a_reply_is_suggested_and_counts_from_the_reply(
    app: Flask, case: Case, email: str, officer: Actor
) -> None:
    assert case.suggested_right is None
    past(case, 40)
    portal = Portal(app)
    portal.get(links(email)[0])
    portal.submit()
    portal.submit(body="Please delete all my data.")
    found = cases.find(case.reference)
    assert (found.suggested_right, found.kind) == (Right.DELETION, CaseKind.PRIVACY)
    request = case_rights.confirm_right(officer, case.reference, Right.DELETION)
    stored = DataRequest.objects.get(id=request.pk)
    assert stored.due_at == deadlines.deadline(stored.recorded_at).due_at
    assert stored.recorded_at > found.recorded_at + timedelta(days=39)
    _, details = cases.dossier_of(
        found, officer, cases.Event.CASE_READ, categories=("requests",)
    ).record(DataRequest, id=request.pk)
    assert details.words == "Please delete all my data."


@pytest.mark.promise("P34")
def test_a_case_opened_anew_has_its_time_from_then_on(
    app: Flask, case: Case, email: str, officer: Actor
) -> None:
    cases.write(officer, case.reference, "Next week.")
    cases.close(officer, case.reference)
    past(case, 90)
    found = reply(app, case, email, "Re:", "It did not arrive.")
    assert found.state == CaseState.OPEN
    assert found.due_at == deadlines.deadline(found.counted_from).due_at
    assert found.due_at > datetime.now(UTC) + timedelta(days=27)
    portal = Portal(app)
    portal.get(links(email)[0])
    page = portal.submit()
    assert f"{found.due_at:%Y}" in page.main
    assert all(line in page.main for line in _reckoning(found)), "the page counts from then"


def _reckoning(case: Case) -> list[str]:
    begun = deadlines.deadline(case.counted_from)
    return [f"{begun.in_thirty_days.day} ", f"{begun.in_one_month.day} "]


@pytest.mark.promise("P34")
def test_an_answered_case_keeps_its_due_date(
    app: Flask, case: Case, email: str, officer: Actor
) -> None:
    cases.write(officer, case.reference, "Which car?")
    past(case, 5)
    due_at = cases.find(case.reference).due_at
    assert reply(app, case, email, "Re:", "The blue one.").due_at == due_at
    cases.close(officer, case.reference)
    cases.reopen(officer, case.reference)
    assert cases.find(case.reference).due_at == due_at, "staff cannot give themselves time"
