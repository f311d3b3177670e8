"""A policy update to very many clients, over real SMTP, while the sender is killed again and again.

``python -m bench.telling [clients] [kills]``: not a part of ``make bench``, for 100,000 clients
take the better part of an hour. Prints what arrived: nobody may be left out, nobody told twice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

import config
from alko import completed, create_app, preparation
from alko.database import connection
from alko.database.server import embedded_server
from alko.demo.factories import Factory
from alko.mail import campaigns, delivery, messages
from alko.mail.kinds import MailKind
from alko.models.communication import Mail, MailStatus
from bench import crowds
from config import Settings

EVENT = "policy/bench"
LEAST, MOST = 1 / 2_000, 1 / 400
"""Seconds between two kills, for each client: so that they fall on the whole of the run."""


class Sink:
    """Takes every message, and remembers how often each Message-ID came."""

    def __init__(self) -> None:
        self.taken: Counter[bytes] = Counter()

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
        header = envelope.content.partition(b"\r\n\r\n")[0]
        (line,) = [one for one in header.split(b"\r\n") if one.lower().startswith(b"message-id:")]
        self.taken[line] += 1
        return "250 Taken"


def main(clients: int, kills: int) -> None:
    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    with tempfile.TemporaryDirectory(prefix="alko-telling-") as folder:
        controller.start()
        with embedded_server(Path(folder) / "database") as server:
            settings = completed(_settings(folder, server.uri, f"smtp://127.0.0.1:{port}"))
            connection.connect(settings)
            preparation.prepare(settings)
            print(f"(preparing {clients:,} clients)", flush=True)
            crowds.clients(clients - 1, Factory(seed=clients), settings.key_vault_database)
            campaigns.begin(EVENT, MailKind.POLICY_CHANGED, "/privacy", datetime.now(UTC))
            spans = _spans(clients, kills)
            took = _run(folder, server.uri, settings.smtp_url or "", spans)
            _say(clients, sink, took)
        controller.stop(no_assert=True)


def _settings(folder: str, uri: str, smtp: str) -> Settings:
    return dataclasses.replace(
        config.Settings(),
        environment="development",
        instance=Path(folder),
        mongodb_uri=uri,
        smtp_url=smtp,
    )


def _spans(clients: int, kills: int) -> list[float]:
    """How many seconds each sender is given before it is killed."""
    chance = random.Random(kills)
    return [clients * chance.uniform(LEAST, MOST) for _ in range(kills)]


def _run(folder: str, uri: str, smtp: str, spans: list[float]) -> float:
    """Have it sent by processes, all but the last of which are killed; returns the seconds."""
    began = time.monotonic()
    for span in (*spans, None):
        # The address of the database holds its password: no command line may.
        told = {**os.environ, "MONGODB_URI": uri, "SMTP_URL": smtp}
        sender = subprocess.Popen([sys.executable, "-m", "bench.telling", "work", folder], env=told)
        if span is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                sender.wait(span)
            sender.kill()
            print(f"(killed; written so far: {Mail.raw().count_documents({}):,})", flush=True)
        sender.wait()
    return time.monotonic() - began


def work(folder: str) -> None:
    """One sender, until all is written and sent."""
    settings = completed(_settings(folder, os.environ["MONGODB_URI"], os.environ["SMTP_URL"]))
    app = create_app(settings)
    with app.app_context():
        while True:
            campaigns.advance()
            delivery.flush(settings, messages.render)
            progress = campaigns.progress(EVENT)
            waiting = {"event": EVENT, "status": MailStatus.QUEUED.value}
            if progress and progress.finished_at and not Mail.raw().find_one(waiting, {"_id": 1}):
                break
            time.sleep(0.2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"(the last sender used at most {peak} MB)", flush=True)


def _say(clients: int, sink: Sink, took: float) -> None:
    written = Counter(one["client"] for one in Mail.raw().find({"event": EVENT}, {"client": 1}))
    twice = sum(1 for count in sink.taken.values() if count > 1)
    print(
        f"{clients:,} clients: {len(written):,} have a mail, {max(written.values())} at most each; "
        f"{len(sink.taken):,} arrived, {twice} of them twice; "
        f"{took:.0f} s, {took / clients * 1000:.0f} ms each"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(*sys.argv[2:])
    else:
        os.environ.setdefault("PYTHONUNBUFFERED", "1")
        given = [int(one) for one in sys.argv[1:]]
        main(*given, *(100_000, 10)[len(given) :])
