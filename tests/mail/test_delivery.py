"""Delivery over a real SMTP conversation: at least once, and no mail twice within its lease."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.keyring import key_name
from alko.mail import dead_letters, delivery, messages, outbox
from alko.mail.delivery import MAXIMUM_ATTEMPTS, Result
from alko.mail.kinds import MailKind
from alko.models.communication import Mail
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.door.access import Actor
from config import Settings
from tests.mail.conftest import Flush, NewClient
from tests.mail.server import DROP, TAKE_AND_DROP, MailServer

LINK = {"link": "/account/reset-password/very-secret-token"}


def write(client: ObjectId, to: str, kind: MailKind = MailKind.NEW_PASSWORD) -> ObjectId:
    return outbox.write(kind, client, to, LINK)


def raw(mail: ObjectId) -> dict[str, Any]:
    found: dict[str, Any] = Mail.raw().find_one({"_id": mail})
    return found


def unsealed(mail: ObjectId) -> dict[str, Any]:
    return connection.current().keyring.unseal(raw(mail)["sealed"])


def make_due(mail: ObjectId) -> None:
    """As if its waiting time, or its lease, had passed."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    Mail.raw().update_one({"_id": mail}, {"$set": {"next_attempt_at": past}})


def test_a_mail_arrives_with_both_parts_and_honest_headers(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    mail = write(client, address)

    assert flush() == Result(sent=1)

    (message,) = mail_server.taken
    assert mail_server.recipients == [address]
    assert message["To"] == address
    assert message["From"] == "ALKO Cars privacy team <contact@alkocars.com>"
    assert message["Subject"] == "Choose a new password"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{mail}@alkocars.com>"
    assert abs(message["Date"].datetime - raw(mail)["recorded_at"]) < timedelta(seconds=2)
    link = "http://localhost/account/reset-password/very-secret-token"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert link in part.get_content()


def test_nothing_is_sent_again(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    write(*new_client())
    flush()

    assert flush() == Result()
    assert len(mail_server.taken) == 1


@pytest.mark.promise("P36")
def test_a_sent_mail_forgets_its_links_and_stays_as_evidence(
    flush: Flush, new_client: NewClient
) -> None:
    client, address = new_client()
    mail = write(client, address)
    assert unsealed(mail) == {"to": address, "context": LINK}

    flush()

    assert unsealed(mail) == {"to": address, "context": {}}
    document = raw(mail)
    assert document["status"] == "sent"
    assert document["sent_at"] >= document["recorded_at"]


@pytest.mark.promise("P11")
def test_a_waiting_mail_is_sealed(new_client: NewClient, empty_outbox: None) -> None:
    client, address = new_client()
    stored = repr(raw(write(client, address)))

    assert address not in stored
    assert "very-secret-token" not in stored


@pytest.mark.promise("P17")
def test_the_ledger_knows_that_the_address_was_opened(flush: Flush, new_client: NewClient) -> None:
    client, address = new_client()
    write(client, address)
    flush()

    entries = [entry for entry in ledger.entries(client) if entry["event"].startswith("mail.")]
    assert [entry["event"] for entry in entries] == ["mail.written", "mail.sent"]
    assert {entry["purpose"] for entry in entries} == {"communication"}
    assert {entry["actor"] for entry in entries} == {"system:mail"}
    assert [entry["details"] for entry in entries] == [{"kind": "new_password"}] * 2


def test_where_the_ledger_cannot_be_written_nothing_is_sent(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    mail = write(client, address)
    # The server refuses every entry of this one client from now on.
    collection = ledger.LedgerEntry.raw()
    validator = ledger.LedgerEntry.schema()
    database = connection.current().database
    refusing = {"$and": [validator, {"client": {"$ne": client}}]}
    database.command("collMod", collection.name, validator=refusing)
    try:
        assert flush() == Result(failed=1)
    finally:
        database.command("collMod", collection.name, validator=validator)

    assert mail_server.taken == []
    make_due(mail)
    assert flush() == Result(sent=1)


def test_a_void_mail_is_never_sent(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    mail = outbox.write(MailKind.NEW_PASSWORD, client, address, LINK, void=True)

    assert flush() == Result()
    assert mail_server.sessions == 0
    assert raw(mail)["status"] == "void"
    assert unsealed(mail) == {"to": "", "context": {}}


def test_a_refusal_for_now_is_tried_again_later(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    mail = write(*new_client())
    mail_server.at_rcpt = lambda _: "450 Mailbox busy"

    assert flush() == Result(failed=1)
    document = raw(mail)
    wait = document["next_attempt_at"] - datetime.now(UTC)
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
    assert (document["status"], document["attempts"]) == ("queued", 1)
    assert flush() == Result(), "not before its time"

    mail_server.at_rcpt = lambda _: None
    make_due(mail)
    assert flush() == Result(sent=1)


def test_a_refusal_for_good_ends_this_mail_and_no_other(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    (client, gone), (other, address) = new_client(), new_client()
    refused = write(client, gone)
    write(other, address)
    mail_server.at_rcpt = lambda to: "550 No such user" if to == gone else None

    assert flush() == Result(sent=1, dead=1)
    assert mail_server.recipients == [address]
    assert raw(refused)["status"] == "dead"


@pytest.mark.parametrize("trouble", ["451 Disk full", "554 No thanks", DROP])
def test_a_server_that_fails_in_the_middle_does_not_stop_the_others(
    flush: Flush, new_client: NewClient, mail_server: MailServer, trouble: str
) -> None:
    (client, unlucky), (other, address) = new_client(), new_client()
    mail = write(client, unlucky)
    write(other, address)
    mail_server.at_data = lambda to: trouble if to == unlucky else None

    assert flush() == Result(sent=1, failed=1)
    assert mail_server.recipients == [address]

    mail_server.at_data = lambda _: None
    make_due(mail)
    assert flush() == Result(sent=1)
    assert mail_server.recipients == [address, unlucky]


def test_waits_grow_from_a_minute_to_six_hours_and_then_end(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    mail = write(client, address)
    mail_server.at_rcpt = lambda _: "450 Mailbox busy"

    waits = []
    for _ in range(MAXIMUM_ATTEMPTS - 1):
        assert flush() == Result(failed=1)
        waits.append(raw(mail)["next_attempt_at"] - datetime.now(UTC))
        make_due(mail)
    assert flush() == Result(dead=1)

    assert waits == sorted(waits)
    assert [round(waits[end] / timedelta(minutes=1)) for end in (0, -1)] == [1, 360]
    assert raw(mail)["status"] == "dead"
    assert raw(mail)["attempts"] == MAXIMUM_ATTEMPTS == 8


def test_an_answer_that_is_lost_repeats_the_mail_under_the_same_message_id(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    mail = write(*new_client())
    mail_server.at_data = lambda _: TAKE_AND_DROP
    assert flush() == Result(failed=1)

    mail_server.at_data = lambda _: None
    make_due(mail)
    assert flush() == Result(sent=1)
    assert {m["Message-ID"] for m in mail_server.taken} == {f"<{mail}@alkocars.com>"}
    assert len(mail_server.taken) == 2, "at least once"


def test_one_event_writes_one_mail_however_many_tell_of_it(
    app: Flask, flush: Flush, new_client: NewClient
) -> None:
    client, address = new_client()
    (other, elsewhere) = new_client()

    def tell(_: int) -> ObjectId:
        return outbox.write(MailKind.POLICY_CHANGED, client, address, LINK, event="policy/2099-01")

    with ThreadPoolExecutor(4) as pool:
        written = set(pool.map(tell, range(8)))
    outbox.write(MailKind.POLICY_CHANGED, other, elsewhere, LINK, event="policy/2099-01")

    assert len(written) == 1
    assert flush() == Result(sent=2)
    assert tell(0) in written, "sent is written as well"
    assert flush() == Result()


def test_a_dead_letter_is_tried_again_with_its_links_or_dropped_without(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    (client, address), (other, elsewhere) = new_client(), new_client()
    mail, unwanted = write(client, address), write(other, elsewhere)
    mail_server.at_rcpt = lambda _: "550 No such user"
    assert flush() == Result(dead=2)
    assert {letter.id for letter in dead_letters.some(0, 10)} == {mail, unwanted}
    officer = Actor.staff(ObjectId(), StaffRole.OFFICER)

    mail_server.at_rcpt = lambda _: None
    assert dead_letters.retry(mail, officer)
    assert not dead_letters.retry(mail, officer), "it is no dead letter any more"
    assert dead_letters.drop(unwanted, officer)
    assert flush() == Result(sent=1)

    part = mail_server.taken[0].get_body(("plain",))
    assert part is not None and LINK["link"] in part.get_content()
    assert (raw(unwanted)["status"], unsealed(unwanted)) == ("dropped", {"to": "", "context": {}})
    assert dead_letters.count() == 0
    told = [(e["event"], e["actor"]) for e in ledger.entries(client)]
    assert ("mail.retried", "staff:officer") in told


@pytest.mark.promise("P25")
def test_a_destroyed_key_ends_this_mail_and_no_other(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    (erased, nobody), (other, address) = new_client(), new_client()
    mail = write(erased, nobody)
    write(other, address)
    keyring = connection.current().keyring
    keyring.destroy([key_name(erased, "account")])
    _wait_until_forgotten(mail)

    assert flush() == Result(sent=1, dead=1)
    assert mail_server.recipients == [address]
    assert raw(mail)["status"] == "dead"


def test_a_mail_that_cannot_be_made_does_not_stop_the_others(
    flush: Flush, new_client: NewClient, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    (client, unlucky), (other, address) = new_client(), new_client()
    mail = write(client, unlucky)
    Mail.raw().update_one({"_id": mail}, {"$set": {"kind": "of a later version"}})
    malformed = write(client, f"{unlucky}\nBcc: everybody@example.com")
    write(other, address)

    assert flush() == Result(sent=1, failed=2)
    assert mail_server.recipients == [address]
    assert {raw(one)["status"] for one in (mail, malformed)} == {"queued"}
    assert unlucky not in caplog.text


def test_a_mail_that_ended_its_sender_each_time_is_not_tried_for_ever(
    flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    mail = write(*new_client())
    for _ in range(MAXIMUM_ATTEMPTS):
        assert delivery._claim() is not None  # and its sender ends without a word
        make_due(mail)
    assert flush() == Result(dead=1)
    assert mail_server.recipients == []


def test_many_senders_at_once_send_each_mail_once(
    app: Flask, flush: Flush, new_client: NewClient, mail_server: MailServer
) -> None:
    client, address = new_client()
    written = {f"<{write(client, address)}@alkocars.com>" for _ in range(30)}

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: flush(), range(4)))

    assert sum(result.sent for result in results) == 30
    received = [str(message["Message-ID"]) for message in mail_server.taken]
    assert len(received) == 30
    assert set(received) == written


def test_a_sender_whose_lease_ran_out_changes_nothing(
    app: Flask, flush: Flush, new_client: NewClient, mail_settings: Settings
) -> None:
    mail = write(*new_client())
    seen = []

    def slow(kind: MailKind, context: dict[str, str]) -> messages.Content:
        if not seen:
            seen.append(raw(mail))
            make_due(mail)  # the lease runs out, and somebody else sends it
            assert flush() == Result(sent=1)
            seen.append(raw(mail))
        return messages.render(kind, context)

    with app.app_context():
        assert delivery.flush(mail_settings, slow) == Result()

    assert seen[1]["status"] == "sent"
    assert raw(mail) == seen[1]


def test_a_late_failure_does_not_end_the_successors_lease(
    app: Flask, flush: Flush, new_client: NewClient, mail_settings: Settings
) -> None:
    mail = write(*new_client())
    seen = []

    def slow(kind: MailKind, context: dict[str, str]) -> messages.Content:
        make_due(mail)
        assert delivery._claim() is not None  # somebody else is at it now
        seen.append(raw(mail))
        raise RuntimeError

    with app.app_context():
        delivery.flush(mail_settings, slow)

    assert raw(mail) == seen[0]


def _wait_until_forgotten(mail: ObjectId) -> None:
    """The driver keeps a key for a moment (Settings.key_cache); poll until it is gone."""
    sealed = raw(mail)["sealed"]
    while connection.current().keyring.unseal_many([sealed]) != [None]:
        pass
