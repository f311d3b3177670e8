"""The policy of March 2023, as the demo remembers it: something to compare the present one with."""

from __future__ import annotations

EARLIER_LINES = (
    "# 1. Introduction",
    "ALKO Cars protects its clients' privacy.",
)


def demo_earlier_lines() -> list[str]:
    """The earlier text as lines; heading lines start with '# '."""
    return list(EARLIER_LINES)
