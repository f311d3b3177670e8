"""The one door: who may open what, and that the ledger knows before anything is read."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.models import Client, ContactRecord, LedgerEntry, Message, Notice, Order
from alko.models.client import Credentials
from alko.models.communication import MessageDetails
from alko.models.profile import Contact, Identity
from alko.models.transaction import OrderDetails
from alko.privacy.door.access import JOBS, AccessDenied, Actor, Job
from alko.privacy.door.dossier import PAGE_SIZE, Dossier, NoSuchRecord
from alko.privacy.identity import accounts
from alko.privacy.inventory import CATEGORIES, UnknownCategory
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import Purpose
from tests import counting

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.promise("P6", "P16", "P17")]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def account(name: str = "Ileana Marchetti") -> ObjectId:
    client = ObjectId()
    return accounts.open_account(
        client,
        Credentials(password_hash="x"),
        Contact(email=f"{client}@example.test", city="Constanța"),
        Identity(full_name=name),
        opened_at=BEGIN,
    )


@pytest.fixture
def client(app: Flask) -> ObjectId:
    return account()


def messages(client: ObjectId, count: int, start: datetime = BEGIN) -> None:
    batch = [
        Message.sealing(
            MessageDetails(subject=f"Subject {number}", body="…"),
            client=client,
            recorded_at=start + timedelta(minutes=number // 2),
            reference="R-1",
            direction="from_client",
            channel="portal",
        ).to_mongo()
        for number in range(count)
    ]
    Message.raw().insert_many(batch)


def opened(client: ObjectId, *categories: str) -> Dossier:
    return Dossier.open(client, Actor.client(client), Purpose.SERVICE, categories=categories)


def entries(client: ObjectId) -> list[dict[str, Any]]:
    return list(LedgerEntry.raw().find({"client": client}).sort("seq", 1))


def test_a_client_reads_their_own_values_and_the_ledger_knows(client: ObjectId) -> None:
    dossier = opened(client, "contact", "identity")
    (row,) = dossier.rows("contact")
    assert row.values["city"] == "Constanța"
    assert row.readable
    assert next(dossier.rows("identity")).values["full_name"] == "Ileana Marchetti"
    last = entries(client)[-1]
    assert last["seq"] == dossier.entry
    assert (last["event"], last["actor"], last["purpose"]) == ("dossier.shown", "client", "service")
    assert last["categories"] == ["contact", "identity"]


def denied(client: ObjectId, actor: Actor, purpose: Purpose, **options: Any) -> None:
    before = len(entries(client))
    with pytest.raises(AccessDenied):
        Dossier.open(client, actor, purpose, **{"categories": ["contact"], **options})
    assert len(entries(client)) == before


@pytest.mark.promise("P12")
def test_another_client_is_denied(client: ObjectId) -> None:
    denied(client, Actor.client(account("Somebody Else")), Purpose.SERVICE)


@pytest.mark.promise("P12")
@pytest.mark.parametrize("kind", ["", "admin", "Client", "system "])
def test_an_unknown_kind_of_actor_is_denied(client: ObjectId, kind: str) -> None:
    denied(client, Actor(kind, client), Purpose.SERVICE)


@pytest.mark.parametrize("job", Job)
def test_a_job_opens_its_categories_for_its_purpose_and_no_more(client: ObjectId, job: Job) -> None:
    actor, (purpose, allowed) = Actor.job(job), JOBS[job]
    for category in CATEGORIES:
        if category in allowed:
            assert Dossier.open(client, actor, purpose, categories=[category])
        else:
            denied(client, actor, purpose, categories=[category])
            denied(client, actor, purpose, categories=[category, *allowed])
    for other in set(Purpose) - {purpose}:
        denied(client, actor, other, categories=allowed)


def test_what_was_not_opened_is_not_read(client: ObjectId) -> None:
    dossier = opened(client, "contact")
    with pytest.raises(AccessDenied):
        list(dossier.rows("identity"))
    with pytest.raises(AccessDenied):
        dossier.page("identity")
    with pytest.raises(AccessDenied):
        dossier.row("identity", ObjectId())
    with pytest.raises(AccessDenied):
        dossier.record(Client)


def test_a_dossier_made_by_hand_opens_nothing(client: ObjectId) -> None:
    forged = Dossier(client, Purpose.SERVICE, frozenset(CATEGORIES), 1)
    for read in (lambda: list(forged.rows("contact")), lambda: forged.page("contact")):
        with pytest.raises(AccessDenied):
            read()
    with pytest.raises(AccessDenied):
        forged.overview()


@pytest.mark.parametrize("slug", ["", "nothing", "$where", "contact\0"])
def test_an_unknown_category_is_refused_before_the_ledger(client: ObjectId, slug: str) -> None:
    before = len(entries(client))
    with pytest.raises(UnknownCategory):
        opened(client, "contact", slug)
    assert len(entries(client)) == before


@pytest.mark.promise("P12")
def test_one_record_is_found_in_its_own_dossier_only(client: ObjectId) -> None:
    other = account("Somebody Else")
    (theirs,) = opened(other, "contact").rows("contact")
    with pytest.raises(NoSuchRecord):
        opened(client, "contact").row("contact", theirs.id)
    with pytest.raises(NoSuchRecord):
        opened(client, "contact").record(ContactRecord, id=theirs.id)
    assert opened(other, "contact").row("contact", theirs.id) == theirs


def test_no_row_holds_secrets_or_internal_values(client: ObjectId) -> None:
    (row,) = opened(client, "account").rows("account")
    assert set(row.values) == {field.name for field in CATEGORIES["account"].shown_fields}
    assert "password_hash" not in row.values
    assert "email_index" not in row.values


def test_pages_do_not_shift_while_new_records_arrive(client: ObjectId) -> None:
    messages(client, 2 * PAGE_SIZE + 7)
    dossier = opened(client, "messages")
    first = dossier.page("messages")
    messages(client, 30, start=datetime.now(UTC) + timedelta(days=1))
    second = dossier.page("messages", 2, first.until)
    third = dossier.page("messages", 3, first.until)
    beyond = dossier.page("messages", 10**9, first.until)
    seen = [row.values["subject"] for page in (first, second, third) for row in page.rows]
    assert seen == [f"Subject {number}" for number in reversed(range(2 * PAGE_SIZE + 7))]
    assert (first.pages, first.total, len(third.rows)) == (3, 2 * PAGE_SIZE + 7, 7)
    assert beyond.number == 3
    assert dossier.page("messages", -5, first.until).rows == first.rows
    late = datetime.now(UTC) + timedelta(days=2)
    assert dossier.page("messages", 1, late).total == 2 * PAGE_SIZE + 37


def test_an_empty_category_has_one_empty_page(client: ObjectId) -> None:
    page = opened(client, "usage").page("usage", 7)
    assert (page.rows, page.number, page.pages, page.total) == ([], 1, 1, 0)


def test_all_rows_come_oldest_first_over_several_batches(client: ObjectId) -> None:
    messages(client, 450)
    rows = opened(client, "messages").rows("messages")
    assert [row.values["subject"] for row in rows] == [f"Subject {n}" for n in range(450)]


@pytest.mark.parametrize("count", [0, 300])
def test_the_overview_is_one_read_however_much_there_is(client: ObjectId, count: int) -> None:
    if count:
        messages(client, count)
    dossier = opened(client, *CATEGORIES)
    with counting.commands() as seen:
        overview = dossier.overview()
    assert len([name for name in counting.names(seen) if name.startswith("aggregate")]) == 1
    assert {name.split()[0] for name in counting.names(seen)} == {"aggregate"}
    assert overview.summaries["messages"].count == count
    assert list(overview.summaries) == list(CATEGORIES)


def test_the_overview_counts_dates_and_sizes(client: ObjectId) -> None:
    messages(client, 4)
    Message.raw().update_many(
        {"client": client}, {"$set": {"erase_after": retention.correspondence_ends(BEGIN)}}
    )
    Notice(client=client, version="2024-01").save()
    overview = opened(client, *CATEGORIES).overview()
    held = overview.summaries["messages"]
    assert (held.count, held.first, held.last) == (4, BEGIN, BEGIN + timedelta(minutes=1))
    assert held.erase_first == held.erase_last == datetime(2028, 1, 1, tzinfo=UTC)
    assert held.size == sum(
        size["size"]
        for size in Message.raw().aggregate(
            [{"$match": {"client": client}}, {"$project": {"size": {"$bsonSize": "$$ROOT"}}}]
        )
    )
    assert overview.unread_notices == 1
    assert overview.account_ends == datetime(2028, 1, 1, tzinfo=UTC)
    assert overview.summaries["usage"].count == 0


@pytest.mark.promise("P20")
def test_an_account_with_an_open_order_has_no_end(client: ObjectId) -> None:
    details = OrderDetails(
        make="M", model="X", model_year=2026, colour="c", vin="v", price=1, currency="EUR"
    )
    Order.sealing(details, client=client, number=str(client), status="ordered").save()
    assert opened(client, "account", "orders").overview().account_ends is None
    assert opened(client, "account").overview().account_ends is None, "the order was not opened"


@pytest.mark.promise("P25")
def test_rows_under_a_destroyed_key_stay_as_unreadable_rows(app: Flask, client: ObjectId) -> None:
    messages(client, 3)
    dossier = opened(client, "messages", "contact")
    assert all(row.readable for row in dossier.rows("messages"))
    connection.current().keyring.destroy([key_name(client, "correspondence")])
    time.sleep(app.config["ALKO"].key_cache.total_seconds() + 0.2)
    rows = list(dossier.rows("messages"))
    assert [(row.readable, row.values["subject"], row.values["channel"]) for row in rows] == [
        (False, None, "portal")
    ] * 3
    assert len(dossier.page("messages").rows) == 3
    assert all(row.readable for row in dossier.rows("contact"))
    with pytest.raises(KeyDestroyed):
        dossier.record(Message)


def test_a_row_cannot_be_changed(client: ObjectId) -> None:
    (row,) = opened(client, "contact").rows("contact")
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.readable = False  # type: ignore[misc]
