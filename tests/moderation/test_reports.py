"""Reports and the first page: right numbers, harmless files, a constant number of queries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from alko.demo.factories import Factory
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.document import PaperKind, PaperRecord, PaperStatus
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.moderation.reports import drawing, presentation, reading
from alko.privacy.correspondence import cases
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor, Job
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.vault.access import vault_of
from tests.audience import without
from tests.counting import commands
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff
from tests.vault.inspection.making import png

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def filed(app: Flask) -> Iterator[list[str]]:
    """Requests of this month and an earlier one: answered late, answered, overdue, two open."""
    with without(DataRequest):
        yield _filed()


def _filed() -> list[str]:
    client = Factory("reports").client().id
    own = Actor.client(client)
    references = [requests.file(client, own, Right.ACCESS).reference for _ in range(5)]
    earlier = NOW - timedelta(days=40)
    keep = NOW + timedelta(days=400)
    done = {"state": "done", "erase_after": keep}
    changes: list[dict[str, Any]] = [
        {"recorded_at": earlier, "due_at": NOW - timedelta(days=9), "finished_at": NOW, **done},
        {"recorded_at": NOW - timedelta(days=3), "finished_at": NOW, **done},
        {"recorded_at": earlier, "due_at": NOW - timedelta(days=9)},
    ]
    for reference, change in zip(references, changes, strict=False):
        DataRequest.raw().update_one({"reference": reference}, {"$set": change})
    return list(references)


def numbers(portal: Portal, name: str) -> dict[str, list[int]]:
    page = portal.get(f"/staff/reports/{name}.csv")
    assert page.content_type == "text/csv"
    rows = list(csv.reader(io.StringIO(page.html)))
    return {row[0]: [int(cell) for cell in row[1:]] for row in rows[1:]}


def test_the_numbers_are_those_of_the_requests(administrator: Portal, filed: list[str]) -> None:
    month, before = f"{NOW:%Y-%m}", f"{NOW - timedelta(days=40):%Y-%m}"
    received = numbers(administrator, "requests")
    assert len(received) == 12 and list(received) == sorted(received)
    columns = zip(*received.values(), strict=True)
    done, _, _, still_open, overdue = (sum(column) for column in columns)
    assert done >= 2 and still_open >= 2 and overdue >= 1
    assert received[before][0] >= 1 and received[before][4] >= 1
    median, ninetieth, count, late = numbers(administrator, "time-to-answer")[month]
    assert count >= 2 and late >= 1 and 3 <= median <= ninetieth
    assert numbers(administrator, "now")["Requests overdue"][0] >= 1
    page = administrator.get("/staff/reports?months=3")
    assert page.soup.select("svg.report-chart title") and page.soup.select("svg.report-chart desc")
    assert administrator.get("/staff/reports?months=5").status == 404
    assert administrator.get("/staff/reports/nothing.csv").status == 404


def test_ten_times_the_work_costs_the_same_queries(
    app: Flask, officer: Portal, filed: list[str]
) -> None:
    def asked(path: str) -> int:
        officer.get(path)
        with commands() as seen:
            officer.get(path)
        return len(seen)

    before = {path: asked(path) for path in ("/staff", "/staff/reports")}
    client = Factory("more").client().id
    for _ in range(10):
        requests.file(client, Actor.client(client), Right.ACCESS)
    assert {path: asked(path) for path in before} == before


def test_the_first_page_counts_what_waits(app: Flask, filed: list[str]) -> None:
    member = member_of_staff(StaffRole.AGENT)
    portal = at_the_desk(app, StaffRole.AGENT, member)
    assert "Nothing is assigned to you" in portal.get("/staff").main
    assignments.give(Actor.staff(ObjectId(), StaffRole.OFFICER), filed[2], member)
    page = portal.get("/staff")
    assert f"/staff/requests/{filed[2]}" in page.links
    card = page.soup.select_one(".desk")
    assert card and "1 overdue" in " ".join(card.get_text(" ").split()), "an agent's own requests"
    page = at_the_desk(app, StaffRole.OFFICER).get("/staff")
    assert "/staff/requests?holder=nobody" in page.links
    page = at_the_desk(app, StaffRole.ADMINISTRATOR).get("/staff")
    assert not page.soup.select(".desk") and "sees no client's data" in page.main


def test_an_answered_message_is_not_late_and_an_urgent_one_is_after_its_day(app: Flask) -> None:
    """The desk's numbers, the queue and the list of one's own say the same."""
    member = member_of_staff(StaffRole.OFFICER)
    portal = at_the_desk(app, StaffRole.OFFICER, member)
    with without(Case):
        case = opened(urgent=True)
        assignments.take(Actor.staff(member, StaffRole.OFFICER), case.reference)
        hours_ago = {"target_at": NOW - timedelta(hours=2)}
        Case.raw().update_one({"_id": case.pk}, {"$set": hours_ago})
        assert "1 overdue" in desk_of(portal, "Messages")
        assert "past its day" in portal.get("/staff/messages").main
        holder = Actor.staff(member, StaffRole.OFFICER, case.reference)
        cases.write(holder, case.reference, "It is on its way.")
        months_ago = {"recorded_at": NOW - timedelta(days=60), "due_at": NOW - timedelta(days=30)}
        Case.raw().update_one({"_id": case.pk}, {"$set": months_ago})
        assert "overdue" not in desk_of(portal, "Messages")
        mine = portal.get("/staff").text_of("section:has(#mine), #mine")
        assert case.reference in mine and "overdue" not in mine
        for page in ("/staff/messages", f"/staff/messages/{case.reference}"):
            assert "overdue" not in portal.get(page).main, page
            assert "past its day" not in portal.get(page).main, page


def opened(*, urgent: bool) -> Case:
    written = cases.Written(
        body="Where is it?",
        kind=CaseKind.GENERAL,
        channel=CaseChannel.FORM,
        email="late@mail.example",
        urgent=urgent,
    )
    return cases.open_case(Actor.job(Job.CASES), written)


def desk_of(portal: Portal, name: str) -> str:
    """What the first page says of one desk."""
    cards = portal.get("/staff").soup.select(".desk")
    texts = [" ".join(card.get_text(" ").split()) for card in cards]
    return next(text for text in texts if text.startswith(name))


def test_evidence_of_a_correction_is_no_document_that_waits(app: Flask, officer: Portal) -> None:
    factory = Factory("papers that wait", vault=vault_of(app.config["ALKO"]))
    client = factory.client().id
    with without(PaperRecord):
        for name in ("card.jpg", "evidence.jpg"):
            kind = PaperKind.IDENTITY
            factory.paper(client, kind, png(), name, status=PaperStatus.RECEIVED)
        evidence = {"$set": {"request": ObjectId()}}
        PaperRecord.raw().update_one({"client": client}, evidence)
        assert sum(row[0] for row in numbers(officer, "papers").values()) == 1
        assert desk_of(officer, "Documents").startswith("Documents 1 open")
        assert len(officer.get("/staff/documents").soup.select("tbody tr")) == 1
        drawings = officer.get("/staff/reports").soup
        bars = drawings.select("#report-papers svg.report-chart rect.report-bar")
        assert len(bars) == 1, "drawn by age"
        assert drawings.select("#report-now svg.report-chart")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    report = presentation.Report("x", "x", "x", ["Month"], [[cell]])
    assert presentation.as_csv(report).splitlines()[1].lstrip('"').startswith("'")


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_percentiles_are_values_that_cover_their_part(days: list[int]) -> None:
    found = reading.summary((day, days.count(day), False) for day in set(days))
    for value, percent in ((found.median, 50), (found.ninetieth, 90)):
        assert sum(day <= value for day in days) * 100 >= len(days) * percent
        assert sum(day < value for day in days) * 100 < len(days) * percent


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=5))
def test_bars_stay_inside_the_drawing(series: list[list[int]]) -> None:
    for drawn in (drawing.stacked("abc", series), drawing.side_by_side("abc", series)):
        for bar in drawn.bars:
            assert bar.x >= drawing.LEFT and bar.x + bar.width <= drawing.WIDTH
            assert bar.y >= drawing.TOP - 0.1 and bar.y + bar.height <= drawn.floor + 0.2
        assert [number for _, number in drawn.ticks] == sorted({n for _, n in drawn.ticks})
