"""What the tests of the embedded server share: an application to kill, files to damage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient

import alko
from alko.database import server_process
from alko.database.server import Server
from alko.database.server_files import ServerFolder

_APPLICATION = """
import signal, sys
from pathlib import Path
from alko.database.server import embedded_server

def step(text):
    print(text, flush=True)
    if sys.argv[2] in text:
        print("HELD", flush=True)
        signal.pause()

signal.signal(signal.SIGINT, signal.SIG_IGN)
with embedded_server(Path(sys.argv[1]), on_event=step) as server:
    print(f"IN {server.pid} {server.started_here}", flush=True)
    sys.stdin.readline()
print("OUT", flush=True)
"""


class Application:
    """A separate process that uses the server of `folder`, in a process group of its own.

    It stops for good at the step whose text contains `hold_at`.
    """

    def __init__(self, folder: Path, hold_at: str = "(never)") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _APPLICATION, str(folder), hold_at],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(str(alko.__file__)).parents[1])},
        )

    def __enter__(self) -> Application:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def until(self, word: str) -> list[str]:
        """Wait for the line that begins with `word`; returns its words."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(word):
                return line.split()
        raise AssertionError(f"the application ended before it said {word}")

    def leave(self) -> None:
        """Let it leave the block, and wait until it has."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.until("OUT")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


def connect(server: Server) -> MongoClient[dict[str, Any]]:
    return MongoClient(server.uri, serverSelectionTimeoutMS=20_000)


def anonymous(server: Server) -> MongoClient[dict[str, Any]]:
    """A client that found the port but has no password."""
    return MongoClient("127.0.0.1", port_of(server), directConnection=True)


def remember(server: Server, value: str) -> None:
    """Store `value` with the acknowledgement of the majority."""
    with connect(server) as client:
        client.test.values.insert_one({"value": value})


def remembered(server: Server) -> list[str]:
    with connect(server) as client:
        return [record["value"] for record in client.test.values.find()]


def port_of(server: Server) -> int:
    port = urlsplit(server.uri).port
    assert port
    return port


def running(folder: Path) -> int | None:
    """The pid of the server on `folder`, or None."""
    found = server_process.find_running(ServerFolder(folder))
    return found[0] if found else None


def kill_servers(folder: Path) -> None:
    """kill -9 to every mongod started on `folder`, half started ones too."""
    for pid in server_process._mongods_on(ServerFolder(folder)):
        os.kill(pid, signal.SIGKILL)


def replace_in_blocks(folder: Path, old: bytes, new: bytes) -> int:
    """Replace `old` by `new` (same length) in the collections' files; returns how often.

    The block's CRC-32C, which is also kept where we do not look, is restored through the
    unused last four bytes of the 4 kB block: that is how a stopped server's records can be
    changed in ways that a running one refuses.
    """
    count = 0
    for file in folder.glob("data/collection-*.wt"):
        content = bytearray(file.read_bytes())
        at = content.find(old)
        while at >= 0:
            start = at // 4096 * 4096
            block = content[start : start + 4096]
            checksum = block[32:36]
            block[32:36] = bytes(4)  # computed as if it were zero
            assert _crc32c(block) == int.from_bytes(checksum, "little")
            block[at - start : at - start + len(new)] = new
            _force_crc32c(block, int.from_bytes(checksum, "little"))
            block[32:36] = checksum
            content[start : start + 4096] = block
            count += 1
            at = content.find(old, at + 1)
        file.write_bytes(content)
    return count


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def _crc32c(data: bytearray) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _force_crc32c(block: bytearray, wanted: int) -> None:
    """Choose the last four bytes so that the CRC is `wanted`: 32 linear equations."""
    block[-4:] = bytes(4)
    base = _crc32c(block)
    rows: dict[int, tuple[int, int]] = {}
    for bit in range(32):
        block[-4:] = (1 << bit).to_bytes(4, "little")
        effect, bits = _crc32c(block) ^ base, 1 << bit
        while effect and effect.bit_length() in rows:
            known = rows[effect.bit_length()]
            effect, bits = effect ^ known[0], bits ^ known[1]
        if effect:
            rows[effect.bit_length()] = (effect, bits)
    rest, solution = base ^ wanted, 0
    while rest:
        effect, bits = rows[rest.bit_length()]
        rest, solution = rest ^ effect, solution ^ bits
    block[-4:] = solution.to_bytes(4, "little")
