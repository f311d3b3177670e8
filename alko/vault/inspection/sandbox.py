"""Runs the parsers in a process of their own, with little memory, little time and no files.

Decoders in C meet hostile bytes here. If one crashes, hangs or swallows memory, that file is
refused and nothing else happens; the process knows no secret of the portal.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from alko.vault.inspection.kinds import kind_of
from alko.vault.inspection.types import (
    EXTENSIONS,
    NOTES,
    PICTURE_OF_PDF,
    REFUSALS,
    Limits,
    Refused,
)

_ALKO: Final = Path(__file__).resolve().parents[2]
# `alko/__init__.py` would load the whole application (1.2 s): its folder stands in for it.
_START: Final = (
    "import runpy, sys, types; "
    "package = types.ModuleType('alko'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['alko'] = package; "
    "runpy.run_module('alko.vault.inspection.child', run_name='__main__')"
)
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
_AT_ONCE: Final = 2
_WAIT: Final = 20.0
_turns = threading.BoundedSemaphore(_AT_ONCE)
"""Memory is bounded per file; this bounds how many there are in one worker."""


def clean(data: bytes, kind: str, limits: Limits) -> tuple[bytes, str, list[str]]:
    """Clean `data` in the sandbox: content, media type, codes of notes. Raises Refused."""
    if not _turns.acquire(timeout=_WAIT):
        raise Refused("busy")
    try:
        head, content = _run(data, kind, limits)
    finally:
        _turns.release()
    return _believed(head, content, limits)


def picture(data: bytes, limits: Limits) -> bytes:
    """The first pages of a PDF from the vault, below each other, as JPEG. Raises Refused."""
    return clean(data, PICTURE_OF_PDF, limits)[0]


def _run(data: bytes, kind: str, limits: Limits) -> tuple[bytes, bytes]:
    asked = {"kind": kind, "size": len(data), "limits": dataclasses.asdict(limits)}
    task = json.dumps(asked).encode() + b"\n"
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own code
            [sys.executable, "-I", "-B", "-c", _START, str(_ALKO)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
        )
    except OSError:
        raise Refused("busy") from None
    expired = threading.Event()
    with child:
        assert child.stdin and child.stdout  # noqa: S101 - pipes were asked for

        def stop() -> None:
            expired.set()
            child.kill()

        alarm = threading.Timer(limits.seconds, stop)
        feeding = threading.Thread(target=_feed, args=(child, task, data), daemon=True)
        alarm.start()
        feeding.start()
        try:
            head = child.stdout.readline(4096)
            content = child.stdout.read(limits.file_bytes + 1)
            if len(content) > limits.file_bytes:  # no need to hear how much more there is
                raise Refused("too_large")
            code = child.wait()
        finally:
            alarm.cancel()
            child.kill()
            feeding.join()
    if expired.is_set() or code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Refused("too_complex")
    if code:
        raise Refused("damaged")
    return head, content


def _feed(child: subprocess.Popen[bytes], task: bytes, data: bytes) -> None:
    assert child.stdin  # noqa: S101
    with suppress(BrokenPipeError, ValueError), child.stdin as pipe:
        pipe.write(task)
        pipe.write(data)


def _believed(head: bytes, content: bytes, limits: Limits) -> tuple[bytes, str, list[str]]:
    """Check an outcome as one would a stranger's: a parser may have been taken over."""
    try:
        outcome = json.loads(head)
        if code := outcome.get("refused"):
            raise Refused(code if code in REFUSALS else "damaged")
        media_type, notes = outcome["media_type"], outcome["notes"]
        if not all(note in NOTES for note in notes):
            raise Refused("damaged")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("damaged") from None
    if media_type not in EXTENSIONS or not _is(content, media_type):
        raise Refused("damaged")
    return content, media_type, notes


def _is(content: bytes, media_type: str) -> bool:
    try:
        return kind_of(content) == media_type
    except Refused:
        return False
