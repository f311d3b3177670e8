"""The virus scanner: ClamAV's `clamd`, asked over a socket with INSTREAM.

A client of our own, because the protocol is four lines and the package on PyPI is from 2014. Note
for operators: clamd writes what it scans to its TemporaryDirectory, so that must be a tmpfs.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from typing import Final, Protocol

_CHUNK: Final = 64 * 1024
_ANSWER: Final = 4096
_FOUND = re.compile(r"stream: (.+) FOUND", re.DOTALL)


class ScannerUnavailable(Exception):
    """The scanner gave no verdict: unreachable, too slow, at its limits or out of order."""


class Scanner(Protocol):
    """Something that knows harmful files."""

    def scan(self, data: bytes) -> str | None:
        """The name of what was found in `data`; None if nothing. Raises ScannerUnavailable."""
        ...


class Clamd:
    """A clamd at `unix:/path` or `tcp://host:port`."""

    def __init__(self, address: str, seconds: float = 30.0) -> None:
        """`seconds` bounds one scan as a whole. Raises ValueError for another kind of address."""
        self._family, self._target = parse_address(address)
        self._seconds = seconds

    def scan(self, data: bytes) -> str | None:
        answer = self._ask(data)
        if answer == "stream: OK":
            return None
        if found := _FOUND.fullmatch(answer):
            return found[1]
        raise ScannerUnavailable("clamd gave no verdict")

    def _ask(self, data: bytes) -> str:
        deadline = time.monotonic() + self._seconds
        answer = bytearray()
        try:
            with socket.socket(self._family, socket.SOCK_STREAM) as connection:
                connection.settimeout(_left(deadline))
                connection.connect(self._target)
                connection.sendall(b"zINSTREAM\0")
                view = memoryview(data)
                for start in range(0, len(view), _CHUNK):
                    chunk = view[start : start + _CHUNK]
                    connection.settimeout(_left(deadline))
                    connection.sendall(struct.pack("!L", len(chunk)))
                    connection.sendall(chunk)
                connection.sendall(struct.pack("!L", 0))
                while not answer.endswith(b"\0") and len(answer) < _ANSWER:
                    connection.settimeout(_left(deadline))
                    if not (piece := connection.recv(_ANSWER)):
                        break
                    answer += piece
        except OSError as error:
            raise ScannerUnavailable(f"clamd: {type(error).__name__}") from None
        if not answer.endswith(b"\0"):  # cut off: "stream: OK" may have been going on
            raise ScannerUnavailable("clamd: answer cut off")
        return answer.rstrip(b"\0").decode(errors="replace")


def parse_address(address: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    """What `socket` needs for an address as the settings write it. Raises ValueError."""
    if address.startswith("unix:/"):
        return socket.AF_UNIX, address.removeprefix("unix:")
    if found := re.fullmatch(r"tcp://([\w.-]+):(\d{1,5})", address, re.ASCII):
        return socket.AF_INET, (found[1], int(found[2]))
    raise ValueError("use unix:/path or tcp://host:port")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
