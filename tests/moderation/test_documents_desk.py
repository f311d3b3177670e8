"""Papers are checked by whoever took them: seen in the page, accepted, rejected for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo import papers
from alko.demo.factories import Factory, Person
from alko.mail.kinds import MailKind
from alko.models.activity import LedgerEntry
from alko.models.communication import Mail
from alko.models.document import PaperKind, PaperRecord, PaperStatus
from alko.models.staff import StaffRole
from alko.sales import papers as checking
from alko.vault.access import vault_of
from tests.audience import without
from tests.counting import commands
from tests.portal import Portal
from tests.staffing import at_the_desk

pytestmark = pytest.mark.promise("P12", "P16", "P22")

Sending = Callable[..., str]


@pytest.fixture(scope="module")
def factory(app: Flask) -> Factory:
    return Factory("to check", vault=vault_of(app.config["ALKO"]))


@pytest.fixture(scope="module")
def person(factory: Factory) -> Person:
    return factory.client("to check")


@pytest.fixture
def sending(factory: Factory, person: Person) -> Sending:
    """Have the client send a paper; returns where the desk has its page."""

    def send(kind: PaperKind = PaperKind.RESIDENCE) -> str:
        bill = papers.utility_bill(person.identity.full_name, "Street 1\nLille", date(2026, 9, 1))
        sent = factory.paper(
            person.id,
            kind,
            bill,
            "electricity-bill.pdf",
            order=factory.order(person.id),
            status=PaperStatus.RECEIVED,
        )
        return f"/staff/documents/{sent.pk}"

    return send


def events(client: ObjectId) -> list[str]:
    return [one["event"] for one in LedgerEntry.raw().find({"client": client}).sort("seq", 1)]


def stored(path: str) -> PaperRecord:
    return PaperRecord.objects(id=path.rpartition("/")[2]).exclude("sealed").get()


def test_a_paper_is_seen_beside_what_it_must_match_and_accepted(
    app: Flask, agent: Portal, person: Person, sending: Sending
) -> None:
    with without(PaperRecord, {"client": {"$ne": person.id}}):
        path = sending()
        queue = agent.get("/staff/documents?kind=residence")
    assert path in queue.links
    page = agent.get(path)
    assert person.identity.full_name not in page.html, "not before it was taken"
    assert agent.again().get(f"{path}/picture").status == 403
    page = agent.submit(f"{path}/take")
    assert person.identity.full_name in page.main and "electricity-bill.pdf" in page.main
    assert person.contact.street in page.main and person.contact.email not in page.html
    picture = agent.get(f"{path}/picture")
    assert (picture.status, picture.content_type) == (200, "image/jpeg")
    assert (
        picture.data.startswith(b"\xff\xd8")
        and "sandbox" in picture.headers["Content-Security-Policy"]
    )
    assert agent.get(f"{path}/file").data.startswith(b"%PDF")
    client = Portal(app).enter(person.id)
    assert "Being checked" in client.get(path.removeprefix("/staff")).main
    agent.get(path)
    page = agent.submit(f"{path}/accept")
    assert page.address == "/staff/documents?view=mine" and "Accepted" in page.text
    assert stored(path).status == "accepted"
    assert "Accepted" in client.get(path.removeprefix("/staff")).main
    assert agent.get(path).status == 404, "a decision ends the access"
    told = events(person.id)
    for event in ("case.assigned", "dossier.shown", "document.opened", "document.accepted"):
        assert event in told
    assert "A document was accepted" in client.get("/my-data/activity").main


def test_a_rejection_reaches_the_client_with_its_reason(
    app: Flask, agent: Portal, person: Person, sending: Sending
) -> None:
    path = sending(PaperKind.IDENTITY)
    agent.get(path)
    agent.submit(f"{path}/take")
    number = person.identity.identification_number
    assert number not in agent.page.html  # type: ignore[union-attr]
    page = agent.submit("form[action$='/identification_number']")
    assert number in page.main and "dossier.revealed" in events(person.id)
    page = agent.submit(f"{path}/reject", reason="other", words="")
    assert page.status == 422 and page.errors == ["Write what the client is to read"]
    page = agent.submit(f"{path}/reject", reason="cut_off", words="The left edge is missing.")
    assert "Not accepted" in page.text
    client = Portal(app).enter(person.id)
    seen = client.get(path.removeprefix("/staff"))
    assert "not in the picture. Please send the whole of it. The left edge is missing." in seen.main
    assert events(person.id)[-1] != "document.accepted" and "document.rejected" in events(person.id)
    mails = {"client": person.id, "kind": MailKind.PAPER_REJECTED.value}
    assert Mail.raw().count_documents(mails) == 1
    # A crash before the mail: the worker writes it, and never a second one.
    PaperRecord.objects(id=stored(path).pk).update_one(set__pending=True)
    assert checking.tell_all() == 1 and stored(path).pending is None
    assert Mail.raw().count_documents(mails) == 1


def test_a_decision_about_what_is_no_longer_there_changes_nothing(
    app: Flask, agent: Portal, person: Person, sending: Sending
) -> None:
    path = sending()
    agent.get(path)
    agent.submit(f"{path}/take")
    other = agent.again()
    other.get(path)
    # The client puts another file in its place meanwhile.
    PaperRecord.raw().update_one({"_id": stored(path).pk}, {"$inc": {"revision": 1}})
    page = agent.submit(f"{path}/reject", reason="expired", words="since May")
    assert page.status == 409 and "since May" in page.html and "nothing was decided" in page.text
    page = agent.submit(f"{path}/accept")
    assert stored(path).status == "accepted"
    assert other.submit(f"{path}/reject", reason="expired").status == 404
    assert stored(path).status == "accepted"
    gone = sending()
    agent.get(gone)
    agent.submit(f"{gone}/take")
    client = Portal(app).enter(person.id)
    client.get(f"{gone.removeprefix('/staff')}/remove")
    client.submit()
    page = agent.submit(f"{gone}/accept")
    assert page.status == 404 and "document.accepted" not in events(person.id)[-2:]


def test_a_colleagues_paper_stays_closed(
    app: Flask, agent: Portal, person: Person, sending: Sending
) -> None:
    path = sending()
    agent.get(path)
    agent.submit(f"{path}/take")
    revision = str(stored(path).revision)
    colleague = at_the_desk(app, StaffRole.AGENT)
    page = colleague.get(path)
    assert "A colleague checks this paper" in page.main
    assert person.identity.full_name not in page.html
    assert colleague.get(f"{path}/picture").status == 403
    assert colleague.get(f"{path}/file").status == 403
    before = len(events(person.id))
    reason = {"seen": revision, "reason": "expired"}
    for action in ("accept", "reject", "reveal/identity/full_name"):
        page = colleague.post(f"{path}/{action}", {**reason, "of": str(person.id)})
        assert page.status == 403, action
    colleague.post(f"{path}/take")
    colleague.post(f"{path}/put-back")
    assert len(events(person.id)) == before
    assert stored(path).assigned_to is not None and stored(path).status == "checking"
    agent.get(path)
    agent.submit(f"{path}/put-back")
    assert stored(path).assigned_to is None and stored(path).status == "received"


def test_the_queue_costs_the_same_however_long_it_is(agent: Portal, sending: Sending) -> None:
    sending()
    costs = []
    for _ in range(2):
        with commands() as seen:
            page = agent.get("/staff/documents?view=nobody")
        costs.append(len([one for one in seen if one["ns"].endswith(".papers")]))
        for _ in range(3):
            sending()
    assert costs == [2, 2] and page.status == 200
