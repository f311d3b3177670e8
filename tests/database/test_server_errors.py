"""What stops the embedded MongoDB is said in one line; each case is really provoked."""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from alko.database import server_process
from alko.database.server import EmbeddedServerError, embedded_server, ensure_running
from alko.database.server_files import ServerFolder
from tests.database.server_helpers import (
    Application,
    kill_servers,
    port_of,
    remember,
    remembered,
    replace_in_blocks,
    running,
)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped server that remembers "kept"."""
    folder = tmp_path_factory.mktemp("stopped") / "database"
    with embedded_server(folder) as server:
        remember(server, "kept")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing was started yet."""
    yield tmp_path / "database"
    kill_servers(tmp_path / "database")


@pytest.fixture
def mongod() -> Path:
    found = server_process._wheel_binary()
    assert found
    return found


def refusal(folder: Path, **options: object) -> str:
    """The one line with which a start on `folder` is refused."""
    with (
        pytest.raises(EmbeddedServerError) as caught,
        embedded_server(folder, **options),  # type: ignore[arg-type]
    ):
        pass
    line = str(caught.value)
    assert "\n" not in line
    assert "Traceback" not in line
    assert running(folder) is None
    return line


def _hang_up_on_everybody(listener: socket.socket) -> None:
    """Be a program that does not understand MongoDB, until `listener` is closed."""
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()


def test_a_busy_port_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is used by another program" in refusal(folder, port=port)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_number_that_is_no_port_is_refused(folder: Path, port: int) -> None:
    assert f"{port} is not a port" in refusal(folder, port=port)


def test_another_port_is_taken_when_the_last_one_is_busy(stopped: Path) -> None:
    last = ServerFolder(stopped).port()
    assert last
    with socket.create_server(("127.0.0.1", last)) as other:
        Thread(target=_hang_up_on_everybody, args=(other,), daemon=True).start()
        with embedded_server(stopped) as server:
            assert port_of(server) != last
            assert remembered(server) == ["kept"]


def test_a_running_server_is_not_moved_under_its_users(stopped: Path) -> None:
    with Application(stopped) as application:
        application.until("IN")
        with (
            pytest.raises(EmbeddedServerError, match="already runs on port"),
            embedded_server(stopped, port=19_999),
        ):
            pass
        application.leave()


def test_a_server_left_by_a_killed_application_can_be_moved(stopped: Path) -> None:
    with Application(stopped) as application:
        application.until("IN")
    with embedded_server(stopped, port=19_998) as server:
        assert port_of(server) == 19_998
        assert remembered(server) == ["kept"]


def test_a_nearly_full_disk_is_refused_with_place_and_amount(folder: Path) -> None:
    line = refusal(folder, minimum_free=10**18)
    assert re.search(r"\d+ MB free at .*database, the database needs at least \d+ MB", line)


def test_a_nearly_full_disk_does_not_keep_one_from_a_running_server(stopped: Path) -> None:
    with embedded_server(stopped) as first:
        with embedded_server(stopped, minimum_free=10**18) as second:
            assert second.pid == first.pid
        assert ensure_running(stopped, minimum_free=10**18).pid == first.pid


def test_data_of_a_newer_feature_version_are_left_alone(stopped: Path) -> None:
    old, new = b"version\0\4\0\0\0006.0\0", b"version\0\4\0\0\0007.0\0"
    assert replace_in_blocks(stopped, old, new)
    assert "written by MongoDB 7.0; the embedded one reads 5.0 to 6.0" in refusal(stopped)
    assert replace_in_blocks(stopped, new, old)
    with embedded_server(stopped) as server:
        assert remembered(server) == ["kept"]


def test_data_of_a_newer_storage_format_are_left_alone(stopped: Path) -> None:
    turtle = stopped / "data" / "WiredTiger.turtle"
    original = turtle.read_bytes()
    turtle.write_bytes(re.sub(rb"(?<=version=\()major=\d+", b"major=99", original))
    assert "written by a newer version of MongoDB" in refusal(stopped)
    turtle.write_bytes(original)
    with embedded_server(stopped) as server:
        assert remembered(server) == ["kept"]


def test_a_missing_mongod_asks_for_a_server_of_ones_own(folder: Path, tmp_path: Path) -> None:
    line = refusal(folder, binary=tmp_path / "none" / "mongod")
    assert "is not installed" in line
    assert "MONGODB_URI" in line


def test_a_missing_system_library_is_named(folder: Path, tmp_path: Path, mongod: Path) -> None:
    altered = tmp_path / "mongod"
    altered.write_bytes(mongod.read_bytes().replace(b"libcurl.so.4", b"libcurl.so.0"))
    altered.chmod(0o700)
    line = refusal(folder, binary=altered)
    assert "libcurl.so.0 is missing" in line
    assert "MONGODB_URI" in line


def test_a_program_for_another_processor_asks_for_a_server_of_ones_own(
    folder: Path, tmp_path: Path, mongod: Path
) -> None:
    foreign = tmp_path / "mongod"
    header = bytearray(mongod.read_bytes()[:4096])
    header[18:20] = (183).to_bytes(2, "little")  # e_machine: aarch64
    foreign.write_bytes(header)
    foreign.chmod(0o700)
    line = refusal(folder, binary=foreign)
    assert "cannot run on this machine" in line
    assert "MONGODB_URI" in line


def test_another_platform_asks_for_a_server_of_ones_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    line = refusal(folder)
    assert "runs on Linux x86-64 only" in line
    assert "MONGODB_URI" in line


def test_a_mongod_without_the_executable_bit_is_made_executable(
    folder: Path, tmp_path: Path, mongod: Path
) -> None:
    plain = tmp_path / "mongod"
    shutil.copyfile(mongod, plain)
    plain.chmod(0o600)
    with embedded_server(folder, binary=plain) as server:
        assert remembered(server) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "database"
    with (
        pytest.raises(EmbeddedServerError, match=f"{folder} cannot be written"),
        embedded_server(folder),
    ):
        pass
