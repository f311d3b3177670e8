"""Counts what really goes over the wire to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alko.database import connection

IGNORED = ("hello", "ping", "endSessions", "getLog")
NOT_OF_A_REQUEST = "restorations"
"""Each process looks every few seconds whether a backup is being restored."""


@contextmanager
def commands() -> Iterator[list[dict[str, Any]]]:
    """The commands on the portal's database inside the block, as its own profiler saw them."""
    database = connection.current().database
    database.command("profile", 0)
    database.drop_collection("system.profile")
    seen: list[dict[str, Any]] = []
    database.command("profile", 2)
    try:
        yield seen
    finally:
        database.command("profile", 0)
        seen += [
            one
            for one in database["system.profile"].find({"op": {"$ne": "none"}}).sort("ts", 1)
            if not {*one.get("command", {})} & {"profile", *IGNORED}
            and not one["ns"].endswith(f".{NOT_OF_A_REQUEST}")
        ]


def names(seen: list[dict[str, Any]]) -> list[str]:
    """For each command what it was, for instance ``aggregate contacts``."""
    return [
        f"{next(iter(one['command']), one['op'])} {one['ns'].partition('.')[2]}" for one in seen
    ]
