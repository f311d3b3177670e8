"""Records of other tests in the same database, set aside for a while.

What looks at everybody (a mail to all clients, a report, a queue) is tested without those that
other tests made, which still need them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mongoengine import Document


@contextmanager
def without(model: type[Document], query: dict[str, Any] | None = None) -> Iterator[None]:
    """No records of that model (or of those that fit) but those made in the block, which go."""
    collection = model._get_collection()
    kept = list(collection.find(query or {}))
    collection.delete_many(query or {})
    try:
        yield
    finally:
        collection.delete_many(query or {})
        if kept:
            collection.insert_many(kept)
