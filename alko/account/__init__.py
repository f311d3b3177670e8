"""Registering, signing in, and looking after one's account."""

from alko.account.blueprint import blueprint

__all__ = ["blueprint"]
