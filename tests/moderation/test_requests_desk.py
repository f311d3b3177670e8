"""The desk for requests: the queue by legal risk, every step and its effect, two people (P34)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.models.communication import Mail
from alko.models.erasure import ErasureRun
from alko.models.request import DataRequest, RequestState
from alko.models.staff import StaffRole
from alko.moderation.requests import answers, reading
from alko.moderation.requests.reading import Filters, View
from alko.moderation.requests.steps import STEPS
from alko.privacy.accountability import ledger
from alko.privacy.door import assignments, overrides
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import PAGE_SIZE
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import decided_deletion, rectification, request_changes, requests
from alko.privacy.rights import restriction as restrictions
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.request_changes import StepRefused
from tests.counting import commands
from tests.portal import Page, Portal
from tests.staffing import at_the_desk, member_of_staff
from tests.vault.inspection.making import png

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P34")]
OFFICER, AGENT = StaffRole.OFFICER, StaffRole.AGENT
WORDS = "Please add what your carrier noted about my car."


@pytest.fixture(scope="module")
def client(app: Flask) -> ObjectId:
    return Factory().client().id


@pytest.fixture
def me(members: dict[StaffRole, ObjectId]) -> ObjectId:
    return members[OFFICER]


def filed(client: ObjectId, right: Right = Right.ACCESS, **more: Any) -> DataRequest:
    return requests.file(client, Actor.client(client), right, WORDS, **more)


def given(request: DataRequest, member: ObjectId) -> str:
    """The reference, once the request is in that member's hands."""
    assignments.give(Actor.staff(ObjectId(), OFFICER), request.reference, member)
    return str(request.reference)


def page_of(reference: str) -> str:
    return f"/staff/requests/{reference}"


def stored(reference: str) -> DataRequest:
    found: DataRequest = DataRequest.objects.get(reference=reference)
    return found


def take_step(portal: Portal, reference: str, name: str, **fields: Any) -> Page:
    """A step as the page offers it: by its own page, or by a button."""
    page = portal.get(page_of(reference))
    step = next(one for one in STEPS if one.name == name)
    address = f"{page_of(reference)}/{'decisions' if step.decides else 'steps'}/{name}"
    if step.at_once:
        return portal.submit(address)
    assert address in page.links, page.links
    portal.get(address)
    return portal.submit(address, button=step.button, **fields)


def events_of(client: ObjectId) -> list[str]:
    return [one["event"] for one in ledger.entries(client)]


def test_the_queue_is_by_legal_risk_and_shows_no_personal_data(
    app: Flask, client: ObjectId, me: ObjectId
) -> None:
    now = datetime.now(UTC)
    desk_of = member_of_staff(OFFICER)
    made = {
        "late": filed(client, now=now - timedelta(days=39, hours=23)),
        "soon": filed(client, Right.PORTABILITY, now=now - timedelta(days=28)),
        "new": filed(client, Right.OBJECTION),
        "urgent": filed(client, urgent=True),
        "unverified": filed(client, state=RequestState.IDENTITY_CHECK, channel="phone"),
        "done": filed(client),
    }
    names = {given(request, desk_of): name for name, request in made.items()}
    portal = at_the_desk(app, OFFICER, desk_of)
    take_step(portal, made["done"].reference, "done", body="Here it is.")

    def listed(query: str, panel: str = "#queue") -> list[str]:
        page = portal.get(f"/staff/requests?holder=mine&{query}")
        assert WORDS not in page.text
        return [names[link.text] for link in page.soup.select(f"{panel} th a")]

    assert listed("") == ["late", "soon", "new"]
    assert listed("", "#urgent") == ["urgent"]
    assert listed("", "#unverified") == ["unverified"]
    assert listed("view=urgent") == ["urgent"]
    assert listed("view=unverified") == ["unverified"]
    assert listed("view=finished") == ["done"]
    assert listed("right=portability") == ["soon"]
    assert listed("due=overdue") == ["late"]
    assert listed("state=in_progress") == []
    assert "10 days overdue" in portal.get("/staff/requests?holder=mine").main
    assert listed("view=nonsense&right=nonsense&state=done") == ["late", "soon", "new"]
    assert not [one for one in names if one in portal.get("/staff/requests?holder=nobody").text]
    page = portal.get(page_of(made["late"].reference))
    follow = next(link for link in page.soup("a") if "Next in the queue" in link.text)
    assert names[follow["href"].rpartition("/")[2]] == "soon"


def test_ten_thousand_cost_what_ten_cost(app: Flask, client: ObjectId, officer: Portal) -> None:
    """Constant queries, each served in order by an index: nothing is scanned or sorted."""
    one = DataRequest.raw().find_one({"_id": filed(client).pk})
    received = datetime.now(UTC) - timedelta(days=20)
    DataRequest.raw().insert_many(
        {
            **one,
            "_id": ObjectId(),
            "reference": f"R-2026-Q{number:05}",
            "right": list(Right)[number % 6].value,
            "due_at": received + timedelta(minutes=number),
        }
        for number in range(10_000)
    )
    filters = ("", "?right=access", "?holder=nobody", "?due=overdue&state=received", "?page=3")
    try:
        officer.get("/staff/requests")
        for query in filters:
            with commands() as seen:
                assert officer.get(f"/staff/requests{query}").status == 200
            read = [each for each in seen if each.get("ns", "").endswith(".requests")]
            assert 2 <= len(read) <= 4, query
            for each in read:
                assert "COLLSCAN" not in each["planSummary"], each
                assert not each.get("hasSortStage"), each
            lists = [each for each in read if "aggregate" not in each["command"]]
            assert all(each["docsExamined"] <= 9 * PAGE_SIZE for each in lists), query
    finally:
        DataRequest.raw().delete_many({"reference": {"$regex": "^R-2026-Q"}})


def test_an_agent_sees_and_does_nothing_with_what_is_not_theirs(
    app: Flask, client: ObjectId, agent: Portal, members: dict[StaffRole, ObjectId]
) -> None:
    reference = given(filed(client), members[OFFICER])
    before = DataRequest.raw().find_one({"reference": reference})
    assert reference not in agent.get("/staff/requests").text
    for step in STEPS:
        kind = "decisions" if step.decides else "steps"
        path = f"{page_of(reference)}/{kind}/{step.name}"
        fields = dict.fromkeys(("body", "how", "reason"), "x") | {"revision": before["revision"]}
        assert agent.get(path).status in (403, 404), path
        assert agent.htmx(path).status in (403, 404), path
        assert agent.post(path, fields).status in (403, 404), path
    for path in ("", "/give", "/take", "/put-back"):
        if path in ("", "/give"):
            assert agent.get(page_of(reference) + path).status in (403, 404), path
        if path:
            assert agent.post(page_of(reference) + path).status in (403, 404), path
    assert DataRequest.raw().find_one({"reference": reference}) == before
    mine = given(filed(client), members[AGENT])
    page = agent.get(page_of(mine))
    assert WORDS in page.main
    assert not [link for link in page.links if "/decisions/" in link]
    assert agent.post(f"{page_of(mine)}/decisions/done", {"body": "x"}).status == 403
    assert "to answer" not in take_step(agent, mine, "ask", body="Which car?").title
    assert stored(mine).state == RequestState.WAITING


def test_an_officer_opens_it_only_once_it_is_in_hand(
    client: ObjectId, officer: Portal, me: ObjectId
) -> None:
    reference = filed(client).reference
    page = officer.get(page_of(reference))
    assert WORDS not in page.main
    before = len(events_of(client))
    officer.get(page_of(reference))
    assert len(events_of(client)) == before
    page = officer.submit(f"{page_of(reference)}/take")
    assert WORDS in page.main
    entry = list(ledger.entries(client))[-1]
    assert (entry["event"], entry["actor"]) == ("dossier.shown", "staff:officer")
    colleague = member_of_staff(AGENT)
    officer.get(f"{page_of(reference)}/give")
    page = officer.submit(f"{page_of(reference)}/give", to=str(colleague))
    assert WORDS not in page.main
    assert stored(reference).assigned_to == colleague


def test_each_step_reaches_the_client(app: Flask, officer: Portal, me: ObjectId) -> None:
    person = Factory().client()
    theirs = Portal(app).enter(person.id)
    reference = given(filed(person.id), me)

    def seen() -> str:
        return theirs.get(f"/rights/requests/{reference}").main

    take_step(officer, reference, "start")
    assert "Being worked on" in seen()
    assert take_step(officer, reference, "ask", body=" ").status == 422
    take_step(officer, reference, "ask", body="Which of the two cars?")
    assert "Which of the two cars?" in seen()
    theirs.submit(f"/rights/requests/{reference}/message", body="The green one.")
    assert "The green one." in officer.get(page_of(reference)).main
    page = take_step(officer, reference, "extend", body="The carrier must look it up.")
    assert page.status == 422
    assert page.form(f"{page_of(reference)}/decisions/extend").data["body"].startswith("The car")
    take_step(officer, reference, "extend", months="2", body="The carrier must look it up.")
    assert "The carrier must look it up." in seen()
    assert "Extended once, to" in seen()
    take_step(officer, reference, "message", body="Nearly there.")
    page = take_step(officer, reference, "done", body="It is in your copy.")
    assert (page.status, page.address) == (200, page_of(reference))
    assert "It is in your copy." in seen()
    assert "Done" in seen()
    assert Mail.raw().count_documents({"client": person.id, "kind": "request_news"}) == 5
    assert not [link for link in page.links if "/steps/" in link or "/decisions/" in link]
    refused = given(filed(person.id), me)
    take_step(officer, refused, "refuse", body="It would show data of others.")
    page = theirs.get(f"/rights/requests/{refused}")
    assert "It would show data of others." in page.main
    assert "supervisory authority" in page.main


def test_a_text_is_put_in_without_loss_and_not_sent_with_blanks(
    client: ObjectId, officer: Portal, me: ObjectId
) -> None:
    reference = given(filed(client), me)
    path = f"{page_of(reference)}/decisions/done"
    officer.get(path)
    page = officer.submit(path, button="Put it in", text="copy_ready", body="Dear client,")
    text = page.form(path).data["body"]
    assert text.startswith("Dear client,")
    assert "[category]" in text
    assert stored(reference).state == RequestState.RECEIVED
    page = officer.submit(path, button="Answer and close")
    assert page.errors == ["Fill in what is in brackets: [category]"]
    page = officer.submit(
        path, button="Answer and close", body=text.replace("[category]", "Orders")
    )
    assert stored(reference).state == RequestState.DONE


def test_every_text_is_for_a_step_and_a_right() -> None:
    assert len({one.name for one in answers.ANSWERS}) == len(answers.ANSWERS)
    assert {step for one in answers.ANSWERS for step in one.steps} <= {one.name for one in STEPS}
    for right in Right:
        assert answers.offered("refuse", right) and answers.offered("done", right), right


def test_a_stale_form_is_told_so_and_loses_nothing(
    app: Flask, client: ObjectId, officer: Portal, me: ObjectId
) -> None:
    reference = given(filed(client), me)
    path = f"{page_of(reference)}/decisions/refuse"
    typed = "It would show data of others."
    officer.get(path)
    requests.write(client, Actor.client(client), reference, "Only the mirror, please.")
    page = officer.submit(path, button="Refuse the request", body=typed)
    assert page.status == 409
    assert "Only the mirror, please." in page.main
    assert page.form(path).data["body"] == typed
    requests.withdraw(client, Actor.client(client), reference)
    page = officer.submit(path, button="Refuse the request")
    assert page.status == 409
    assert typed in page.main
    other = given(filed(client), me)
    path = f"{page_of(other)}/decisions/refuse"
    officer.get(path)
    given(stored(other), member_of_staff(OFFICER))
    page = officer.submit(path, button="Refuse the request", body=typed)
    assert (page.status, page.h1) == (409, "Not in your hands any more")
    assert typed in page.main
    assert stored(other).state == RequestState.RECEIVED


@pytest.mark.promise("P28")
def test_two_people_for_a_deletion(app: Flask, officer: Portal, me: ObjectId) -> None:
    person = Factory().client()
    reference = given(filed(person.id, Right.DELETION, channel="phone"), me)
    why = "Asked for by phone; called back on the number of the account."
    take_step(officer, reference, "propose-deletion", when="later", reason=why)
    page = officer.get(page_of(reference))
    assert why in page.main
    assert not [link for link in page.links if "approve" in link]
    forged = {"revision": str(stored(reference).revision)}
    path = f"{page_of(reference)}/decisions/approve-deletion"
    assert officer.post(path, forged).status == 409
    alone = Actor.staff(me, OFFICER, reference)
    with pytest.raises(StepRefused):
        decided_deletion.approve(person.id, alone, reference)
    assert ErasureRun.objects(client=person.id).count() == 0
    take_step(officer, reference, "take-back-deletion")
    take_step(officer, reference, "propose-deletion", when="later", reason=why)
    second = member_of_staff(OFFICER)
    other = at_the_desk(app, OFFICER, second)
    assert reference in other.get("/staff/requests?view=second").text
    given(stored(reference), second)
    take_step(other, reference, "decline-deletion", reason="Please call once more.")
    assert stored(reference).proposed_by is None
    given(stored(reference), me)
    assert "Please call once more." in officer.get(page_of(reference)).main
    take_step(officer, reference, "propose-deletion", when="later", reason=why)
    given(stored(reference), second)
    plan = other.get(path).main
    assert why in plan and "What goes" in plan and "What stays" in plan
    other.submit(path, button="Approve the deletion")
    run = erasure.pending(person.id)
    assert run is not None and run.execute_after > datetime.now(UTC) + timedelta(days=13)
    told = [one for one in events_of(person.id) if one.startswith(("deletion", "erasure.conf"))]
    assert told == [
        "deletion.proposed",
        "deletion.taken_back",
        "deletion.proposed",
        "deletion.declined",
        "deletion.proposed",
        "deletion.approved",
        "erasure.confirmed",
    ]
    mails = {"client": person.id, "kind": "deletion_decided"}
    assert Mail.raw().count_documents(mails) == 1
    ErasureRun.objects(client=person.id).delete()  # as if it had crashed before this was written
    assert decided_deletion.complete_all() == 1
    assert decided_deletion.complete_all() == 0
    assert erasure.pending(person.id) is not None
    assert Mail.raw().count_documents(mails) == 1
    theirs = Portal(app).enter(person.id)
    theirs.get("/rights/deletion")
    theirs.submit("/rights/deletion/cancel")
    assert decided_deletion.complete_all() == 0
    assert erasure.pending(person.id) is None
    assert stored(reference).state == RequestState.WITHDRAWN


@pytest.mark.promise("P28")
def test_an_approval_does_not_bring_back_what_the_client_cancelled(
    officer: Portal, me: ObjectId
) -> None:
    """The client was faster than the second officer, and cancelled; a crash came in between."""
    person = Factory().client()
    reference = given(filed(person.id, Right.DELETION, channel="phone"), me)
    take_step(officer, reference, "propose-deletion", when="now", reason="Asked for by phone.")
    themselves = Actor.client(person.id)
    erasure.schedule(person.id, themselves, at_once=False)
    second = member_of_staff(OFFICER)
    given(stored(reference), second)
    decided_deletion.approve(person.id, Actor.staff(second, OFFICER, reference), reference)
    assert erasure.cancel(person.id, themselves)
    assert decided_deletion.complete_all() == 0
    assert erasure.pending(person.id) is None


def test_a_phoned_request_counts_from_the_call(
    app: Flask, officer: Portal, me: ObjectId, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Factory().client()
    ground = overrides.begin(person.id, Actor.staff(me, OFFICER), "The client is on the phone.")
    path = f"/staff/requests/new?client={person.id}&case={ground}"
    called = datetime.now(UTC) - timedelta(days=3)
    said = {
        "right": "access",
        "words": "A copy of all.",
        "identified": "no",
        "how": "Unknown number",
    }
    officer.get(path)
    later = called + timedelta(days=4)
    page = officer.submit(**said, on=f"{later:%Y-%m-%d}", at="10:00")
    assert page.status == 422
    assert "future" in page.errors[0]
    filled_in = officer.page
    with monkeypatch.context() as crash:
        crash.setattr(request_changes, "notify", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            officer.submit(on=f"{called:%Y-%m-%d}", at=f"{called:%H:%M}")
    assert Mail.raw().count_documents({"client": person.id, "kind": "request_received"}) == 0
    request_changes.tell_all()
    officer.page = filled_in
    page = officer.submit(on=f"{called:%Y-%m-%d}", at=f"{called:%H:%M}")
    reference = page.address.rpartition("/")[2]
    assert DataRequest.raw().count_documents({"client": person.id}) == 1, "sent twice, one request"
    request = stored(reference)
    assert request.recorded_at == called.replace(second=0, microsecond=0)
    assert (request.channel, request.state) == ("phone", RequestState.IDENTITY_CHECK)
    assert Mail.raw().count_documents({"client": person.id, "kind": "request_received"}) == 1
    given(request, me)
    page = officer.get(page_of(reference))
    assert not [link for link in page.links if link.endswith(("/done", "/extend", "/ask"))]
    take_step(officer, reference, "identified", how="Called back on the number of the account.")
    assert stored(reference).state == RequestState.IN_PROGRESS
    assert "request.identified" in events_of(person.id)
    theirs = Portal(app).enter(person.id)
    assert "Called back on the number" in theirs.get(f"/rights/requests/{reference}").main
    other = f"/staff/requests/new?client={Factory().client().id}&case={ground}"
    officer.get(other)
    page = officer.submit(**said, on=f"{called:%Y-%m-%d}", at="10:00")
    assert page.status == 403


@pytest.mark.promise("P27")
def test_evidence_is_opened_through_its_own_request_only(
    app: Flask, officer: Portal, me: ObjectId
) -> None:
    person = Factory().client()
    theirs = Portal(app).enter(person.id)
    client = Actor.client(person.id)
    found = rectification.correct(person.id, client, {"full_name": "Ada Example"})
    reference = given(stored(str(found.review)), me)
    theirs.get(f"/rights/requests/{reference}")
    evidence = f"/rights/requests/{reference}/evidence"
    theirs.submit(evidence, file=(io.BytesIO(png()), "passport.png"))
    page = officer.get(page_of(reference))
    paper = next(link for link in page.links if "/papers/" in link)
    assert officer.get(paper).data.startswith(b"\x89PNG")
    assert "document.opened" in events_of(person.id)
    elsewhere = given(filed(person.id), me)
    assert officer.get(paper.replace(reference, elsewhere)).status == 404
    take_step(officer, reference, "correct", note="Compared with your passport.")
    page = theirs.get(f"/rights/requests/{reference}")
    assert "Done" in page.main and "Compared with your passport." in page.main


@pytest.mark.promise("P31")
def test_a_restriction_is_shown_put_in_force_and_ended(officer: Portal, me: ObjectId) -> None:
    client = Factory().client().id
    reference = given(filed(client, Right.RESTRICTION, channel="phone"), me)
    take_step(officer, reference, "restrict", ground="claims")
    assert restrictions.standing(client) is not None
    page = officer.get(page_of(reference))
    assert "The use of this client's data is restricted" in page.main
    take_step(officer, reference, "end-restriction")
    found = restrictions.standing(client)
    assert found is not None and found.ends is not None
    assert "Its end was announced" in officer.get(page_of(reference)).main


def test_views_of_agents_are_their_own_whatever_they_ask(client: ObjectId) -> None:
    mine = member_of_staff(AGENT)
    given(filed(client), mine)
    for view in View:
        found = reading.desk(Filters(view), mine, AGENT, 1, datetime.now(UTC))
        assert {one.holder for one in found.rows} <= {mine}
