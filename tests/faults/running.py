"""The portal as an operator runs it: ``serve`` with all its processes, to watch and to kill."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient

from tests.serving import ROOT, free_port

START_SECONDS = 60
END_SECONDS = 60
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def environment(instance: Path, **settings: str) -> dict[str, str]:
    """Only what a shell has anyway, and these settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "ALKO_ENV": "development",
        "ALKO_INSTANCE": str(instance),
        "WEB_CONCURRENCY": "2",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def flask(*command: str, instance: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``flask --app wsgi <command>`` to its end."""
    return subprocess.run(
        [*FLASK, *command],
        cwd=ROOT,
        env=environment(instance, **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )


@dataclass(frozen=True)
class Processes:
    """Everything that runs for one instance folder, by what it does."""

    supervisor: list[int]
    web_master: list[int]
    web: list[int]
    worker: list[int]
    database: list[int]

    @property
    def all(self) -> list[int]:
        return self.supervisor + self.web_master + self.web + self.worker + self.database


def processes(instance: Path) -> Processes:
    """Found by their environment and command line, so that nobody is overlooked."""
    roles: dict[str, list[int]] = {
        "supervisor": [], "web_master": [], "web": [], "worker": [], "database": []
    }  # fmt: skip
    mark = f"ALKO_INSTANCE={instance}".encode()
    database = str(instance / "database" / "data")
    masters = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError, IndexError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            ours = mark in (entry / "environ").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            number = int(entry.name)
            if database in words:
                roles["database"].append(number)
            elif ours and "gunicorn" in words:
                masters[number] = parent
            elif ours and "serve" in words:
                roles["supervisor"].append(number)
            elif ours and "worker" in words:
                roles["worker"].append(number)
    for number, parent in masters.items():
        roles["web" if parent in masters else "web_master"].append(number)
    return Processes(**roles)


def database(instance: Path) -> MongoClient[dict[str, Any]]:
    """The running database as MongoDB's own user, who may read all but holds none of our keys."""
    return MongoClient(
        "127.0.0.1",
        int((instance / "database" / "port").read_text()),
        username="__system",
        password=(instance / "database" / "keyFile").read_text().strip(),
        authSource="local",
        authMechanism="SCRAM-SHA-256",
        directConnection=True,
        tz_aware=True,
    )


def until(happens: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until ``happens()`` is true; fails with ``what`` when it takes longer."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.1)


class Serving:
    """``serve`` in a process group of its own, as in a terminal; gone when the block ends."""

    def __init__(self, instance: Path, *options: str, **settings: str) -> None:
        self.instance = instance
        self.port = int(settings.get("PORT", 0)) or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._output = instance.with_name(f"{instance.name}-{self.port}.txt")
        self._options = options
        self._settings = {**settings, "PORT": str(self.port)}
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Start and wait until it says that it is there; what it says is kept."""
        self.launch()
        until(lambda: self.answers or self._ended, START_SECONDS, "the portal answers")
        assert not self._ended, f"it did not start:\n{self.output}"

    def launch(self) -> None:
        """Start without waiting."""
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [*FLASK, "serve", *self._options],
                cwd=ROOT,
                env=environment(self.instance, **self._settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """All that it and its children have printed, earlier starts included."""
        return self._output.read_text()

    @property
    def answers(self) -> bool:
        """Whether it says that it is ready."""
        probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(probe), contextlib.suppress(OSError, http.client.HTTPException):
            probe.request("GET", "/readyz")
            return probe.getresponse().status == 200
        return False

    @property
    def _ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def processes(self) -> Processes:
        return processes(self.instance)

    def press_ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole process group. Returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(END_SECONDS)

    def kill_everything(self) -> None:
        """kill -9, the supervisor first so that it cannot start anything again."""
        for number in self.processes.all:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        until(lambda: not self.processes.all, END_SECONDS, "all killed processes are gone")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill_everything()
