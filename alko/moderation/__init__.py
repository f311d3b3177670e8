"""The staff's surface: one sub-package per desk, apart from the clients' pages (P12, P16)."""

from alko.moderation.blueprint import blueprint

__all__ = ["blueprint"]
