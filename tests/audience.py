"""Tests that write to everybody have a database without other clients, who come back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alko.models.client import Client


@contextmanager
def nobody_else() -> Iterator[None]:
    """Set every active account aside for the block; what was made inside it stays as well."""
    aside = [one["_id"] for one in Client.raw().find({"status": "active"}, {"_id": 1})]
    Client.raw().update_many({"_id": {"$in": aside}}, {"$set": {"status": "erasing"}})
    try:
        yield
    finally:
        Client.raw().update_many({"_id": {"$in": aside}}, {"$set": {"status": "active"}})
