"""A real clamd with a signature file of our own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.serving import ROOT
from tests.vault.inspection.making import EICAR

UNPACKED = ROOT / ".venv/clamd/usr/sbin/clamd"
CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd.sock
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}/temporary
LogFile {folder}/clamd.log
PidFile {folder}/clamd.pid
StreamMaxLength 16M
"""


@dataclass(frozen=True)
class Clamav:
    unix: str
    tcp: str


@pytest.fixture(scope="session")
def clamav() -> Iterator[Clamav]:
    program = shutil.which("clamd") or (UNPACKED if UNPACKED.exists() else None)
    assert program, "run tools/system-packages scanner"
    # A short path, since sockets have a limit, and in memory, as operators are told to.
    with tempfile.TemporaryDirectory(prefix="clamd", dir="/dev/shm") as name:
        folder = Path(name)
        (folder / "signatures").mkdir()
        (folder / "temporary").mkdir()
        line = f"Test.Eicar:0:*:{EICAR.hex()}\n"
        (folder / "signatures/own.ndb").write_text(line)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
        with subprocess.Popen(
            [str(program), f"--config-file={folder}/clamd.conf"], stdout=subprocess.DEVNULL
        ) as running:
            try:
                wait_until_it_listens(running, port, folder / "clamd.log")
                yield Clamav(f"unix:{folder}/clamd.sock", f"tcp://127.0.0.1:{port}")
            finally:
                running.terminate()
                try:
                    running.wait(10)
                except subprocess.TimeoutExpired:
                    running.kill()


def wait_until_it_listens(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        assert running.poll() is None, log.read_text() if log.exists() else "clamd ended"
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
