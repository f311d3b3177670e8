"""The folder of the embedded MongoDB: what lies in it, who may read it, who may use it when.

    start.lock          held while deciding to start or stop: one decision at a time
    users.lock          shared by every process that uses the server
    keyFile             the server's internal secret        } all 0600, none on a command line
    credentials.json    the application's user and password } or in a log
    port                the port it was last started on
    mongod.log .1 .2    this run's log and the ones before
    data/               MongoDB's own files; data/alko-ready says that the set-up was completed

Locks are flock(2): the kernel drops them when the last holder ends, however it ends, so a
process killed with -9 leaves nothing behind to clean up.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alko import files
from alko.database.server_errors import EmbeddedServerError, disk_full, nearly_full

USER = "alko"
LOG_KEPT = 3
LOG_MAXIMUM = 16_000_000  # bytes


@dataclass(frozen=True)
class ServerFolder:
    """The paths inside the folder of one embedded server (an absolute path)."""

    path: Path

    @property
    def data(self) -> Path:
        """MongoDB's own files."""
        return self.path / "data"

    @property
    def key_file(self) -> Path:
        """The internal secret of the replica set."""
        return self.path / "keyFile"

    @property
    def log(self) -> Path:
        """The log of the running (or last) server."""
        return self.path / "mongod.log"

    @property
    def ready(self) -> Path:
        """Exists once the set-up was completed, that is: once there may be data to lose.

        It lies with the data so that a copy of the data carries it along.
        """
        return self.data / "alko-ready"

    def prepare(self) -> None:
        """Create what a server needs to start, private to this user; safe to repeat.

        Only while deciding(): two processes must not make different secrets. Raises OSError
        when the folder cannot be written.
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.data.chmod(0o700)
        self.secret()
        self.password()

    def check_room(self, minimum_free: int) -> None:
        """Raises EmbeddedServerError when fewer than `minimum_free` bytes are left."""
        free = shutil.disk_usage(self.path).free
        if free < minimum_free:
            raise nearly_full(self.path, free, minimum_free)

    def secret(self) -> str:
        """The content of the key file, made on first use. 6-1024 base64 characters."""
        if not _has_content(self.key_file):
            write_private(self.key_file, secrets.token_hex(256))
        # A copied or restored folder may have lost its modes; mongod refuses an open key file.
        self.key_file.chmod(0o600)
        return self.key_file.read_text().strip()

    def password(self) -> str:
        """The password of the user the application signs in as, made on first use.

        A lost or broken file is replaced: the set-up then gives the user the new password.
        """
        file = self.path / "credentials.json"
        try:
            known = json.loads(file.read_text())
            password = str(known["password"])
            file.chmod(0o600)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            password = secrets.token_urlsafe(32)
            write_private(file, json.dumps({"user": USER, "password": password}))
        return password

    def port(self) -> int | None:
        """The port of the last start, or None."""
        try:
            return int((self.path / "port").read_text())
        except (OSError, ValueError):
            return None

    def remember_port(self, port: int) -> None:
        """Written before the server starts, so that an interrupted start is found again."""
        if port != self.port():
            write_private(self.path / "port", str(port))

    def rotate_log(self) -> None:
        """Put this run's log behind the earlier ones; LOG_KEPT files are kept in all."""
        if not self.log.exists():
            return
        for number in range(LOG_KEPT - 1, 0, -1):
            older = self.log if number == 1 else self.log.with_name(f"mongod.log.{number - 1}")
            if older.exists():
                older.replace(self.log.with_name(f"mongod.log.{number}"))

    def log_lines(self, tail: int = 500_000) -> list[str]:
        """The last `tail` bytes of this run's log, as lines; empty when there is none."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - tail))
                return file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []

    @contextmanager
    def deciding(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the start lock: nobody else starts, joins or stops the server meanwhile.

        Creates the folder (0700). Raises EmbeddedServerError when that is impossible.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise not_writable(self.path, error) from None
        with _open_lock(self.path / "start.lock") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another process that starts or stops the database")
                fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)

    def enter_users(self) -> UserLock:
        """Count this process among the users; only while deciding()."""
        return UserLock(self.path / "users.lock")


class UserLock:
    """One use of the server: a shared lock, taken on a file opened for this use alone.

    A flock belongs to the open file, and a forked child shares its parent's. So children (web
    workers) are part of their parent's use: they keep it alive if the parent is killed with -9
    and they live on, which is right, since they still talk to the server. The parent ends the
    use for all of them, by unlocking instead of merely closing. A child that comes by here (a
    worker that leaves by SystemExit unwinds the parent's `with` blocks in the child) must
    change nothing: see `is_mine`. Programs started with exec do not inherit the file.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._owner = os.getpid()
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    @property
    def is_mine(self) -> bool:
        """False in a forked child of the process that entered."""
        return os.getpid() == self._owner

    def is_last(self) -> bool:
        """True when nobody else uses the server; only while deciding(), which keeps it true."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Changing a lock is not atomic: the shared one may have been dropped for it.
            fcntl.flock(self._handle, fcntl.LOCK_SH)
            return False
        fcntl.flock(self._handle, fcntl.LOCK_SH)
        return True

    def leave(self) -> None:
        """End this use, for forked children too; in such a child it ends nothing."""
        if self.is_mine:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
        os.close(self._handle)


def write_private(file: Path, content: str) -> None:
    """Replace `file` (mode 0600) at once and durably: after a crash it is the old or the new."""
    with files.written_whole(file) as target:
        target.write(content.encode())


def not_writable(folder: Path, error: OSError) -> EmbeddedServerError:
    """The error for a folder that cannot be made or written, in the operator's words."""
    if error.errno == errno.ENOSPC:
        return disk_full(folder)
    return EmbeddedServerError(
        f"The database folder {folder} cannot be written ({error.strerror}); give it to the user "
        "who runs this program, or set ALKO_INSTANCE to another place."
    )


def _has_content(file: Path) -> bool:
    return file.exists() and stat.S_ISREG(file.stat().st_mode) and file.stat().st_size >= 6


@contextmanager
def _open_lock(path: Path) -> Iterator[int]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise not_writable(path.parent, error) from None
    try:
        yield handle
    finally:
        os.close(handle)
