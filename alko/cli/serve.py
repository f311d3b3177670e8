"""``serve``: database, web server and worker together, started and stopped as one."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from alko import demo
from alko.cli.database import fail, portal_database
from alko.database.server import EmbeddedServerError, Server, ensure_running, is_alive
from config import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 15
MOST_FAILED_STARTS = 5
"""So often in a row the database may fail to start again before all ends with its reason."""
PR_SET_PDEATHSIG = 1


@click.command("serve")
@click.option("--demo", "demo_data", is_flag=True, help="Fill an empty database with demo data.")
@with_appcontext
def serve(demo_data: bool) -> None:
    """Run the portal: database (embedded unless MONGODB_URI is set), web server, worker."""
    settings: Settings = current_app.config["ALKO"]
    if demo_data:
        try:
            demo.refuse_in_production(settings)
        except demo.DemoRefused as refusal:
            raise fail(str(refusal)) from None
    _check_port(settings)
    stopping = _stop_on_signals()
    with portal_database(settings) as (settings, server):
        if demo_data:
            demo.seed_if_empty(settings)
        if stopping.is_set():
            raise click.Abort
        click.echo(f"The portal answers on http://{settings.host}:{settings.port}")
        if demo_data:
            click.echo(demo.accounts_table())
        click.echo("Press Ctrl-C to stop.")
        _Supervisor(settings, server, demo_data, stopping).run()


def _stop_on_signals() -> threading.Event:
    """Interrupt whatever is going on, and remember it: an interruption that arrives while the
    driver's C code calls back into Python is swallowed there.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise fail(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
                "set PORT to another number"
            ) from None


class _Supervisor:
    """Keeps the web server and the worker running, and the embedded database below them."""

    def __init__(
        self,
        settings: Settings,
        server: Server | None,
        demo_data: bool,
        stopping: threading.Event,
    ) -> None:
        self._settings = settings
        self._server = server
        self._stop_asked = stopping
        self._failed_starts = 0
        self._environment = {
            **os.environ,
            "MONGODB_URI": settings.mongodb_uri,
            "ALKO_INSTANCE": str(settings.instance),
            "ALKO_ENV": settings.environment,
            "ALKO_DEMO": "1" if demo_data or settings.demo else "",
        }
        self._commands = {"web server": self._web(), "worker": self._worker()}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for name in self._commands:
            self._start(name)
        try:
            while not self._stopping:
                time.sleep(0.5)
                self._look_after()
        finally:
            self._end_children()

    def _look_after(self) -> None:
        for name, child in list(self._children.items()):
            if child.poll() is not None and not self._stopping:
                click.echo(f"The {name} ended ({child.returncode}); starting it again.", err=True)
                time.sleep(1)
                self._start(name)
        if self._server is not None and not is_alive(self._server) and not self._stopping:
            click.echo("The database ended; starting it again.", err=True)
            try:
                self._server = ensure_running(self._settings.instance / "database")
                self._failed_starts = 0
            except EmbeddedServerError as error:
                # What hindered it once (a busy machine, a port just given up) may be over soon.
                self._failed_starts += 1
                if self._failed_starts == MOST_FAILED_STARTS:
                    raise fail(str(error)) from None
                click.echo(str(error), err=True)

    def _start(self, name: str) -> None:
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own commands
            self._commands[name],
            cwd=ROOT,
            env=self._environment,
            preexec_fn=_die_with_parent,
            start_new_session=True,
        )

    @property
    def _stopping(self) -> bool:
        return self._stop_asked.is_set()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked.set()

    def _end_children(self) -> None:
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _web(self) -> list[str]:
        settings = self._settings
        return [
            *(sys.executable, "-m", "gunicorn", "wsgi:app"),
            *("--bind", f"{settings.host}:{settings.port}"),
            *("--workers", str(settings.web_workers), "--threads", "4"),
            *("--worker-tmp-dir", "/dev/shm"),  # noqa: S108 - heartbeats only
            *("--log-level", "warning", "--no-control-socket"),
        ]

    def _worker(self) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


def _die_with_parent() -> None:
    """Linux: a supervisor killed with -9 takes its children along, so that nothing lingers."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
