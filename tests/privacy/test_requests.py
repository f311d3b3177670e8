"""Requests: allowed steps only, whole in every state, due on the date the law says (P34)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alko.demo.factories import Factory
from alko.models.communication import Mail
from alko.models.request import (
    FINISHED,
    TRANSITIONS,
    BrokenInvariant,
    DataRequest,
    RequestState,
)
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.rights import deadlines, request_changes, requests
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.deadlines import ExtensionRefused
from alko.privacy.rights.requests import StepRefused
from tests.staffing import working_on

pytestmark = pytest.mark.promise("P34")
OFFICER = StaffRole.OFFICER
STATES = list(RequestState)


@pytest.fixture(scope="module")
def client(app: Flask) -> ObjectId:
    return Factory().client().id


@pytest.fixture
def filed(client: ObjectId) -> DataRequest:
    return requests.file(client, Actor.client(client), Right.ACCESS, "All of it, please.")


def take(request: DataRequest, state: RequestState) -> DataRequest:
    """The step by the function that is there for it."""
    client, reference = request.client, request.reference
    if state is RequestState.EXTENDED:
        return requests.extend(
            client, working_on(reference), reference, 1, "The carrier must answer."
        )
    if state is RequestState.REFUSED:
        return requests.refuse(client, working_on(reference), reference, "Somebody else's data.")
    if state is RequestState.WITHDRAWN:
        return requests.withdraw(client, Actor.client(client), reference)
    note = "Which car do you mean?" if state is RequestState.WAITING else ""
    return requests.move(client, working_on(reference), reference, state, note)


def whole(request: DataRequest) -> None:
    """What must hold of a stored request, whatever happened to it."""
    stored, details = requests.read(request.client, Actor.client(request.client), request.reference)
    stored.check()
    assert details.events[-1].state == stored.state
    assert stored.finished == (stored.state in FINISHED)
    found = requests.deadline_of(stored)
    assert found.due_at == stored.due_at
    assert stored.due_at <= deadlines.add_months(stored.recorded_at, 3)
    if not stored.extended_at:
        assert stored.due_at <= stored.recorded_at + timedelta(days=30)
    if stored.state in (RequestState.REFUSED, RequestState.EXTENDED):
        assert details.reason


def test_a_request_has_a_reference_and_a_due_date(filed: DataRequest) -> None:
    assert re.fullmatch(r"R-20\d\d-[0-9A-Z]{6}", filed.reference)
    assert filed.state == RequestState.RECEIVED
    assert filed.due_at == deadlines.deadline(filed.recorded_at).due_at
    whole(filed)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(STATES), max_size=7))
def test_whatever_is_tried_only_allowed_steps_happen(
    client: ObjectId, wanted: list[RequestState]
) -> None:
    request = requests.file(client, Actor.client(client), Right.ACCESS)
    for state in wanted:
        before = request
        allowed = state in TRANSITIONS[RequestState(before.state)]
        try:
            request = take(request, state)
        except (StepRefused, ExtensionRefused):
            assert not allowed or before.extended_at
            request = DataRequest.objects.get(id=before.pk)
            assert request.state == before.state
        except BrokenInvariant:
            assert state is RequestState.IDENTITY_CHECK
            request = DataRequest.objects.get(id=before.pk)
        else:
            assert allowed
        whole(request)


def test_from_every_open_state_every_end_can_be_reached() -> None:
    for state in STATES:
        ends = FINISHED - {RequestState.DONE if state is RequestState.IDENTITY_CHECK else None}
        assert TRANSITIONS[state] >= ends or state in FINISHED
        assert state not in FINISHED or not TRANSITIONS[state]
        assert RequestState.RECEIVED not in TRANSITIONS[state]


def test_the_clock_does_not_stop_while_we_wait(filed: DataRequest) -> None:
    due = filed.due_at
    waiting = take(filed, RequestState.WAITING)
    assert waiting.due_at == due
    answered = requests.write(
        filed.client, Actor.client(filed.client), filed.reference, "The blue one."
    )
    assert answered.state == RequestState.IN_PROGRESS
    assert answered.due_at == due


def test_an_extended_request_stays_extended_and_is_not_extended_again(filed: DataRequest) -> None:
    take(filed, RequestState.IN_PROGRESS)
    extended = take(filed, RequestState.EXTENDED)
    assert extended.due_at > filed.due_at
    with pytest.raises((StepRefused, ExtensionRefused)):
        take(filed, RequestState.EXTENDED)
    take(filed, RequestState.WAITING)
    answered = requests.write(filed.client, Actor.client(filed.client), filed.reference, "Yes.")
    assert answered.state == RequestState.EXTENDED
    with pytest.raises(ExtensionRefused):
        waiting = take(filed, RequestState.WAITING)
        take(waiting, RequestState.EXTENDED)


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_extension_and_no_refusal_without_a_reason(filed: DataRequest, reason: str) -> None:
    take(filed, RequestState.IN_PROGRESS)
    with pytest.raises(ExtensionRefused):
        requests.extend(filed.client, working_on(filed.reference), filed.reference, 1, reason)
    with pytest.raises(StepRefused):
        requests.refuse(filed.client, working_on(filed.reference), filed.reference, reason)
    for state in (RequestState.EXTENDED, RequestState.REFUSED, RequestState.WAITING):
        with pytest.raises(StepRefused):
            requests.move(filed.client, working_on(filed.reference), filed.reference, state, reason)


def test_a_duplicate_is_linked_and_not_blocked(client: ObjectId) -> None:
    first = requests.file(client, Actor.client(client), Right.PORTABILITY)
    second = requests.file(client, Actor.client(client), Right.PORTABILITY)
    other = requests.file(client, Actor.client(client), Right.OBJECTION)
    assert second.earlier == first.pk
    assert other.earlier != first.pk
    assert requests.reference_of(client, second.earlier) == first.reference
    take(first, RequestState.DONE)
    take(second, RequestState.WITHDRAWN)
    assert requests.file(client, Actor.client(client), Right.PORTABILITY).earlier is None


def test_what_is_finished_ends_after_24_months(filed: DataRequest) -> None:
    assert filed.erase_after is None
    done = take(filed, RequestState.DONE)
    assert done.erase_after is not None
    assert done.finished_at is not None
    assert done.erase_after - done.finished_at > timedelta(days=729)
    with pytest.raises(StepRefused):
        requests.write(filed.client, Actor.client(filed.client), filed.reference, "One more thing")


def test_a_broken_record_is_not_stored(filed: DataRequest) -> None:
    filed.finished_at = datetime.now(UTC)
    with pytest.raises(BrokenInvariant):
        filed.save()
    identified = DataRequest.objects.get(id=filed.pk)
    identified.state = RequestState.IDENTITY_CHECK.value
    with pytest.raises(BrokenInvariant, match="identified"):
        identified.save()


def test_requests_are_sealed_and_nobody_elses(filed: DataRequest) -> None:
    raw = DataRequest.raw().find_one({"_id": filed.pk})
    assert "All of it" not in str(raw)
    stranger = ObjectId()
    with pytest.raises(AccessDenied):
        requests.read(filed.client, Actor.client(stranger), filed.reference)
    other = Factory().client().id
    with pytest.raises(NoSuchRecord):
        requests.read(other, Actor.client(other), filed.reference)
    with pytest.raises(AccessDenied):
        requests.refuse(filed.client, Actor.staff(ObjectId(), OFFICER), filed.reference, "No.")
    elsewhere = requests.file(other, Actor.client(other), Right.ACCESS)
    with pytest.raises(AccessDenied):
        requests.refuse(filed.client, working_on(elsewhere.reference), filed.reference, "No.")


def test_steps_of_staff_are_mailed_and_logged(filed: DataRequest) -> None:
    request_changes.tell_all()  # what other tests left
    before = Mail.raw().count_documents({"client": filed.client, "kind": "request_news"})
    take(filed, RequestState.IN_PROGRESS)
    requests.write(filed.client, working_on(filed.reference), filed.reference, "We are on it.")
    after = Mail.raw().count_documents({"client": filed.client, "kind": "request_news"})
    assert after == before + 2
    assert request_changes.tell_all() == 0
    DataRequest.raw().update_one({"_id": filed.pk}, {"$set": {"untold": True}})  # as a crash
    assert request_changes.tell_all() == 1
    told = {"client": filed.client, "kind": "request_news"}
    assert Mail.raw().count_documents(told) == after, "one event, one mail"
    moved = [one for one in ledger.entries(filed.client) if one["event"] == "request.moved"]
    assert moved[-1]["details"] == {"reference": filed.reference, "state": "in_progress"}
    assert moved[-1]["actor"] == "staff:officer"
