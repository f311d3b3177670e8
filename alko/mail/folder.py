"""Mail into a folder, for trying the portal without a mail server; never in production."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from alko import files
from alko.mail.errors import SendingFailed

NAME = re.compile(r"[0-9a-f]{24}")
SUFFIX = ".eml"


class FolderTransport:
    """Writes each message as ``<id of the mail>.eml``; a repeat replaces its first copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> None:
        """A folder is always there, or send() will tell."""

    def send(self, message: EmailMessage) -> None:
        """Write the file (mode 0600) whole or not at all; SendingFailed where that is refused."""
        name = str(message["Message-ID"]).lstrip("<").partition("@")[0]
        if not NAME.fullmatch(name):
            raise SendingFailed("the message has no usable id")
        try:
            files.make_folder(self._folder)
            with files.written_whole(self._folder / f"{name}{SUFFIX}") as file:
                file.write(message.as_bytes())
        except OSError as error:
            raise SendingFailed(type(error).__name__) from None

    def close(self) -> None:
        """Nothing stays open."""


def names(folder: Path) -> list[str]:
    """The names of all mails in the folder, the newest first."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.glob(f"*{SUFFIX}") if NAME.fullmatch(path.stem)]
    return [path.stem for path in sorted(found, key=_age, reverse=True)]


def read(folder: Path, name: str) -> EmailMessage | None:
    """The mail of that name; None for a name that is malformed or not there."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (folder / f"{name}{SUFFIX}").read_bytes()
    except FileNotFoundError:
        return None
    return email.message_from_bytes(content, policy=email.policy.default)


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.stem
    except FileNotFoundError:
        return 0, path.stem
