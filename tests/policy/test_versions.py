"""Versions are kept word for word; a new one is told until it was read, and never a consent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from alko.demo.policy_history import demo_earlier_lines
from alko.models import Campaign, Consent, Notice, PolicyVersion
from alko.models.activity import LedgerEntry
from alko.policy import store, text
from alko.policy.changes import Change, compare
from tests import counting
from tests.policy.conftest import Visit
from tests.portal import Portal

NEW = "2031-05"
JUNE = datetime(2031, 6, 1, tzinfo=UTC)
NOTICE = "newer version of our privacy policy"


@pytest.fixture(autouse=True)
def only_the_first_version(app: Flask) -> Iterator[None]:
    yield
    PolicyVersion.objects(version__ne=store.FIRST_VERSION).delete()
    Campaign.objects.delete()
    store.ensure_first_version()


def publish(lines: list[str] | None = None, version: str = NEW) -> PolicyVersion:
    return store.publish(version, "We keep less.", JUNE, JUNE, lines)


@pytest.mark.promise("P37")
def test_many_starts_store_the_first_version_once() -> None:
    PolicyVersion.objects(version=store.FIRST_VERSION).delete()
    starts = [threading.Thread(target=store.ensure_first_version) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert [one.version for one in store.all_versions()] == ["2024-01"]
    first = store.current()
    assert (first.updated_on, first.reviewed_on) == (store.FIRST_DATE, store.FIRST_DATE)
    assert first.lines == text.lines()
    assert not store.is_drifted()


@pytest.mark.promise("P37")
def test_a_review_is_stale_after_twelve_months() -> None:
    assert not store.is_review_stale(datetime(2025, 1, 1, tzinfo=UTC))
    assert store.is_review_stale(datetime(2025, 1, 2, tzinfo=UTC))


@pytest.mark.promise("P37")
def test_a_text_that_is_not_the_published_one_is_noticed(portal: Portal) -> None:
    publish(["# Introduction", "Something else."])
    assert store.is_drifted()
    page = portal.get("/privacy")
    assert "A new version is in preparation" in page.main
    assert f"/privacy/versions/{NEW}" in page.links


def test_a_published_text_never_changes() -> None:
    publish()
    with pytest.raises(store.VersionExists):
        publish(["# Introduction", "Rewritten."])
    assert store.current().lines == text.lines()


@pytest.mark.parametrize("name", ["", "2024", "2024-13", "../x", "2024-01.0", "latest"])
def test_a_version_is_named_by_year_and_month(name: str) -> None:
    with pytest.raises(ValueError, match="year and month"):
        publish(version=name)


@pytest.mark.promise("P37")
def test_all_versions_with_their_dates(portal: Portal) -> None:
    publish()
    page = portal.get("/privacy/versions")
    assert page.main.index("Version 2031-05") < page.main.index("Version 2024-01")
    assert "Last updated June 2031" in page.main
    assert "Last updated January 2024" in page.main


def test_a_version_is_shown_word_for_word(portal: Portal) -> None:
    publish(["# Introduction", "A sentence  with <b>marks</b> & signs."])
    page = portal.get(f"/privacy/versions/{NEW}")
    shown = page.soup.select_one("#text")
    assert shown is not None
    assert [p.get_text() for p in shown("p")] == ["A sentence  with <b>marks</b> & signs."]


def test_the_comparison_shows_words_and_tells_them_to_screen_readers(portal: Portal) -> None:
    store.publish("2023-03", "Earlier.", store.FIRST_DATE, store.FIRST_DATE, demo_earlier_lines())
    page = portal.get("/privacy/versions/2024-01")
    inserted = [one.get_text(" ", strip=True) for one in page.soup.select("#changes ins")]
    deleted = [one.get_text(" ", strip=True) for one in page.soup.select("#changes del")]
    assert any("7" in one for one in inserted) and any("10" in one for one in deleted)
    assert all(one.startswith("Inserted:") for one in inserted)
    assert all(one.startswith("Deleted:") for one in deleted)
    assert store.current().version == "2024-01", "an earlier version does not come into force"
    assert "there is none before it" in portal.get("/privacy/versions/2023-03").main


@pytest.mark.parametrize("name", ["2019-01", "x", "2024-01%00", "%F0%9F%9A%97", "../../etc"])
def test_an_unknown_version_is_not_found(portal: Portal, name: str) -> None:
    assert portal.get(f"/privacy/versions/{name}").status == 404


def test_compare_finds_what_changed_and_nothing_else() -> None:
    before = ["# One", "We keep it for 10 years.", "Same.", "Gone for good."]
    after = ["# One", "We keep it for 7 years.", "Same.", "# Two", "All new here."]
    changes = compare(before, after)
    pieces = [(p.change, p.text.strip()) for p in changes[0].pieces]
    assert pieces == [
        (Change.SAME, "We keep it for"),
        (Change.DELETED, "10"),
        (Change.INSERTED, "7"),
        (Change.SAME, "years."),
    ]
    assert "".join(p.text for p in changes[0].pieces if p.change != Change.DELETED) == after[1]
    assert "".join(p.text for p in changes[0].pieces if p.change != Change.INSERTED) == before[1]
    assert {p.change for c in changes[1:] for p in c.pieces} == {Change.INSERTED, Change.DELETED}
    assert not any("Same." in p.text for c in changes for p in c.pieces)
    assert compare(after, after) == []


@pytest.mark.promise("P2")
def test_a_visit_records_the_version_shown_and_no_consent(visit: Callable[..., Visit]) -> None:
    client, portal = visit()
    portal.get("/privacy")
    portal.get("/privacy")
    (notice,) = Notice.objects(client=client)
    assert (notice.version, notice.read_at) == ("2024-01", None)
    assert Consent.objects(client=client).count() == 0
    assert LedgerEntry.objects(client=client, event="notice.shown").count() == 1


@pytest.mark.promise("P2", "P36")
def test_marking_as_read_is_recorded_once_and_is_no_consent(visit: Callable[..., Visit]) -> None:
    client, portal = visit()
    portal.get("/privacy")
    page = portal.submit("/privacy/read")
    assert "You told us that you read version 2024-01" in page.main
    first = Notice.objects(client=client).get().read_at
    assert first is not None
    portal.post("/privacy/read", {"version": "2024-01"})
    assert Notice.objects(client=client).get().read_at == first
    assert LedgerEntry.objects(client=client, event="notice.read").count() == 1
    assert Consent.objects(client=client).count() == 0


@pytest.mark.parametrize("name", ["", "1999-01", "$ne", "2024-01\0", "🚗" * 100])
def test_only_a_published_version_can_be_marked_as_read(
    visit: Callable[..., Visit], name: str
) -> None:
    client, portal = visit()
    assert portal.post("/privacy/read", {"version": name}).status == 400
    assert Notice.objects(client=client).count() == 0


def test_a_visitor_can_mark_nothing_as_read(portal: Portal) -> None:
    assert "I have read this" not in portal.get("/privacy").main
    refused = portal.post("/privacy/read", {"version": "2024-01"})
    assert refused.title.startswith("Sign in")


@pytest.mark.promise("P36")
def test_a_new_version_is_told_on_every_page_until_read(visit: Callable[..., Visit]) -> None:
    _, portal = visit()
    assert NOTICE not in portal.get("/privacy/cookies").text
    publish()
    for path in ("/", "/privacy/cookies", "/privacy/promises"):
        assert NOTICE in portal.get(path).text_of(".site-notices"), path
    portal.get("/privacy")
    assert NOTICE in portal.get("/").text, "being shown is not having read"
    portal.get("/privacy")
    portal.submit("/privacy/read")
    assert NOTICE not in portal.get("/").text


@pytest.mark.promise("P36")
def test_reading_on_one_device_ends_the_notice_on_the_other(
    app: Flask, visit: Callable[..., Visit]
) -> None:
    client, phone = visit()
    laptop = Portal(app)
    laptop.sign_in(f"{client}@example.test", "a harbour crane at dusk")
    publish()
    assert NOTICE in laptop.get("/").text
    phone.get("/privacy")
    phone.submit("/privacy/read")
    assert NOTICE not in laptop.get("/").text


@pytest.mark.promise("P36")
def test_who_signs_in_later_is_told_if_the_account_is_older(visit: Callable[..., Visit]) -> None:
    publish()
    _, old = visit(datetime(2020, 1, 1, tzinfo=UTC))
    assert NOTICE in old.get("/").text
    _, young = visit(datetime(2035, 1, 1, tzinfo=UTC))
    assert NOTICE not in young.get("/").text


@pytest.mark.promise("P36")
def test_the_notice_costs_no_look_up(visit: Callable[..., Visit]) -> None:
    _, portal = visit()
    with counting.commands() as without:
        portal.get("/")
    publish()
    with counting.commands() as with_notice:
        assert NOTICE in portal.get("/").text
    assert counting.names(with_notice) == counting.names(without)
