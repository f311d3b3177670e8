"""What never came as far as the mail server waits unharmed, and is sent once the way is free."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.cli.worker import send_mails
from alko.mail import campaigns, delivery, outage, outbox
from alko.mail.campaigns import MOST_WAITING
from alko.mail.delivery import MAXIMUM_ATTEMPTS, Result
from alko.mail.kinds import MailKind
from alko.models.communication import Mail
from alko.models.housekeeping import Campaign, Outage
from alko.privacy.accountability import ledger
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor
from alko.privacy.rights import restriction
from config import Settings
from tests.audience import without
from tests.mail.conftest import Flush, NewClient
from tests.mail.server import DROP, MailServer
from tests.mail.test_delivery import make_due, raw, write

LINK = {"link": "/"}
HOUR = timedelta(hours=1)


@pytest.fixture
def nowhere(mail_settings: Settings, closed_port: int) -> Iterator[Settings]:
    """A mail server that cannot be reached."""
    yield dataclasses.replace(mail_settings, smtp_url=f"smtp://127.0.0.1:{closed_port}")
    outage.over()


def times_opened(client: ObjectId) -> int:
    return sum(entry["event"] == "mail.sent" for entry in ledger.entries(client))


def age(mail: ObjectId, days: int) -> None:
    written = datetime.now(UTC) - timedelta(days=days)
    Mail.raw().update_one({"_id": mail}, {"$set": {"recorded_at": written}})


def away_for(days: int) -> None:
    since = datetime.now(UTC) - timedelta(days=days)
    Outage._get_collection().update_one({}, {"$set": {"since": since}})


def test_while_the_server_is_away_no_mail_is_opened_and_none_is_given_up(
    flush: Flush, new_client: NewClient, nowhere: Settings, mail_server: MailServer
) -> None:
    client, address = new_client()
    first, second = write(client, address), write(*new_client())
    for mail in (first, second):
        age(mail, days=3)

    for _ in range(2 * MAXIMUM_ATTEMPTS):
        assert flush(nowhere) == Result(waiting=2)
    assert [raw(mail)["attempts"] for mail in (first, second)] == [0, 0]
    assert times_opened(client) == 0
    assert outage.current() is not None

    assert flush() == Result(sent=2)
    assert outage.current() is None


def test_a_mail_is_given_up_once_it_and_the_outage_are_days_old(
    flush: Flush, new_client: NewClient, nowhere: Settings
) -> None:
    old, fresh = write(*new_client()), write(*new_client())
    age(old, days=6)
    assert flush(nowhere) == Result(waiting=2), "the server is away since a moment ago"
    away_for(days=4)
    assert flush(nowhere) == Result(waiting=2)
    away_for(days=6)
    assert flush(nowhere) == Result(dead=1, waiting=1)
    assert [raw(mail)["status"] for mail in (old, fresh)] == ["dead", "queued"]


def test_a_server_that_goes_away_in_the_middle_costs_no_attempt(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    first, second = write(client, address), write(*new_client())

    def leave(_: str) -> str:
        mail_server.stop_listening()
        return DROP

    mail_server.at_data = leave
    assert flush() == Result(failed=2)
    assert [raw(mail)["attempts"] for mail in (first, second)] == [1, 0]
    assert outage.current() is None, "the next look will tell"


def test_the_worker_asks_a_server_that_is_away_only_now_and_then(
    app: Flask,
    empty_outbox: None,
    new_client: NewClient,
    nowhere: Settings,
    mail_settings: Settings,
    mail_server: MailServer,
) -> None:
    mail = write(*new_client())
    with app.app_context():
        send_mails(nowhere, lambda: False)
        send_mails(mail_settings, lambda: False)
        assert raw(mail)["status"] == "queued"
        assert mail_server.sessions == 0
        past = datetime.now(UTC) - timedelta(seconds=1)
        Outage._get_collection().update_one({}, {"$set": {"ask_at": past}})
        send_mails(mail_settings, lambda: False)
    assert raw(mail)["status"] == "sent"


def test_a_campaign_writes_no_more_while_its_mails_wait_for_the_server(
    app: Flask, flush: Flush, new_client: NewClient, nowhere: Settings
) -> None:
    client, address = new_client()
    mail = raw(write(client, address))
    new_client()
    Mail.raw().insert_many({**mail, "_id": ObjectId()} for _ in range(MOST_WAITING - 1))
    flush(nowhere)
    with without(Campaign):
        campaigns.begin("policy/2098-01", MailKind.POLICY_CHANGED, "/", datetime.now(UTC))
        assert campaigns.advance() == 0


@pytest.mark.promise("P31")
def test_news_waits_for_the_end_of_a_restriction_and_is_then_sent(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    mail = outbox.write(MailKind.DELIVERY_UPDATE, client, address, LINK)
    me = Actor.client(client)
    restriction.restrict(client, me, "accuracy", "It is wrong.")
    Mail.raw().delete_many({"_id": {"$ne": mail}})

    for _ in range(2 * MAXIMUM_ATTEMPTS):
        make_due(mail)
        assert flush() == Result(failed=1)
    assert raw(mail)["attempts"] == 0
    assert raw(mail)["next_attempt_at"] - datetime.now(UTC) > HOUR / 2

    restriction.lift(client, me)
    make_due(mail)
    Mail.raw().delete_many({"_id": {"$ne": mail}})
    assert flush() == Result(sent=1)


def test_a_ledger_that_cannot_be_written_costs_no_attempt(
    flush: Flush, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = write(*new_client())

    def fails(*_: object, **__: object) -> int:
        raise LedgerUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "append", fails)
        for _ in range(MAXIMUM_ATTEMPTS + 1):
            make_due(mail)
            assert flush() == Result(failed=1)
    make_due(mail)
    assert flush() == Result(sent=1)
    assert delivery._claim() is None
