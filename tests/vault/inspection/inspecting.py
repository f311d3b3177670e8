"""Short ways to inspect in a test."""

from __future__ import annotations

import io

import pytest

from alko.vault.inspection import Inspected, Limits, Refused, Scanner, inspect
from alko.vault.inspection.types import NOTES

LIMITS = Limits()


def passed(data: bytes, name: str = "file", limits: Limits = LIMITS) -> Inspected:
    return inspect(io.BytesIO(data), name, limits)


def refusal(
    data: bytes, name: str = "file", limits: Limits = LIMITS, scanner: Scanner | None = None
) -> str:
    with pytest.raises(Refused) as refused:
        inspect(io.BytesIO(data), name, limits, scanner)
    assert refused.value.message
    assert refused.value.advice
    return refused.value.code


def notes(inspected: Inspected) -> set[str]:
    """The codes of what was removed."""
    return {code for code, text in NOTES.items() if text in inspected.notes}
