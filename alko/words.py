"""Marks text for translation where no request is at hand."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Return the text unchanged; the catalogue finds it here and templates translate it."""
    return text
