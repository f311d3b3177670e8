"""The retention sweep: what is due goes, found by index, and nothing early (promises P19-P22).

The cost follows what is due, not what is stored. Every step may be interrupted or run twice: it
looks for what is left. Files go before their records, records before their keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

import alko.models as models
from alko.database import connection
from alko.database.keyring import key_name
from alko.privacy.inventory import ALL_CATEGORIES, Category
from alko.privacy.retention import Retention

BATCH = 1_000
CLOCK_TOLERANCE = timedelta(minutes=10)

RemoveFile = Callable[[str], None]
Progress = Callable[[str, int], None]
"""Called with a category and how many of its records went just now."""

SWEPT: tuple[Category, ...] = tuple(
    c for c in ALL_CATEGORIES if c.retention not in (Retention.REGISTRATION, Retention.STAFF)
)
"""Registrations have a sweeper of their own, which spares confirmed ones' keys."""


class ClockDisagrees(Exception):
    """This machine's clock and the database's differ: nothing is erased by a wrong clock."""


@dataclass(frozen=True)
class DueRecords:
    """How many records of a category are due; ``held`` are kept by a hold or a restriction."""

    category: Category
    due: int
    held: int


def due(now: datetime) -> dict[str, Any]:
    """The query for what a sweep removes: due, under no legal hold, of no restricted client.

    While the use of data is restricted it is stored and nothing else (P31, GDPR Art. 18(2)): the
    client may oppose the erasure, or need the data for a claim.
    """
    return {
        "erase_after": {"$lte": now},
        "hold_until": {"$not": {"$gt": now}},
        "client": {"$nin": _restricted()},
    }


def _restricted() -> list[ObjectId]:
    restricted = {"restricted_at": {"$type": "date"}}
    return [one["_id"] for one in models.Client.raw().find(restricted, {"_id": 1})]


def report(now: datetime) -> list[DueRecords]:
    """What a sweep would do now; changes nothing."""
    found = []
    for chosen in SWEPT:
        all_due = _records(chosen).count_documents({"erase_after": {"$lte": now}})
        free = _records(chosen).count_documents(due(now)) if all_due else 0
        found.append(DueRecords(chosen, free, all_due - free))
    return found


def sweep(now: datetime, remove_file: RemoveFile, progress: Progress | None = None) -> int:
    """Remove everything that is due; returns how many records went. ClockDisagrees."""
    check_clock(now)
    total = 0
    for chosen in SWEPT:
        while count := _remove_batch(chosen, now, remove_file):
            total += count
            if progress:
                progress(chosen.slug, count)
    return total


def check_clock(now: datetime) -> None:
    """Raise ClockDisagrees unless the database's clock says about the same."""
    theirs: datetime = connection.current().client.admin.command("hello")["localTime"]
    if abs(theirs.replace(tzinfo=UTC) - now) > CLOCK_TOLERANCE:
        raise ClockDisagrees("this clock and the database's differ; nothing was erased")


def _records(chosen: Category) -> Collection[dict[str, Any]]:
    found: Collection[dict[str, Any]] = getattr(models, chosen.model).raw()
    return found


def _remove_batch(chosen: Category, now: datetime, remove_file: RemoveFile) -> int:
    fields = {"client": 1, "closed_year": 1, "vault_key": 1}
    batch = list(_records(chosen).find(due(now), fields).sort("erase_after", 1).limit(BATCH))
    if not batch:
        return 0
    for record in batch:
        if "vault_key" in record:
            remove_file(record["vault_key"])
    ids = [record["_id"] for record in batch]
    # The same condition once more: a hold placed meanwhile still counts.
    removed = _records(chosen).delete_many({"_id": {"$in": ids}, **due(now)}).deleted_count
    destroy_empty_years({(r["client"], r["closed_year"]) for r in batch if r.get("closed_year")})
    return removed


def destroy_empty_years(years: set[tuple[ObjectId, int]]) -> None:
    """Destroy the ledger keys of these years under which no record is left (P21, P25)."""
    doomed = [
        key_name(client, f"ledger/{year}")
        for client, year in sorted(years)
        if not _year_holds_something(client, year)
    ]
    if doomed:
        connection.current().keyring.destroy(doomed)


def _year_holds_something(client: ObjectId, year: int) -> bool:
    return any(
        model.raw().find_one({"client": client, "closed_year": year}, {"_id": 1})
        for model in (
            models.Order,
            models.Payment,
            models.Invoice,
            models.Delivery,
            models.PaperRecord,
        )
    )
