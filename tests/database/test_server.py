"""The embedded MongoDB: shared, private, found again after anything. A real mongod throughout."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from alko.database.server import (
    EmbeddedServerError,
    Server,
    embedded_server,
    ensure_running,
    is_alive,
)
from alko.database.server_files import ServerFolder
from alko.database.server_process import cache_size
from tests.database.server_helpers import (
    Application,
    anonymous,
    connect,
    kill_servers,
    port_of,
    remember,
    remembered,
    running,
)

INTERRUPTIONS = [
    "starting the database",
    "database listening",
    "creating the replica set",
    "replica set created",
    "creating the database user",
    "database user created",
    "database ready",
]


@pytest.fixture(scope="module")
def running_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running") / "database"


@pytest.fixture(scope="module")
def server(running_folder: Path) -> Iterator[Server]:
    """A server for the tests that only look at it."""
    with embedded_server(running_folder) as server:
        yield server


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped server that remembers "kept"; to be copied, not used."""
    folder = tmp_path_factory.mktemp("stopped") / "database"
    with embedded_server(folder) as server:
        remember(server, "kept")
    return folder


@pytest.fixture
def folder(stopped: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of `stopped` of one's own."""
    copy = tmp_path / "database"
    # The prepared journal files are 200 MB of nothing; MongoDB makes them again.
    shutil.copytree(stopped, copy, ignore=shutil.ignore_patterns("WiredTigerPreplog*"))
    yield copy
    kill_servers(copy)


@pytest.fixture
def new_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "instance" / "database"
    kill_servers(tmp_path / "instance" / "database")


# --- one server --------------------------------------------------------------------------------


def test_first_start_gives_a_database_with_transactions(server: Server) -> None:
    assert server.started_here
    assert is_alive(server)
    with connect(server) as client, client.start_session() as session:
        with session.start_transaction():
            client.test.both.insert_one({"n": 1}, session=session)
            client.test.both.insert_one({"n": 2}, session=session)
        assert client.test.both.count_documents({}) == 2


def test_a_stranger_on_the_machine_learns_nothing(server: Server) -> None:
    with (
        anonymous(server) as stranger,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        stranger.list_database_names()


def test_it_listens_on_loopback_only(server: Server) -> None:
    listening = [
        fields[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for fields in map(str.split, Path(table).read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[1].endswith(f":{port_of(server):04X}")
    ]
    assert listening == [f"0100007F:{port_of(server):04X}"]


def test_nothing_is_readable_by_other_users(server: Server, running_folder: Path) -> None:
    everything = [running_folder, *running_folder.rglob("*")]
    assert [path for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert stat.S_IMODE((running_folder / "credentials.json").stat().st_mode) == 0o600


def test_the_password_is_in_no_command_line_log_or_repr(
    server: Server, running_folder: Path
) -> None:
    home = ServerFolder(running_folder)
    seen = Path(f"/proc/{server.pid}/cmdline").read_text() + home.log.read_text() + repr(server)
    assert home.password() not in seen
    assert home.secret() not in seen


def test_the_log_does_not_repeat_what_people_store(server: Server, running_folder: Path) -> None:
    with connect(server) as client:
        shelf = client.test.shelf
        shelf.create_index("name", unique=True)
        shelf.insert_one({"name": "Ada-Lovelace"})
        client.test.create_collection("strict", validator={"sealed": {"$type": "binData"}})
        for failing in (
            lambda: shelf.insert_one({"name": "Ada-Lovelace"}),
            lambda: client.test.strict.insert_one({"sealed": "Ada-Lovelace"}),
            lambda: list(shelf.find({"$nonsense": "Ada-Lovelace"})),
            lambda: shelf.update_one({}, {"$inc": {"name": 1}}),
        ):
            with pytest.raises(PyMongoError):
                failing()
    assert "Ada-Lovelace" not in (running_folder / "mongod.log").read_text()


# --- shared by processes -------------------------------------------------------------------------


def test_processes_share_it_and_the_last_one_out_stops_it(folder: Path) -> None:
    with Application(folder) as first, Application(folder) as second:
        (_, pid, first_started), (_, same, second_started) = first.until("IN"), second.until("IN")
        assert pid == same
        assert {first_started, second_started} == {"True", "False"}
        first.leave()
        assert running(folder) == int(pid)
        second.leave()
        assert running(folder) is None


def test_two_first_starts_at_once_make_one_server(new_folder: Path) -> None:
    with Application(new_folder) as first, Application(new_folder) as second:
        assert first.until("IN")[1] == second.until("IN")[1]
        second.leave()
        first.leave()


def test_a_killed_application_leaves_a_server_that_is_found_again(folder: Path) -> None:
    with Application(folder) as application:
        pid = int(application.until("IN")[1])
        os.killpg(application.process.pid, signal.SIGINT)  # Ctrl-C reaches the whole group
        application.kill()
    with embedded_server(folder) as server:
        assert (server.pid, server.started_here) == (pid, False)
        assert remembered(server) == ["kept"]
    assert running(folder) is None


def test_forked_workers_neither_stop_it_nor_keep_it(folder: Path) -> None:
    try:
        with embedded_server(folder) as server:
            leaving = os.fork()
            if leaving == 0:
                sys.exit()  # as a web worker does: it unwinds the parent's blocks in the child
            os.waitpid(leaving, 0)
            assert is_alive(server)
            staying = os.fork()
            if staying == 0:
                signal.pause()
    except SystemExit:
        os._exit(0)
    assert running(folder) is None
    os.kill(staying, signal.SIGKILL)
    os.waitpid(staying, 0)


# --- after a crash -------------------------------------------------------------------------------


def test_a_killed_server_comes_back_on_its_port_with_its_data(folder: Path) -> None:
    with embedded_server(folder) as server, connect(server) as client:
        client.test.values.insert_one({"value": "last word"})
        os.kill(server.pid, signal.SIGKILL)
        again = ensure_running(folder)
        assert not is_alive(server)
        assert again.uri == server.uri
        assert client.test.values.count_documents({}) == 2
        assert ensure_running(folder).pid == again.pid
    assert running(folder) is None


def test_a_stale_pid_of_another_process_is_not_taken_for_the_server(folder: Path) -> None:
    (folder / "data" / "mongod.lock").write_text(f"{os.getpid()}\n")
    with embedded_server(folder) as server:
        assert server.pid != os.getpid()
        assert remembered(server) == ["kept"]


@pytest.mark.parametrize("step", INTERRUPTIONS)
def test_an_interrupted_first_start_is_completed_by_the_next(new_folder: Path, step: str) -> None:
    with Application(new_folder, hold_at=step) as application:
        application.until("HELD")
        application.kill()
    # Every other time the server dies as well, as in a power cut.
    if INTERRUPTIONS.index(step) % 2:
        kill_servers(new_folder)
    with embedded_server(new_folder) as server:
        remember(server, "first")
        assert remembered(server) == ["first"]


def test_half_made_data_files_are_put_aside(new_folder: Path) -> None:
    (new_folder / "data").mkdir(parents=True)
    (new_folder / "data" / "WiredTiger").write_bytes(b"WiredTiger\nWired")
    (new_folder / "data" / "WiredTiger.turtle").write_bytes(b"")
    with embedded_server(new_folder) as server:
        remember(server, "first")
    assert len(list(new_folder.glob("data.interrupted-*"))) == 1


def test_damaged_data_are_never_put_aside(folder: Path) -> None:
    (folder / "data" / "WiredTiger.turtle").write_bytes(b"nonsense")
    (folder / "data" / "WiredTiger.wt").write_bytes(b"nonsense")
    with pytest.raises(EmbeddedServerError, match="did not start"), embedded_server(folder):
        pass
    assert list(folder.glob("data.interrupted-*")) == []


def test_lost_secrets_are_replaced_and_the_data_kept(folder: Path) -> None:
    (folder / "credentials.json").unlink()
    (folder / "keyFile").write_text("")
    with embedded_server(folder) as server:
        assert remembered(server) == ["kept"]


@pytest.mark.parametrize(
    ("gigabytes", "cache"), [(0.5, 0.25), (1, 0.25), (2, 0.25), (4, 0.5), (8, 1.0), (512, 1.0)]
)
def test_the_cache_follows_the_memory_within_bounds(gigabytes: float, cache: float) -> None:
    assert cache_size(int(gigabytes * 2**30)) == cache
