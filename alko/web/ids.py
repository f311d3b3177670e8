"""Numbers of records, as addresses and forms carry them."""

from __future__ import annotations

from bson import ObjectId
from bson.errors import InvalidId
from flask import abort


def record_id(raw: str) -> ObjectId:
    """The number; 404 for what cannot be one."""
    try:
        return ObjectId(raw)
    except InvalidId:
        abort(404)
