"""What runs in the sandbox: reads a task and a file, writes an outcome and the cleaned file.

Imported by nothing: `sandbox.py` starts it as a process of its own.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from alko.vault.inspection.types import JPEG, PDF, PICTURE_OF_PDF, Limits, Refused


def main() -> None:
    task = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**task["limits"])
    file = _reserved(task)
    _confine(limits)
    data = sys.stdin.buffer.read()
    content = b""
    outcome: dict[str, Any]
    try:
        content, media_type, notes = _clean(data, task["kind"], limits, file)
        outcome = {"media_type": media_type, "notes": notes}
    except Refused as refusal:
        outcome = {"refused": refusal.code}
    except (MemoryError, RecursionError):
        outcome = {"refused": "too_complex"}
    except Exception:
        # Whatever a library made of the file; its text could quote it, so it goes nowhere.
        outcome = {"refused": "damaged"}
    sys.stdout.buffer.write(json.dumps(outcome).encode() + b"\n" + content)


def _reserved(task: dict[str, Any]) -> int:
    if task["kind"] != PICTURE_OF_PDF:
        return -1
    from alko.vault.inspection.pictures import reserve

    return reserve(task["size"])


def _clean(data: bytes, kind: str, limits: Limits, file: int) -> tuple[bytes, str, list[str]]:
    # Each library costs time to load, and is exposed to hostile bytes only where it is needed.
    if kind == PICTURE_OF_PDF:
        from alko.vault.inspection.pictures import draw

        return draw(data, file), JPEG, []
    if kind == PDF:
        from alko.vault.inspection.pdfs import clean_pdf

        content, notes = clean_pdf(data, limits)
        return content, PDF, notes
    from alko.vault.inspection.images import clean_image

    return clean_image(data, kind, limits)


def _confine(limits: Limits) -> None:
    """Give up, before a byte of the file is read, what no honest file needs."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),  # not one byte of plaintext into any file
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
