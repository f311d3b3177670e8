"""The current policy as a list of lines, built from the inventory."""

from __future__ import annotations


def lines() -> list[str]:
    """The text of the policy; heading lines start with '# '."""
    return ["# Introduction"]
