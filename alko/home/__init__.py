"""The first page: what one can do here."""

from __future__ import annotations

from alko.home.routes import blueprint

__all__ = ["blueprint"]
