"""When an account was last in use: from there its 24 months are counted (promise P20).

A sign-in is a use, and so is an order until it closes, and a restriction until it is lifted. All
write the same date into the account, so that who decides its end looks there alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from alko.models.client import Client


def note(client: ObjectId, at: datetime) -> None:
    """The account was in use until ``at``; one that was so later is left as it is."""
    Client.raw().update_one({"_id": client, "last_active_at": {"$lt": at}}, until(at))


def until(at: datetime) -> dict[str, Any]:
    """The update that says so; warnings given before count no more."""
    return {"$set": {"last_active_at": at}, "$unset": {"warned": 1, "warned_at": 1}}
