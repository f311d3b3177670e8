"""The register of breaches: 72 hours, whose data was reached, who is told (GDPR Art. 33, 34)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from alko.mail import campaigns
from alko.models import Breach, BreachNotice, BreachStatement, Campaign, Client, Mail
from alko.models.client import Credentials
from alko.models.contact import OF_STRANGER, Case, CaseChannel, CaseKind
from alko.models.oversight import BreachDetails
from alko.models.profile import Contact
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.accountability.ledger_search import Filters, search
from alko.privacy.correspondence import case_joining, cases, correspondents
from alko.privacy.door.access import Actor, Job
from alko.privacy.identity import accounts
from alko.privacy.oversight import breach_scope, breaches
from alko.privacy.oversight.breach_clock import ClockState, clock
from alko.privacy.oversight.breaches import Scope, StepRefused
from alko.privacy.vocabulary import Purpose
from tests.contact.letters import links
from tests.portal import Portal

pytestmark = pytest.mark.promise("P17")
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
OFFICER = Actor.staff(ObjectId(), StaffRole.OFFICER)
DETAILS = BreachDetails(happened="Renske Okonjo sold a list.", measures="Access was ended.")
WORDS = "Somebody who worked here read your orders without a reason."


@pytest.fixture(autouse=True)
def no_breaches(app: Flask) -> Iterator[None]:
    Mail.raw().delete_many({})
    yield
    for model in (Breach, BreachNotice, BreachStatement, Campaign):
        model.objects.delete()
    Mail.raw().delete_many({})


def client() -> ObjectId:
    number = ObjectId()
    contact = Contact(email=f"{number}@example.test")
    return accounts.open_account(number, Credentials(password_hash="x"), contact)


def access(client: ObjectId, member: Actor, category: str, ago: timedelta) -> None:
    ledger.append(
        client,
        Event.CATEGORY_SHOWN,
        member,
        Purpose.LEGAL,
        categories=[category],
        at=NOW - ago,
    )


def enter(scope: Scope) -> str:
    return breaches.enter(OFFICER, NOW - HOUR, scope, DETAILS)


moments = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=9))


@given(moments, spans, st.none() | spans)
def test_the_clock_runs_72_hours_and_stands_still_once_the_authority_knows(
    discovered: datetime, later: timedelta, told: timedelta | None
) -> None:
    now, told_at = discovered + later, discovered + told if told is not None else None
    seen = clock(discovered, now, told_at)
    assert seen.due_at - discovered == timedelta(hours=72)
    assert seen.left == timedelta(hours=72) - (told if told is not None else later)
    in_time = seen.left >= timedelta(0)
    if told_at is None:
        assert seen.state is (ClockState.RUNNING if in_time else ClockState.OVERDUE)
    else:
        assert seen.state is (ClockState.TOLD if in_time else ClockState.TOLD_LATE)
        assert clock(discovered, now + HOUR, told_at) == seen


def test_the_ledger_tells_whose_data_was_reached() -> None:
    thief, other = (Actor.staff(ObjectId(), StaffRole.AGENT) for _ in range(2))
    first, second, third = client(), client(), client()
    stranger = ObjectId()
    for one in (first, second, stranger):
        access(one, thief, "orders", 2 * HOUR)
        access(one, thief, "orders", HOUR)
    access(first, thief, "identity", HOUR)
    access(third, thief, "orders", 99 * HOUR)
    access(third, other, "orders", HOUR)
    period = {"began_at": NOW - 3 * HOUR, "ended_at": NOW + HOUR}

    assert breach_scope.reached(Scope(**period, member=thief.id)) == 2
    assert breach_scope.reached(Scope(**period, member=thief.id, categories=("identity",))) == 1
    assert breach_scope.reached(Scope(**period, categories=("orders",))) >= 3
    everybody = breach_scope.reached(Scope(**period, everybody=True))
    strangers = Case.raw().count_documents(OF_STRANGER)
    assert 3 <= everybody <= Client.raw().count_documents({"status": "active"}) + strangers


@pytest.fixture
def email() -> str:
    return f"writer-{ObjectId()}@example.test"


@pytest.fixture
def case(app: Flask, email: str) -> Case:
    """Of somebody without an account; an agent read it an hour ago."""
    written = cases.Written(
        body="Where is it?", kind=CaseKind.GENERAL, channel=CaseChannel.EMAIL, email=email
    )
    return cases.open_case(Actor.job(Job.CASES), written, now=NOW - 2 * HOUR)


def test_who_wrote_without_an_account_is_counted_and_told(
    app: Flask, case: Case, email: str
) -> None:
    thief = Actor.staff(ObjectId(), StaffRole.AGENT)
    access(case.client, thief, "messages", HOUR)
    period = Scope(NOW - 3 * HOUR, datetime.now(UTC) + HOUR, thief.id)
    assert breach_scope.reached(period) == 1
    reference = enter(period)
    breaches.tell_clients(OFFICER, reference, WORDS)
    campaigns.advance()
    assert len(links(email)) == 2, "the receipt, and this"
    portal = Portal(app)
    portal.get(links(email)[-1])
    page = portal.submit()
    assert WORDS in page.main and reference in page.main
    correspondents.forget(case.pk)
    assert not BreachNotice.objects(client=case.pk), "it goes with all else of theirs"


def test_accesses_before_a_case_joined_are_found_after(case: Case, email: str) -> None:
    """By member and moment, in the scope of a breach and in the search of the ledger."""
    thief = Actor.staff(ObjectId(), StaffRole.AGENT)
    access(case.client, thief, "messages", HOUR)
    period = Scope(NOW - 2 * HOUR, NOW - HOUR / 2, thief.id, ("messages",))
    reference = enter(period)
    breaches.tell_clients(OFFICER, reference, WORDS)
    number = ObjectId()
    accounts.open_account(number, Credentials(password_hash="x"), Contact(email=email))
    case_joining.join(Actor.client(number), case.reference)
    assert breach_scope.reached(period) == 1
    later = dataclasses.replace(period, began_at=NOW - HOUR / 2, ended_at=NOW + 9 * HOUR)
    assert breach_scope.reached(later) == 0, "when it happened counts, not when it was told"
    assert [one.reference for one in breaches.told(number)] == [reference]
    for filters in (Filters(member=thief.id), Filters(chain=number, actor="staff:agent")):
        found, _ = search(OFFICER, filters)
        assert [one.chain for one in found] == [number], filters
    found, _ = search(OFFICER, Filters(member=thief.id, since=NOW))
    assert found == []
    assert ledger.verify(number).verified


@pytest.mark.promise("P7")
def test_those_and_no_others_are_told_in_my_data_and_by_mail(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = Actor.staff(ObjectId(), StaffRole.AGENT)
    reached, spared = client(), client()
    access(reached, thief, "orders", HOUR)
    reference = enter(Scope(NOW - 2 * HOUR, NOW + HOUR, thief.id))
    with monkeypatch.context() as crash:
        crash.setattr(campaigns, "begin", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            breaches.tell_clients(OFFICER, reference, WORDS)
    with pytest.raises(StepRefused):
        breaches.tell_clients(OFFICER, reference, "Other words, too late.")
    for _ in range(2):  # the worker, twice
        breaches.tell_due()
        campaigns.advance()

    told = Mail.raw().find({"kind": "breach_notice"})
    assert [mail["client"] for mail in told] == [reached]
    assert [(one.reference, one.statement) for one in breaches.told(reached)] == [
        (reference, WORDS)
    ]
    page = Portal(app).enter(reached).get("/my-data/breaches")
    assert WORDS in page.main and reference in page.main
    assert "Read what happened" in Portal(app).enter(reached).get("/my-data").main
    assert breaches.told(spared) == []
    assert "Read what happened" not in Portal(app).enter(spared).get("/my-data").main


def test_an_entry_closes_once_all_is_decided_and_keeps_its_words_sealed() -> None:
    reference = enter(Scope(NOW - HOUR, NOW))
    with pytest.raises(StepRefused, match="authority"):
        breaches.close(OFFICER, reference)
    with pytest.raises(StepRefused, match="reason"):
        breaches.spare_authority(OFFICER, reference, "no")
    breaches.tell_authority(OFFICER, reference, NOW, "By form, number 17.")
    with pytest.raises(StepRefused, match="clients"):
        breaches.close(OFFICER, reference)
    breaches.spare_clients(OFFICER, reference, "Nobody can read what was taken.")
    breaches.close(OFFICER, reference)
    with pytest.raises(StepRefused, match="closed"):
        breaches.amend(OFFICER, reference, Scope(NOW - HOUR, NOW), DETAILS)

    breach, details = breaches.read(OFFICER, reference)
    assert (details.happened, details.to_authority) == (DETAILS.happened, "By form, number 17.")
    assert breach.erase_after > NOW + timedelta(days=365 * 4)
    assert "Okonjo" not in repr(Breach.raw().find_one())


def test_a_late_notification_needs_its_reason() -> None:
    late = breaches.enter(OFFICER, NOW - 80 * HOUR, Scope(NOW - 90 * HOUR, NOW), DETAILS)
    with pytest.raises(StepRefused, match="delay"):
        breaches.tell_authority(OFFICER, late, NOW, "")
    breaches.tell_authority(OFFICER, late, NOW - 10 * HOUR, "")
    breach, _ = breaches.read(OFFICER, late)
    assert breaches.clock_of(breach, NOW).state is ClockState.TOLD
