"""The real worker and the real commands, as processes of their own."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from flask import Flask

from alko.backups import rotation
from alko.cli.worker import jobs, run
from alko.database.master_keys import LocalMasterKeys
from alko.mail import delivery, messages, outage, outbox
from alko.mail.delivery import Result
from alko.mail.kinds import MailKind
from alko.models.activity import LedgerCheckpoint
from alko.models.client import Credentials
from alko.models.communication import Mail
from alko.models.housekeeping import Lease
from alko.models.profile import Contact
from alko.privacy import leases
from alko.privacy.identity.accounts import open_account
from config import Settings
from tests.cli.relay import Relay
from tests.mail.server import PAUSE, STALL, MailServer

ROOT = Path(__file__).resolve().parent.parent.parent
LINK = {"link": "/account/sessions"}


@pytest.fixture
def client(app: Flask) -> ObjectId:
    Mail.raw().delete_many({})
    Lease._get_collection().delete_many({})
    client = ObjectId()
    contact = Contact(email=f"{client}@example.com")
    return open_account(client, Credentials(password_hash="x"), contact)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def environment(app: Flask, mail_server: MailServer) -> dict[str, str]:
    settings: Settings = app.config["ALKO"]
    return {
        **os.environ,
        "ALKO_ENV": settings.environment,
        "ALKO_INSTANCE": str(settings.instance),
        "ALKO_DATABASE": settings.database,
        "ALKO_KEY_VAULT_DATABASE": settings.key_vault_database,
        "ALKO_SECRET_KEY": settings.secret_key,
        "ALKO_BLIND_INDEX_KEY": settings.blind_index_key,
        "ALKO_BASE_URL": settings.base_url,
        "MONGODB_URI": settings.mongodb_uri,
        "SMTP_URL": mail_server.url,
    }


@contextmanager
def process(*command: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    child = subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def write(client: ObjectId) -> ObjectId:
    return outbox.write(MailKind.NEW_DEVICE, client, f"{client}@example.com", LINK)


def wait_for(child: subprocess.Popen[str], what: Callable[[], object]) -> None:
    while not what():
        if child.poll() is not None and not what():
            raise AssertionError(f"the process ended: {child.communicate()[0]}")
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_what_is_queued_and_ends_when_told(
    client: ObjectId, environment: dict[str, str], mail_server: MailServer, number: signal.Signals
) -> None:
    before = write(client)
    with process("worker", env=environment) as worker:
        wait_for(worker, lambda: status(before) == "sent")
        later = write(client)
        wait_for(worker, lambda: status(later) == "sent")
        wait_for(worker, lambda: LedgerCheckpoint.raw().find_one({"client": client}))
        worker.send_signal(number)
        output, _ = worker.communicate()

    assert worker.returncode == 0, output
    assert "Traceback" not in output
    assert str(client) not in output
    ids = [mail["Message-ID"] for mail in mail_server.taken]
    assert [sum(str(mail) in one for one in ids) for mail in (before, later)] == [1, 1]


def test_the_present_job_is_finished_first(
    client: ObjectId, environment: dict[str, str], mail_server: MailServer
) -> None:
    mail = write(client)
    mail_server.at_data = lambda _: PAUSE
    with process("worker", env=environment) as worker:
        wait_for(worker, mail_server.stalled.is_set)
        worker.send_signal(signal.SIGTERM)
        mail_server.resume.set()
        output, _ = worker.communicate()

    assert worker.returncode == 0, output
    assert status(mail) == "sent"


def test_a_sender_killed_in_the_middle_costs_neither_the_mail_nor_a_second_one(
    app: Flask, client: ObjectId, environment: dict[str, str], mail_server: MailServer
) -> None:
    mail = write(client)
    mail_server.at_data = lambda _: STALL
    with process("mail", "flush", env=environment) as sender:
        wait_for(sender, mail_server.stalled.is_set)
        sender.kill()
        sender.wait()
    mail_server.at_data = lambda _: None

    with app.app_context():
        settings = settings_with(app, mail_server)
        assert delivery.flush(settings, messages.render) == Result(), "the lease holds"
        past = datetime.now(UTC) - timedelta(seconds=1)
        Mail.raw().update_one({"_id": mail}, {"$set": {"next_attempt_at": past}})
        assert delivery.flush(settings, messages.render) == Result(sent=1)
    assert [message["Message-ID"] for message in mail_server.taken] == [f"<{mail}@alkocars.com>"]


def test_flush_counts_and_fails_when_something_failed(
    client: ObjectId, environment: dict[str, str], mail_server: MailServer
) -> None:
    write(client)
    with process("mail", "flush", env=environment) as command:
        output, _ = command.communicate()
    assert (command.returncode, output.strip()) == (0, "1 sent, 0 failed, 0 given up.")

    write(client)
    mail_server.at_rcpt = lambda to: f"450 {to} is busy"
    with process("mail", "flush", env=environment) as command:
        output, _ = command.communicate()
    assert command.returncode == 1
    assert "0 sent, 1 failed, 0 given up." in output
    assert f"{client}@" not in output


def test_a_job_that_fails_is_logged_without_its_words_and_runs_again(
    app: Flask, client: ObjectId, caplog: pytest.LogCaptureFixture
) -> None:
    failing = jobs(app.config["ALKO"], lambda: False)[0]
    seen = []

    def work() -> None:
        seen.append(1)
        raise ValueError("quotes reader@example.com")

    job = type(failing)(failing.name, failing.every, failing.lease, work)
    run(app, job)
    run(app, job)

    assert len(seen) == 2
    assert "ValueError" in caplog.text
    assert "reader@example.com" not in caplog.text


def test_a_lost_database_does_not_end_the_worker(
    client: ObjectId, environment: dict[str, str]
) -> None:
    database = urlsplit(environment["MONGODB_URI"])
    assert database.hostname and database.port
    with Relay(database.hostname, database.port) as relay:
        through = database.netloc.replace(f":{database.port}", f":{relay.port}")
        address = database._replace(netloc=through, query=f"{database.query}&directConnection=true")
        environment |= {"MONGODB_URI": address.geturl()}
        with process("worker", env=environment) as worker:
            first = write(client)
            wait_for(worker, lambda: status(first) == "sent")
            relay.cut()
            assert worker.stdout is not None
            line = next(line for line in worker.stdout if "mail: " in line)
            relay.mend()
            second = write(client)
            wait_for(worker, lambda: status(second) == "sent")
            worker.terminate()
            output, _ = worker.communicate()

    assert "Timeout" in line or "AutoReconnect" in line
    assert worker.returncode == 0, output


def status(mail: ObjectId) -> str:
    found = Mail.raw().find_one({"_id": mail}, {"status": 1})
    return str(found["status"])


def settings_with(app: Flask, server: MailServer) -> Settings:
    return dataclasses.replace(app.config["ALKO"], smtp_url=server.url)


def test_the_master_key_is_rotated_by_one_process_at_a_time(
    app: Flask, client: ObjectId, environment: dict[str, str]
) -> None:
    local = LocalMasterKeys(app.config["ALKO"].instance / "secrets")
    before = list(local.generations())
    (job,) = [one for one in jobs(app.config["ALKO"], lambda: False) if one.name == rotation.JOB]
    with leases.held(job.name, job.lease.total_seconds()) as mine:
        assert mine
        with process("keys", "rotate", env=environment) as command:
            output, _ = command.communicate()
    assert command.returncode == 1
    (line,) = output.strip().splitlines()
    assert "another process rotates the master key" in line
    assert list(local.generations()) == before


def test_a_flush_says_that_the_mail_server_is_away(
    client: ObjectId, environment: dict[str, str], mail_server: MailServer
) -> None:
    mail = write(client)
    mail_server.stop_listening()
    try:
        with process("mail", "flush", env=environment) as command:
            output, _ = command.communicate()
    finally:
        outage.over()
    assert command.returncode == 1
    assert "the mail server cannot be reached; mails that wait for it: 1" in output
    assert status(mail) == "queued"
