"""Papers: what clients upload for their orders, and what becomes of it."""

from alko.documents.blueprint import blueprint

__all__ = ["blueprint"]
