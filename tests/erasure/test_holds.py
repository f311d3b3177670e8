"""Legal holds: nothing under one is erased before it ends, and everything after (P19, P28)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.models.activity import LedgerEntry
from alko.models.client import Client
from alko.models.document import PaperRecord
from alko.models.erasure import ErasureRun
from alko.models.hold import LegalHold
from alko.models.staff import StaffRole
from alko.models.technical import PageView
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import erasure, holds, receipts, sweep
from alko.privacy.lifecycle.survey import survey
from alko.vault import Vault
from alko.vault.stores import LocalStore
from tests.portal import Portal

pytestmark = pytest.mark.promise("P19", "P28")

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
REASON = "A claim about the paint of the car, file 4711"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "vault")


@pytest.fixture
def everything(app: Flask, store: LocalStore) -> Everything:
    return everything_about(Factory(seed=int.from_bytes(os.urandom(4)), vault=Vault(store)))


@pytest.fixture
def officer() -> Actor:
    return Actor.staff(ObjectId(), StaffRole.OFFICER)


def due_view(client: ObjectId) -> PageView:
    view: PageView = PageView.objects(client=client).first()
    PageView.raw().update_one({"_id": view.pk}, {"$set": {"erase_after": NOW - DAY}})
    return view


def swept(view: PageView, store: LocalStore) -> bool:
    sweep.sweep(datetime.now(UTC), store.delete)
    return not PageView.objects(id=view.pk)


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_held_is_swept_only_when_the_last_hold_has_ended(
    whole: bool, everything: Everything, store: LocalStore, officer: Actor
) -> None:
    client = everything.person.id
    view = due_view(client)
    first = holds.place(client, officer, NOW + 9 * DAY, REASON, record=view.pk)
    second = holds.place(client, officer, NOW + DAY, REASON, record=None if whole else view.pk)
    holds.renew(client, officer, second, NOW + 30 * DAY)
    assert [one.id for one in holds.standing(client)] == [first, second]
    assert not swept(view, store)
    holds.lift(client, officer, second)
    assert PageView.objects.get(id=view.pk).hold_until.date() == (NOW + 9 * DAY).date()
    assert not swept(view, store)
    holds.lift(client, officer, first)
    assert swept(view, store)
    with pytest.raises(holds.NoSuchHold):
        holds.lift(client, officer, first)


def test_a_hold_on_everything_covers_what_comes_later(
    everything: Everything, store: LocalStore, officer: Actor, app: Flask
) -> None:
    client = everything.person.id
    holds.place(client, officer, NOW + DAY, REASON)
    later = Factory(seed=1).page_view(client, at=NOW)
    PageView.raw().update_one({"_id": later.pk}, {"$set": {"erase_after": NOW - DAY}})
    assert not swept(later, store)
    assert all(one.hold_until for one in survey(client))


def test_only_an_officer_with_a_reason_and_an_end(everything: Everything, officer: Actor) -> None:
    client = everything.person.id
    for actor in (Actor.client(client), Actor.staff(ObjectId(), StaffRole.AGENT)):
        with pytest.raises(AccessDenied):
            holds.place(client, actor, NOW + DAY, REASON)
    for until, reason in (
        (NOW - DAY, REASON),
        (NOW + 4 * 366 * DAY, REASON),
        (NOW + DAY, "because"),
    ):
        with pytest.raises(holds.HoldRefused):
            holds.place(client, officer, until, reason)
    assert holds.standing(client) == []


def test_the_client_reads_of_a_hold_unless_a_law_forbids(
    app: Flask, everything: Everything, officer: Actor
) -> None:
    client = everything.person.id
    paper = PaperRecord.objects(client=client, kind="identity").first()
    secret = "A report to the authority which must stay quiet"
    holds.place(client, officer, NOW + DAY, secret, record=paper.pk, told=False)
    portal = Portal(app).enter(client)
    assert secret not in portal.get("/my-data/holds").html
    assert "legal hold was placed" not in portal.get("/my-data/activity").main
    plan = portal.get("/rights/deletion").main
    assert "A legal duty keeps it for now." in plan
    assert "A legal hold: it may be needed" not in plan
    assert LedgerEntry.objects(client=officer.id, event="hold.placed").count() == 1
    (hold,) = holds.standing(client)
    assert holds.reason(client, officer, hold.id) == secret
    assert LedgerEntry.objects(client=officer.id, event="hold.read").count() == 1
    assert "reason of a legal hold" not in portal.get("/my-data/activity").main
    with pytest.raises(AccessDenied):
        holds.reason(client, Actor.staff(ObjectId(), StaffRole.AGENT), hold.id)

    holds.place(client, officer, NOW + DAY, REASON)
    page = portal.get("/my-data/holds")
    assert REASON in page.main
    assert "Everything about you" in page.main
    assert secret not in page.html
    assert "A legal hold was placed" in portal.get("/my-data/activity").main
    assert "A legal hold: it may be needed" in portal.get("/rights/deletion").main


def test_an_erasure_takes_the_rest_now_and_what_was_held_when_the_hold_ends(
    everything: Everything, store: LocalStore, officer: Actor
) -> None:
    client = everything.person.id
    paper = PaperRecord.objects(client=client, kind="identity").first()
    hold = holds.place(client, officer, NOW + 90 * DAY, REASON, record=paper.pk, told=False)
    first = erasure.execute(
        erasure.schedule(client, Actor.client(client), at_once=True), store.delete
    )
    assert first.receipt["as_planned"]
    assert "holds" not in {one["category"] for one in first.receipt["kept"]}
    assert {"category": "documents", "why": "legal_duty", "until": None} in first.receipt["kept"]
    assert store.exists(paper.vault_key)
    keyring = connection.current().keyring
    assert keyring.unseal(PaperRecord.raw().find_one({"_id": paper.pk})["sealed"])
    assert not Client.raw().find_one({"_id": client})

    rest = ErasureRun.objects.get(follows=first.pk)
    assert rest.pk not in erasure.due(datetime.now(UTC))
    assert rest.pk in erasure.due(NOW + 91 * DAY)
    holds.lift(client, officer, hold)
    assert rest.pk in erasure.due(datetime.now(UTC))
    done = erasure.execute(rest.pk, store.delete)
    assert done.receipt["as_planned"]
    assert done.receipt["follows"] == str(first.pk)
    assert not store.exists(paper.vault_key)
    assert not PaperRecord.objects(id=paper.pk)
    assert not LegalHold.objects(client=client)
    assert not any("/documents" in name for name in keyring.names(f"client/{client}/"))


def test_nothing_more_is_held_once_an_erasure_has_begun(
    everything: Everything, store: LocalStore, officer: Actor
) -> None:
    client = everything.person.id
    run = erasure.schedule(client, Actor.client(client), at_once=True)

    def too_late(step: str) -> None:
        if step == "decide done":
            with pytest.raises(holds.HoldRefused, match="has begun"):
                holds.place(client, officer, NOW + DAY, REASON)

    assert erasure.execute(run, store.delete, on_step=too_late).receipt["as_planned"]
    assert not LegalHold.objects(client=client)


def test_a_held_account_is_closed_and_its_address_is_free(
    everything: Everything, store: LocalStore, officer: Actor
) -> None:
    client, contact = everything.person.id, everything.person.contact
    holds.place(client, officer, NOW + DAY, REASON)
    before = {(one.category, one.id) for one in survey(client)}
    run = erasure.execute(
        erasure.schedule(client, Actor.client(client), at_once=True), store.delete
    )
    key = connection.current().signing_key.public_key()
    assert run.receipt["as_planned"] and receipts.verified(run.receipt, key)
    erasure.forget_address(run)
    assert before <= {(one.category, one.id) for one in survey(client)}
    stranger = accounts.open_account(ObjectId(), Client.Personal(password_hash="x"), contact)
    assert stranger != client
