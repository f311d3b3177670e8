"""From the draft to everybody's mailbox: written, compared, published, told once, provable."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from alko.mail import campaigns, service
from alko.models import Alert, Campaign, Client, Mail, PolicyDraft, PolicyVersion
from alko.models.client import ClientStatus, Credentials
from alko.models.profile import Contact
from alko.models.staff import StaffRole
from alko.policy import drafts, review, store, text, writing
from alko.policy.blocks import Block, Decision, Paragraph, Subheading
from alko.privacy.accountability import ledger
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts, notices
from tests import counting
from tests.audience import without
from tests.portal import Portal

NOW = datetime.now(UTC)
VERSION = f"{NOW:%Y-%m}"
EVENT = f"policy/{VERSION}"
OFFICER = Actor.staff(ObjectId(), StaffRole.OFFICER)
CLIENTS = 7


@pytest.fixture
def clients(app: Flask) -> Iterator[list[ObjectId]]:
    """Some clients and nobody else, one of them restricted; and no version but the first."""
    with without(Client, {"status": "active"}):
        Mail.raw().delete_many({})
        made = []
        for _ in range(CLIENTS):
            client = ObjectId()
            contact = Contact(email=f"{client}@example.test")
            opened = NOW - timedelta(days=90)
            made.append(
                accounts.open_account(
                    client, Credentials(password_hash="x"), contact, opened_at=opened
                )
            )
        Client.raw().update_one({"_id": made[2]}, {"$set": {"restricted_at": NOW}})
        yield sorted(made)
        PolicyVersion.objects(version__ne=store.FIRST_VERSION).delete()
        for model in (Campaign, PolicyDraft):
            model.objects.delete()
        Mail.raw().delete_many({})


def write(introduction: str, significant: bool = True) -> drafts.Draft:
    draft = drafts.current(NOW)
    written = {**draft.written, "introduction": introduction}
    drafts.save(OFFICER, draft.revision, VERSION, "Clearer <words>, 100%.", significant, written)
    return drafts.current(NOW)


def written_to() -> list[ObjectId]:
    return [one["client"] for one in Mail.raw().find({"event": EVENT}).sort("client", 1)]


@pytest.mark.promise("P36", "P37")
def test_what_staff_write_is_compared_published_and_shown_word_for_word(
    clients: list[ObjectId], portal: Portal
) -> None:
    draft = write(
        "We sell cars & keep <little>, 10% less than 20% before.\n\n"
        "Our decision: reading is not consent."
    )
    changed = drafts.comparison(draft)
    assert {change.section for change in changed} == {"Introduction"}

    published = drafts.publish(OFFICER, draft.revision, NOW)

    assert published.lines[:3] == [
        "# Introduction",
        "We sell cars & keep <little>, 10% less than 20% before.",
        "Our decision: reading is not consent.",
    ]
    assert not store.is_drifted(), "the page says what was published"
    page = portal.get("/privacy")
    assert "We sell cars & keep <little>, 10% less than 20% before." in page.main
    assert "in preparation" not in page.main
    assert "Clearer <words>, 100%." in portal.get("/privacy/versions").main
    assert "Clearer <words>, 100%." in portal.get(f"/privacy/versions/{VERSION}").main
    assert published.written.keys() == {"introduction"}, "the others stay the software's"
    assert drafts.current(NOW).revision == 0
    told = [entry["event"] for entry in ledger.entries(OFFICER.id or ObjectId())]
    told = [event for event in told if event != "alert.acknowledged"]  # of another test's drift
    assert told[-2:] == ["policy.drafted", "policy.published"]


def test_two_who_write_at_once_do_not_overwrite_each_other(clients: list[ObjectId]) -> None:
    read = drafts.current(NOW)
    write("One.")
    with pytest.raises(drafts.DraftChanged):
        drafts.save(OFFICER, read.revision, VERSION, "Two.", True, read.written)
    with pytest.raises(drafts.DraftChanged):
        drafts.publish(OFFICER, 7, NOW)
    with pytest.raises(drafts.NotNewer):
        drafts.save(OFFICER, 1, store.FIRST_VERSION, "Old.", True, read.written)
    assert drafts.current(NOW).written["introduction"] == "One."


@pytest.mark.promise("P7", "P36")
def test_every_client_gets_one_mail_although_the_writing_is_interrupted_anywhere(
    clients: list[ObjectId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "BATCH", 3)
    draft = write("New.")
    drafts.publish(OFFICER, draft.revision, NOW)
    late = accounts.open_account(
        ObjectId(), Credentials(password_hash="x"), Contact(email="late@example.test")
    )
    Client.raw().update_one({"_id": late}, {"$set": {"recorded_at": NOW + timedelta(days=1)}})
    real = service.notify

    for crash_at in (1, 2, 5):
        calls = iter(range(crash_at))

        def dying(*arguments: object, calls: Iterator[int] = calls) -> bool:
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(service, "notify", dying)
        with pytest.raises(KeyboardInterrupt):
            campaigns.advance()
    monkeypatch.setattr(service, "notify", real)
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: campaigns.advance(), range(3)))
    campaigns.advance()

    assert written_to() == clients, "the restricted one too, once each, and none who came later"
    seen = campaigns.progress(EVENT)
    assert seen is not None
    assert (seen.written, seen.unreachable, seen.clients) == (CLIENTS, 0, CLIENTS)
    assert seen.finished_at and seen.mails == {"queued": CLIENTS}
    assert [one.client for one in campaigns.evidence(EVENT, 0, 100)] == clients


@pytest.mark.promise("P36")
def test_a_version_that_was_stored_and_nothing_more_is_told_by_the_worker(
    clients: list[ObjectId], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = write("New.")
    with monkeypatch.context() as crash:
        crash.setattr(store, "tell_everybody", lambda: None)
        drafts.publish(OFFICER, draft.revision, NOW)
    assert campaigns.progress(EVENT) is None
    store.tell_everybody()
    store.tell_everybody()
    campaigns.advance()
    assert written_to() == clients


@pytest.mark.promise("P36")
def test_a_matter_of_wording_is_told_to_nobody(clients: list[ObjectId]) -> None:
    draft = write("Same in other words.", significant=False)
    opened = NOW - timedelta(days=90)
    due = notices.is_due(clients[0], opened)
    drafts.publish(OFFICER, draft.revision, NOW)
    campaigns.advance()
    assert written_to() == []
    assert notices.is_due(clients[0], opened) == due
    notices.read(clients[0], Actor.client(clients[0]), VERSION)
    assert not notices.is_due(clients[0], opened), "having read a later one counts"


@pytest.mark.promise("P36")
def test_writing_costs_the_same_for_each_client_and_makes_room_for_other_mail(
    clients: list[ObjectId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "MOST_WAITING", 2)
    monkeypatch.setattr(campaigns, "BATCH", 1)
    draft = write("New.")
    drafts.publish(OFFICER, draft.revision, NOW)
    costs = []
    for sent in range(2):
        Mail.raw().update_many({}, {"$set": {"status": "sent"}})
        with counting.commands() as seen:
            assert campaigns.advance() == 2, "then it waits until mail was sent"
        costs.append(sorted(counting.names(seen)))
        assert len(written_to()) == 2 * (sent + 1)
    assert costs[0] == costs[1]
    assert not [name for name in costs[0] if name.startswith("getMore")]


@pytest.mark.promise("P37")
def test_a_review_without_a_change_moves_its_date_alone(clients: list[ObjectId]) -> None:
    before = store.current()
    Alert.objects(kind="stale_review").delete()
    try:
        assert review.watch(NOW)
        assert not review.watch(NOW + timedelta(days=1)), "one alert"
        review.without_change(OFFICER, NOW)
        after = store.current()
        assert (after.version, after.lines) == (before.version, before.lines)
        assert (after.updated_on, after.reviewed_on.date()) == (before.updated_on, NOW.date())
        assert not review.watch(NOW)
        alert = Alert.objects.get(kind="stale_review")
        assert (alert.outcome, alert.acknowledged_by) == ("mended", OFFICER.id)
    finally:
        PolicyVersion.objects(id=before.id).update(set__reviewed_on=before.reviewed_on)
    store.publish(VERSION, "Other words.", NOW, NOW, ["# Introduction", "Other words."])
    with pytest.raises(store.Drifted):
        review.without_change(OFFICER, NOW)
    assert [review.watch(NOW), review.watch(NOW)] == [1, 0]
    assert Alert.objects(kind="drifted_policy", acknowledged_at=None).count() == 1
    Alert.objects.delete()


words = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1
).filter(lambda word: not word.startswith("#") and word != "Our")
sentences = (
    st.lists(words, min_size=1, max_size=5)
    .map(" ".join)
    .filter(lambda sentence: sentence == " ".join(sentence.split()))
)
blocks = st.one_of(*(st.builds(kind, sentences) for kind in (Paragraph, Subheading, Decision)))


@given(st.lists(blocks, min_size=1).map(tuple))
def test_what_is_written_in_a_form_is_what_was_read_from_it(section: tuple[Block, ...]) -> None:
    assert writing.parsed(writing.as_text(section)) == section
    assert writing.parsed(writing.as_text(section).replace("\n\n", " \r\n \r\n\r\n")) == section


@pytest.mark.parametrize("section", text.WRITTEN.values(), ids=lambda section: section.id)
def test_the_softwares_own_words_can_be_written_in_a_form(section: text.Section) -> None:
    assert writing.parsed(writing.as_text(section.blocks)) == section.blocks


@pytest.mark.parametrize("refused", ["", " \n\n ", "# A title of my own", "### Small"])
def test_a_section_keeps_its_title_and_its_words(refused: str) -> None:
    with pytest.raises(writing.WritingRefused):
        writing.parsed(refused)


def test_nobody_but_active_clients_is_written_to(clients: list[ObjectId]) -> None:
    Client.raw().update_one({"_id": clients[0]}, {"$set": {"status": ClientStatus.ERASING.value}})
    store.publish(VERSION, "New.", NOW, NOW, ["# Introduction", "New."])
    campaigns.advance()
    assert written_to() == clients[1:]
