"""Demo data: accounts and a believable history, for trying the portal. Production refuses it."""

from __future__ import annotations

from alko.demo.accounts import accounts_table
from alko.demo.routes import blueprint
from alko.demo.seed import DemoRefused, refuse_in_production, seed_if_empty

__all__ = [
    "DemoRefused",
    "accounts_table",
    "blueprint",
    "refuse_in_production",
    "seed_if_empty",
]
