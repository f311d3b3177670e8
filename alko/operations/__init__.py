"""Addresses for machines: health, metrics, and the conventions of the web."""

from __future__ import annotations

from alko.operations.routes import blueprint

__all__ = ["blueprint"]
