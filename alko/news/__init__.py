"""News and offers: published for everybody, mailed to who asked for it, ended by one click."""

from __future__ import annotations

from alko.news.routes import blueprint

__all__ = ["blueprint"]
