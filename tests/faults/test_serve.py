"""``serve`` and its commands as an operator meets them, and everything that can be killed."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from pymongo import MongoClient

from alko.demo.accounts import CLIENT_EMAIL, OTHER_EMAIL, PASSWORD
from tests.faults import running
from tests.faults.running import Serving, until
from tests.faults.visitor import Visitor
from tests.serving import free_port

EVERYTHING = 6
"""Supervisor, web server with two processes, worker, database."""
BACK_AGAIN = 30
"""Seconds in which whatever was killed must have come back by itself."""


@pytest.fixture(scope="module")
def serving(copy_of_seeded: Callable[[], Path]) -> Iterator[Serving]:
    """One portal that the tests below share; each leaves it running."""
    with Serving(copy_of_seeded(), "--demo") as serving:
        serving.start()
        yield serving


@pytest.fixture
def client(serving: Serving) -> Visitor:
    visitor = Visitor(serving.address)
    visitor.sign_in(CLIENT_EMAIL, PASSWORD)
    return visitor


def test_it_answers_and_one_can_sign_in(serving: Serving, client: Visitor) -> None:
    assert client.get("/my-data").status == 200
    assert "Orders" in client.page.text
    assert Visitor(serving.address).get("/my-data").address.endswith("next=/my-data")
    there = serving.processes
    assert (len(there.supervisor), len(there.web_master), len(there.web)) == (1, 1, 2)
    assert (len(there.worker), len(there.database)) == (1, 1)
    assert CLIENT_EMAIL in serving.output
    assert f"answers on {serving.address}" in serving.output


@pytest.mark.parametrize("role", ["web", "web_master", "worker"])
def test_a_killed_process_is_replaced(serving: Serving, client: Visitor, role: str) -> None:
    before = getattr(serving.processes, role)
    os.kill(before[0], signal.SIGKILL)

    def replaced() -> bool:
        now = getattr(serving.processes, role)
        return len(now) == len(before) and before[0] not in now

    until(replaced, BACK_AGAIN, f"another {role}")
    until(lambda: serving.answers, BACK_AGAIN, "the portal answers")
    assert client.get("/my-data").status == 200
    assert client.signed_in
    assert len(serving.processes.all) == EVERYTHING


def test_a_killed_database_comes_back_and_nobody_sees_more_than_a_503(
    serving: Serving, client: Visitor
) -> None:
    over, answers = threading.Event(), []

    def read() -> None:
        visitor = client.at(serving.address)
        while not over.is_set():
            answers.append(visitor.get("/my-data/identity"))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    before = serving.processes.database
    os.kill(before[0], signal.SIGKILL)
    until(lambda: serving.processes.database not in ([], before), BACK_AGAIN, "another database")
    until(lambda: serving.answers, BACK_AGAIN, "the portal is ready")
    over.set()
    for reader in readers:
        reader.join()

    assert {answer.status for answer in answers} <= {200, 503}
    for answer in answers:
        assert "Identity" in answer.text or "We cannot answer right now" in answer.text
    assert client.get("/my-data/identity").status == 200
    assert "The database ended; starting it again." in serving.output
    assert "Traceback" not in serving.output


def test_while_the_database_is_away_the_pages_say_so(serving: Serving, client: Visitor) -> None:
    """The supervisor is held back, for otherwise the database is back within seconds."""
    database = serving.processes.database[0]
    supervisor = serving.process.pid
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(database, signal.SIGKILL)
        begin = time.monotonic()
        page = client.get("/my-data")
        waited = time.monotonic() - begin
    finally:
        os.kill(supervisor, signal.SIGCONT)
    assert page.status == 503
    assert "We cannot answer right now" in page.text
    assert waited < 15, "a page must not keep people waiting"
    until(lambda: client.get("/my-data").status == 200, BACK_AGAIN, "the page is back")


@pytest.mark.promise("P1", "P17")
def test_the_commands_work_beside_a_running_portal(serving: Serving) -> None:
    def command(*words: str) -> str:
        done = running.flask(*words, instance=serving.instance)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    with MongoClient[dict[str, Any]](command("database", "uri").strip()) as database:
        assert database["alko"]["identities"].count_documents({}) > 100
    assert re.search(r"\d+ chains with \d+ entries: all verified", command("ledger", "verify"))
    assert "37 promises" in command("promises", "check")
    assert len(json.loads(command("promises", "check", "--json"))["promises"]) == 37
    assert "Nothing to do." in command("seed", "demo")
    assert re.search(r"\d+ sent, 0 failed, 0 given up", command("mail", "flush"))
    assert len(serving.processes.all) == EVERYTHING, "a command leaves as it found"


def test_a_port_in_use_is_said_in_one_line(serving: Serving, tmp_path: Path) -> None:
    done = running.flask("serve", "--demo", instance=tmp_path / "x", PORT=str(serving.port))
    assert done.returncode != 0
    assert_one_line(done.stderr, str(serving.port), "PORT")
    assert running.processes(tmp_path / "x").all == []


@pytest.mark.promise("P17")
def test_everything_killed_and_nothing_lost(serving: Serving, client: Visitor) -> None:
    other = Visitor(serving.address)
    other.sign_in(OTHER_EMAIL, PASSWORD)
    other.get("/account/profile")
    street = f"{time.time_ns()} Kill Street"
    assert other.submit("main form", street=street).status == 200
    before = held(serving)
    serving.kill_everything()

    serving.start()
    assert not fewer(held(serving), before)
    assert street in other.get("/my-data/contact").text, "still signed in, nothing lost"
    assert client.get("/my-data").status == 200
    assert "Traceback" not in serving.output
    assert len(serving.processes.all) == EVERYTHING
    verified = running.flask("ledger", "verify", instance=serving.instance)
    assert verified.returncode == 0, verified.stderr


def test_ctrl_c_ends_everything_and_a_new_start_keeps_the_data(
    serving: Serving, client: Visitor
) -> None:
    before = held(serving)
    assert serving.press_ctrl_c() == 0
    assert serving.processes.all == []
    assert "Traceback" not in serving.output

    serving.start()
    assert not fewer(held(serving), before)
    assert "25 of 100" not in serving.output, "nothing is seeded again"
    assert client.get("/my-data/orders").status == 200


def test_ctrl_c_while_the_demo_data_is_made_leaves_nothing_running(tmp_path: Path) -> None:
    with Serving(tmp_path / "instance", "--demo") as serving:
        serving.launch()
        until(lambda: "rich history" in serving.output, BACK_AGAIN, "the seed is at work")
        assert serving.press_ctrl_c() != 0, "what was asked for is not there"
        assert serving.processes.all == []
        assert "Traceback" not in serving.output


SOUND = {
    "ALKO_ENV": "production",
    "ALKO_SECRET_KEY": "w8Fq2zLx7Rk4Nv1Tb6Yc9Hd3Jm5Gp0Sa",
    "ALKO_BLIND_INDEX_KEY": "u2Ke5Zr8Xw1Qb4Vn7Mj0Lc3Pf6Ht9Dg2",
    "ALKO_BASE_URL": "https://privacy.example",
    "SMTP_URL": "smtps://mail.example",
    "ALKO_BACKUP_RECIPIENT": "age19awxqfcanchxduq2dw5a2rqk4fd3g85l0lcluarzgh5s0pd2ssesan80q4",
}


@pytest.mark.promise("P14", "P15")
def test_production_without_secrets_names_them_in_one_line(tmp_path: Path) -> None:
    done = running.flask("serve", instance=tmp_path / "x", ALKO_ENV="production")
    assert done.returncode != 0
    assert_one_line(done.stderr, "ALKO_SECRET_KEY", "ALKO_BLIND_INDEX_KEY", "SMTP_URL", "https://")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", [("serve",), ("worker",), ("ledger", "verify")])
def test_production_refuses_an_instance_with_demo_data(
    seeded: Path, command: tuple[str, ...]
) -> None:
    done = running.flask(*command, instance=seeded, **SOUND)
    assert done.returncode != 0
    assert_one_line(done.stderr, "demo data", "ALKO_INSTANCE")
    assert running.processes(seeded).all == []


@pytest.mark.parametrize("command", [("serve", "--demo"), ("seed", "demo")])
def test_production_refuses_to_make_demo_data(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = running.flask(*command, instance=tmp_path / "x", PORT=str(free_port()), **SOUND)
    assert done.returncode != 0
    assert_one_line(done.stderr, "production refuses demo data")
    assert not (tmp_path / "x" / "demo").exists()


def test_every_command_has_help(app: Flask) -> None:
    runner = app.test_cli_runner()
    ours = dict(app.cli.commands)
    for words, command in walk(ours):
        result = runner.invoke(args=[*words, "--help"])
        assert result.exit_code == 0, words
        assert command.help, f"{words} does not say what it does"
        assert command.help.splitlines()[0] in " ".join(result.output.split()), words
    assert {"serve", "worker", "database", "ledger", "mail", "promises", "seed"} <= ours.keys()


def walk(
    commands: dict[str, click.Command], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in commands.items():
        yield (*above, name), command
        if isinstance(command, click.Group):
            yield from walk(command.commands, (*above, name))


def held(serving: Serving) -> dict[str, int]:
    """How many records each collection has."""
    with running.database(serving.instance) as database:
        alko = database["alko"]
        return {name: alko[name].count_documents({}) for name in alko.list_collection_names()}


def fewer(now: dict[str, int], before: dict[str, int]) -> list[str]:
    return [name for name, count in before.items() if now.get(name, 0) < count]


def assert_one_line(text: str, *words: str) -> None:
    assert len(text.strip().splitlines()) == 1, text
    for word in words:
        assert word in text
