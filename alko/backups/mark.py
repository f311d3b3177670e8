"""The mark of a restore under way: while it says so, nothing may be served."""

from __future__ import annotations

from datetime import UTC, datetime

from alko.models.housekeeping import Restoration

LOADING, REPLAYING, DONE = "loading", "replaying", "done"
COLLECTION = str(Restoration._get_collection_name())
_ONE = {"name": "restore"}


def state() -> str | None:
    """How far a restore has come that did not end; None where there is none."""
    found = Restoration._get_collection().find_one({**_ONE, "state": {"$ne": DONE}}, {"state": 1})
    return str(found["state"]) if found else None


def write(reached: str, backup: str, *, keys_from_copy: bool = False) -> None:
    """Note that a stage begins, or that all is done.

    ``keys_from_copy``: the key vault was empty before, so that it may be filled again.
    """
    values = {
        "state": reached,
        "backup": backup,
        "changed_at": datetime.now(UTC),
        "keys_from_copy": keys_from_copy,
    }
    Restoration._get_collection().update_one(_ONE, {"$set": values}, upsert=True)


def keys_from_copy() -> bool:
    """Whether what is in the key vault comes from this restore, begun before and interrupted."""
    ours = {**_ONE, "state": LOADING, "keys_from_copy": True}
    return Restoration._get_collection().find_one(ours, {"_id": 1}) is not None
