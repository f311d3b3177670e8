"""What can go wrong with the embedded MongoDB, said in one line that an operator can act on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

OWN_SERVER_HINT = "Set MONGODB_URI to a MongoDB server of your own."


class EmbeddedServerError(Exception):
    """One clear line for the operator: what is wrong, where, and what to do about it."""


class PortBusyError(EmbeddedServerError):
    """The port is taken by another program; with no fixed port, another one can be tried."""


class ServerGoneError(EmbeddedServerError):
    """The server that was being used has ended meanwhile; the caller may start it again."""


class DataUnreadableError(EmbeddedServerError):
    """mongod ended on start for no outside reason that is recognised.

    Right after an interrupted first start this means half-made data files, which hold nothing.
    """


def port_busy(port: int) -> PortBusyError:
    """The error for a port (1-65535) that something else listens on."""
    return PortBusyError(
        f"Port {port} on 127.0.0.1 is used by another program; stop it or choose another port."
    )


def nearly_full(folder: Path, free: int, needed: int) -> EmbeddedServerError:
    """The error for too little room; `free` and `needed` are bytes."""
    return EmbeddedServerError(
        f"The disk is nearly full: {free // 1_000_000} MB free at {folder}, the database needs "
        f"at least {needed // 1_000_000} MB; free some space and start again."
    )


def disk_full(folder: Path) -> EmbeddedServerError:
    """The error for a write that found no room."""
    return EmbeddedServerError(
        f"The disk is full: nothing more can be written to {folder}; free some space and start "
        "again. Nothing that was confirmed is lost."
    )


def explain_output(output: str, returncode: int, binary: Path) -> EmbeddedServerError | None:
    """The error behind a mongod that could not even begin, or None when its log must tell.

    `output` is what it wrote to its terminal, `returncode` negative for a signal.
    """
    marker = "error while loading shared libraries: "
    for line in output.splitlines():
        if marker in line:
            library = line.split(marker, 1)[1].split(":", 1)[0]
            return EmbeddedServerError(
                f"The embedded MongoDB cannot run here, the system library {library} is missing "
                f"(it needs libcurl4 and OpenSSL 3): install it, or: {OWN_SERVER_HINT}"
            )
        if "GLIBC" in line and "not found" in line:
            return EmbeddedServerError(
                "The embedded MongoDB cannot run here, the system's C library is too old "
                f"(Debian 12, Ubuntu 22.04 or newer is needed). {OWN_SERVER_HINT}"
            )
    if returncode == -4:  # SIGILL: MongoDB 5 and later are compiled for AVX
        return EmbeddedServerError(
            f"The embedded MongoDB ({binary}) needs a processor with AVX. {OWN_SERVER_HINT}"
        )
    return None


def explain_log(lines: list[str], folder: Path, port: int) -> EmbeddedServerError:
    """The error behind a mongod that ended by itself, from the log `lines` of that one run."""
    entries = [entry for entry in map(_parse, lines) if entry]
    text = "\n".join(lines)
    if "No space left on device" in text or "DiskFull" in text:
        return disk_full(folder)
    if "Address already in use" in text:
        return port_busy(port)
    if "featureCompatibilityVersion document" in text or "unsupported WiredTiger" in text:
        version = re.search(r'featureCompatibilityVersion[^{]*\{[^}]*version: \\"([0-9.]+)', text)
        return EmbeddedServerError(
            f"The data in {folder} was written by {'MongoDB ' + version[1] if version else ''}"
            f"{'' if version else 'a newer version of MongoDB'}; the embedded one reads 5.0 to "
            f"6.0. Nothing was changed. {OWN_SERVER_HINT}"
        )
    if "DBPathInUse" in text:
        return EmbeddedServerError(
            f"Another MongoDB, not reachable from here, is using the data in {folder}; stop it "
            "(or the container it runs in) first."
        )
    if "Too many open files" in text:
        return EmbeddedServerError(
            "MongoDB ran out of open files; raise the limit (ulimit -n 64000) and start again."
        )
    if "Permission denied" in text or "Operation not permitted" in text:
        return EmbeddedServerError(
            f"MongoDB may not read or write its files in {folder}; give them to the user who "
            "runs this program."
        )
    return DataUnreadableError(
        f"The embedded MongoDB did not start: {_last_meaningful(entries, lines)} "
        f"(whole log: {folder / 'mongod.log'})"
    )


def _parse(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _last_meaningful(entries: list[dict[str, Any]], lines: list[str]) -> str:
    """The last fatal or error message, one that gives a reason if there is; else the last line.

    A crash ends in messages about itself ("Fatal assertion", "aborting"), without a reason.
    """
    grave = [entry for entry in entries if entry.get("s") in ("F", "E")]
    said = [(str(entry.get("msg", "")), _detail(entry.get("attr"))) for entry in grave]
    for message, detail in reversed(said):
        if detail:
            return _one_line(f"{message} ({detail})")
    if said:
        return _one_line(said[0][0])
    if entries:  # it was not mongod that decided to end: killed, or the system is out of memory
        return _one_line(f"it was ended from outside after “{entries[-1].get('msg')}”")
    return _one_line(lines[-1] if lines else "") or "it ended without a message"


def _detail(attributes: Any) -> str:
    if not isinstance(attributes, dict):
        return ""
    for name in ("error", "message", "reason", "status"):
        value = attributes.get(name)
        if isinstance(value, dict):
            value = value.get("errmsg") or value.get("msg")
        if isinstance(value, str) and value:
            return value
    return ""


def _one_line(text: str, limit: int = 300) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
