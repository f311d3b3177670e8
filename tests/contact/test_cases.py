"""The life of a case: opened, confirmed, answered, closed, joined, erased (P25, P26, P32-P35)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from alko.database import connection
from alko.database.records import unsealed
from alko.demo.factories import Factory, Person
from alko.models.activity import LedgerEntry
from alko.models.communication import Mail, Message
from alko.models.contact import Attachment, Case, CaseChannel, CaseKind, CaseState
from alko.models.request import BrokenInvariant, DataRequest, RequestDetails
from alko.privacy.accountability import ledger
from alko.privacy.correspondence import (
    case_joining,
    case_mails,
    case_threads,
    cases,
    correspondents,
)
from alko.privacy.correspondence.suggestions import right_in
from alko.privacy.door.access import AccessDenied, Actor, Job
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.lifecycle import sweep
from alko.privacy.rights import deadlines
from alko.privacy.rights.catalogue import Right
from alko.vault import Vault
from alko.vault.stores import NotStored

VISITOR = Actor.job(Job.CASES)


def address() -> str:
    return f"ana-{os.urandom(4).hex()}@mail.example"


def written(email: str, **more: Any) -> cases.Written:
    given = {
        "body": "Please send me a copy of all my data.",
        "kind": CaseKind.PRIVACY,
        "channel": CaseChannel.FORM,
        "name": "Ana Example",
        "email": email,
        "subject": "My data",
    }
    return cases.Written(**{**given, **more})


def mails(case: Case) -> list[str]:
    return [one.kind for one in Mail.objects(about=case.reference).exclude("sealed")]


def keys(number: Any) -> list[str]:
    return connection.current().keyring.names(f"client/{number}/")


@pytest.fixture
def case(app: Flask) -> Case:
    return cases.open_case(VISITOR, written(address()))


@pytest.mark.promise("P33", "P34")
def test_a_case_has_its_due_date_from_receipt_and_its_mail(case: Case) -> None:
    assert case.due_at == deadlines.deadline(case.recorded_at).due_at
    assert case.suggested_right == Right.ACCESS
    assert case.confirmed_at is None
    assert mails(case) == ["case_received"]
    assert case.of_stranger
    assert len(keys(case.pk)) == len(cases.KEY_CLASSES)


@pytest.mark.promise("P35")
def test_what_is_urgent_has_a_target_of_one_day(app: Flask) -> None:
    case = cases.open_case(VISITOR, written(address(), urgent=True))
    assert case.target_at - case.recorded_at == timedelta(days=1)
    assert mails(case) == ["case_urgent"]


def test_the_same_form_sent_twice_is_one_case(app: Flask) -> None:
    number = cases.number_of("form", "a key of the page")
    first = cases.open_case(VISITOR, written(address()), number=number)
    second = cases.open_case(VISITOR, written(address()), number=number)
    assert first.reference == second.reference
    assert Message.objects(reference=first.reference).count() == 1
    assert mails(first) == ["case_received"]


def test_a_reply_opens_a_closed_case_again_and_its_end_is_forgotten(case: Case) -> None:
    Case.raw().update_one({"_id": case.pk}, {"$set": closing(datetime.now(UTC))})
    them = Actor.client(case.pk)
    cases.write(them, case.reference, "One more thing.")
    again = cases.find(case.reference)
    assert (again.state, again.closed_at, again.erase_after) == (CaseState.OPEN, None, None)
    bodies = [row.values["body"] for row in case_threads.read(them, case.reference).messages]
    assert bodies == ["Please send me a copy of all my data.", "One more thing."]


def closing(at: datetime) -> dict[str, Any]:
    return {"state": CaseState.CLOSED.value, "closed_at": at, "erase_after": at}


@pytest.mark.promise("P12")
def test_nobody_reads_the_case_of_another(case: Case, person: Person) -> None:
    for actor in (Actor.client(person.id), Actor.job(Job.NEWS)):
        with pytest.raises(AccessDenied):
            case_threads.read(actor, case.reference)
    assert cases.correspondent(case.reference, cases.token_hash("a guess")) is None
    with pytest.raises(case_joining.NotTheirs):
        case_joining.join(Actor.client(person.id), case.reference)


def test_an_impossible_case_is_not_stored(case: Case) -> None:
    case.state = CaseState.CLOSED.value
    with pytest.raises(BrokenInvariant):
        case.save()


@pytest.mark.promise("P26")
def test_a_case_joins_the_dossier_of_the_client_who_says_so(
    person: Person, factory: Factory
) -> None:
    case = cases.open_case(VISITOR, written(person.contact.email))
    file = factory.attachment(
        case, Message.objects(reference=case.reference).first().pk, "a.pdf", b"%PDF"
    )
    assert [one.pk for one in case_joining.waiting_for(person.id)] == [case.pk]
    me = Actor.client(person.id)
    joined = case_joining.join(me, case.reference)
    assert_joined(person, joined)
    assert case_threads.file(me, case.reference, file.pk)[1].filename == "a.pdf"


@pytest.mark.promise("P26")
def test_a_stranger_in_ones_name_is_found_behind_many_cases_of_ones_own(person: Person) -> None:
    email = person.contact.email
    case = cases.open_case(VISITOR, written(email))
    me = Actor.client(person.id)
    for _ in range(case_joining.SHOWN_AT_MOST):
        cases.open_case(me, written(email), client=person.id)
    assert [one.pk for one in case_joining.waiting_for(person.id)] == [case.pk]


def assert_joined(person: Person, case: Case) -> None:
    me = Actor.client(person.id)
    assert (case.client, case.joining) == (person.id, None)
    thread = case_threads.read(me, case.reference)
    assert thread.details.email == person.contact.email
    assert thread.messages[0].values["body"].startswith("Please send me")
    for model in (Message, Attachment, Mail, LedgerEntry, DataRequest):
        assert not model.raw().find_one({"client": case.pk})
    assert keys(case.pk) == []
    assert case_joining.waiting_for(person.id) == []
    earlier = [e["details"] for e in ledger.entries(person.id) if e["event"] == "case.earlier"]
    assert [one["event"] for one in earlier][:1] == ["case.opened"]
    assert len({one["entry"] for one in earlier}) == len(earlier)
    assert ledger.verify(person.id).verified


CRASHES: list[tuple[Any, str]] = [
    (case_joining, "_move_records"),
    (case_joining, "_reseal"),
    (case_joining, "_tell_the_ledger"),
    (case_joining, "_finish"),
    (correspondents, "forget"),
]


@pytest.mark.parametrize(
    ("module", "name"), CRASHES, ids=lambda value: getattr(value, "__name__", value)
)
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_joining_that_was_interrupted_is_completed(
    person: Person, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: int
) -> None:
    case = cases.open_case(VISITOR, written(person.contact.email))
    real: Callable[..., Any] = getattr(module, name)
    calls = 0

    def dying(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise SystemExit
        return real(*args)

    monkeypatch.setattr(module, name, dying)
    try:
        case_joining.join(Actor.client(person.id), case.reference)
    except SystemExit:
        monkeypatch.setattr(module, name, real)
        case_joining.complete_all()
    assert_joined(person, cases.find(case.reference))


def test_what_a_crash_left_untold_is_told_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(case_mails, "notify_about", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            cases.open_case(VISITOR, written(address()))
    case = Case.objects.order_by("-recorded_at").exclude("sealed").first()
    assert mails(case) == []
    case_joining.complete_all()
    case_joining.complete_all()
    assert mails(case) == ["case_received"]


@pytest.mark.promise("P19", "P25")
def test_a_strangers_case_ends_with_its_keys(case: Case, factory: Factory, vault: Vault) -> None:
    message = Message.objects(reference=case.reference).first()
    file = factory.attachment(case, message.pk, "a.pdf", b"%PDF")
    identity = unsealed(file).vault_identity
    past = datetime.now(UTC) - timedelta(days=1)
    request = factory.request(case.pk, RequestDetails())
    Case.raw().update_one({"_id": case.pk}, {"$set": closing(past)})
    sweep.sweep(datetime.now(UTC), vault.remove)
    assert Case.objects(id=case.pk), "its request is open"
    Case.raw().update_one({"_id": case.pk}, {"$set": closing(past)})
    DataRequest.raw().update_one({"_id": request.pk}, {"$set": {"erase_after": past}})
    sweep.sweep(datetime.now(UTC), vault.remove)
    for model in (Case, Message, Attachment, Mail, DataRequest, LedgerEntry):
        assert not model.raw().find_one({"client": case.pk}), model.__name__
    assert keys(case.pk) == []
    with pytest.raises(NotStored):
        vault.read(file.vault_key, identity)
    with pytest.raises(NoSuchRecord):
        cases.find(case.reference)


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("Please delete my account and all my data", Right.DELETION),
        ("I want a COPY of all\nthe data you hold", Right.ACCESS),
        ("my address is wrong", Right.CORRECTION),
        ("I object to profiling", Right.OBJECTION),
        ("please restrict processing", Right.RESTRICTION),
        ("in a machine-readable form", Right.PORTABILITY),
        ("When does my car arrive?", None),
    ],
)
def test_free_words_suggest_a_right(words: str, right: Right | None) -> None:
    assert right_in(words) is right
