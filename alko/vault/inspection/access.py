"""Which limits and which scanner inspection uses: the settings decide."""

from __future__ import annotations

from alko.vault.inspection import Clamd, Limits, Scanner
from config import Settings


def limits_of(settings: Settings) -> Limits:
    return Limits(file_bytes=settings.max_file_bytes, pixels=settings.max_pixels)


def scanner_of(settings: Settings) -> Scanner | None:
    """The virus scanner of this portal; None where none is configured."""
    return Clamd(settings.clamd) if settings.clamd else None
