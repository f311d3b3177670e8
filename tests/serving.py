"""The portal as it really runs: a server process of its own, reached over a socket."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180
"""Seconds until a start counts as failed: first starts seed a database, and machines differ."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Run ``python -m <command>`` with only these settings, until the block ends.

    Yields the address. ``{port}`` in the command is replaced. What it prints goes to
    ``output.txt`` in ``folder``, and into the failure if it does not start or stop in order.
    """
    port = free_port()
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *(part.replace("{port}", str(port)) for part in command)],
            cwd=ROOT,
            env={**_kept(), **environment, "PORT": str(port)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, port, output)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The output of ``python -m <command>`` with only these settings; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**_kept(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def _wait(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        probe = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            probe.request("GET", "/healthz")
            probe.getresponse()
            return  # it answers, which is all that is asked here
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            probe.close()
    raise AssertionError(f"the portal did not start:\n{output.read_text()[-3000:]}")
