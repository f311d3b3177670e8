"""The retention sweep: what is due goes, found by index, and nothing early (promises P19-P22).

The cost follows what is due, not what is stored. Every step may be interrupted or run twice: it
looks for what is left. Files go before their records, and the last records of a year together with
the year's key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

import alko.models as models
from alko.database import connection
from alko.database.keyring import key_name
from alko.database.records import SWEPT_BY
from alko.privacy.correspondence import correspondents
from alko.privacy.inventory import ALL_CATEGORIES, Category
from alko.privacy.lifecycle import clock, holds
from alko.privacy.lifecycle.retention import Retention

BATCH, RANGE = 1_000, 5_000
"""Records removed at once, where more goes with each and where it does not."""
FOLLOWED = frozenset({"vault_key", "closed_year"})
"""Fields of records with which something else goes: a file, a key."""
OF_A_YEAR = (models.Order, models.Payment, models.Invoice, models.Delivery, models.PaperRecord)
"""What a calendar year's ledger key may seal."""

RemoveFile = Callable[[str], None]
Progress = Callable[[str, int], None]
"""Called with a category and how many of its records went just now."""

SWEPT: tuple[Category, ...] = tuple(
    sorted(
        (c for c in ALL_CATEGORIES if c.retention not in (Retention.REGISTRATION, Retention.STAFF)),
        key=lambda chosen: chosen.retention is Retention.CASES,
    )
)
"""Registrations have a sweeper of their own, which spares confirmed ones' keys. Cases come last:
with a stranger's case go their keys."""


@dataclass(frozen=True)
class DueRecords:
    """How many records of a category are due; ``held`` are kept by a hold or a restriction."""

    category: Category
    due: int
    held: int


def due(now: datetime) -> dict[str, Any]:
    """The query for what is due and under no legal hold."""
    return {"erase_after": {"$lte": now}, "hold_until": {"$not": {"$gt": now}}}


def spared(clients: Iterable[ObjectId], now: datetime) -> set[ObjectId]:
    """Those of these clients of whom nothing is swept.

    While the use of data is restricted it is stored and nothing else (P31, GDPR Art. 18(2)): the
    client may oppose the erasure, or need the data for a claim.
    """
    asked = list(clients)
    restricted = {"_id": {"$in": asked}, "restricted_at": {"$type": "date"}}
    found = {one["_id"] for one in models.Client.raw().find(restricted, {"_id": 1})}
    return found | holds.held_clients(asked, now)


def report(now: datetime) -> list[DueRecords]:
    """What a sweep would do now; changes nothing."""
    return [_report(chosen, now) for chosen in SWEPT]


def _report(chosen: Category, now: datetime) -> DueRecords:
    free = 0
    for _, clients in _ranges(chosen, now):
        keep = spared(clients, now)
        free += sum(count for client, count in clients.items() if client not in keep)
    total = _records(chosen).count_documents({"erase_after": {"$lte": now}}, hint=SWEPT_BY)
    return DueRecords(chosen, free, max(0, total - free))


def sweep(now: datetime, remove_file: RemoveFile, progress: Progress | None = None) -> int:
    """Remove everything that is due; returns how many records went. ClockDisagrees."""
    clock.check(now)
    total = 0
    for chosen in SWEPT:
        alone = chosen.retention is not Retention.CASES and FOLLOWED.isdisjoint(
            getattr(models, chosen.model)._fields
        )
        counts = _sweep_ranges(chosen, now) if alone else _sweep_each(chosen, now, remove_file)
        for count in counts:
            total += count
            if progress:
                progress(chosen.slug, count)
    return total


def _sweep_ranges(chosen: Category, now: datetime) -> Iterator[int]:
    """Records with which nothing else goes: a stretch of time at once, seen in the index alone."""
    for span, clients in _ranges(chosen, now):
        only = {**due(now), "erase_after": span}
        if keep := spared(clients, now):
            only["client"] = {"$nin": list(keep)}
        yield _records(chosen).delete_many(only, hint=SWEPT_BY).deleted_count


def _sweep_each(chosen: Category, now: datetime, remove_file: RemoveFile) -> Iterator[int]:
    """Records that have a file, lie under the key of a year, or are all that a stranger has."""
    remove = _remove_cases if chosen.retention is Retention.CASES else _remove
    for batch in _batches(chosen, now):
        keep = spared({record["client"] for record in batch}, now)
        going = [record for record in batch if record["client"] not in keep]
        yield remove(chosen, going, now, remove_file)


def _ranges(
    chosen: Category, now: datetime
) -> Iterator[tuple[dict[str, datetime], Counter[ObjectId]]]:
    """What is due in stretches of whole moments, oldest first, with each client's records in it."""
    fields = {"_id": 0, "client": 1, "erase_after": 1}
    found = _records(chosen).find(due(now), fields, batch_size=RANGE, hint=SWEPT_BY)
    clients: Counter[ObjectId] = Counter()
    span: dict[str, datetime] = {}
    count = 0
    with found.sort("erase_after", 1) as records:
        for moment, together in groupby(records, itemgetter("erase_after")):
            for record in together:
                clients[record["client"]] += 1
                count += 1
            span = {"$gte": span.get("$gte", moment), "$lte": moment}
            if count >= RANGE:
                yield span, clients
                clients, span, count = Counter(), {}, 0
    if clients:
        yield span, clients


def _records(chosen: Category) -> Collection[dict[str, Any]]:
    found: Collection[dict[str, Any]] = getattr(models, chosen.model).raw()
    return found


def _batches(chosen: Category, now: datetime) -> Iterator[list[dict[str, Any]]]:
    """What is due, oldest first; one walk, so that what is spared costs no second look."""
    fields = {"client": 1, "closed_year": 1, "vault_key": 1}
    found = _records(chosen).find(due(now), fields, batch_size=BATCH, hint=SWEPT_BY)
    with found.sort("erase_after", 1) as records:
        while batch := list(islice(records, BATCH)):
            yield batch


def _remove(
    chosen: Category, going: list[dict[str, Any]], now: datetime, remove_file: RemoveFile
) -> int:
    if not going:
        return 0
    for record in going:
        if "vault_key" in record:
            remove_file(record["vault_key"])
    # The same condition once more: a hold placed meanwhile still counts.
    only = {"_id": {"$in": [record["_id"] for record in going]}, **due(now)}
    years = {(one["client"], one["closed_year"]) for one in going if one.get("closed_year")}
    keys = {year: _keys_of(*year) for year in years}
    if not years:
        return _records(chosen).delete_many(only).deleted_count

    def remove(session: ClientSession) -> int:
        count = _records(chosen).delete_many(only, session=session).deleted_count
        destroy_empty_years(keys, session)
        return count

    with connection.current().client.start_session() as session:
        return session.with_transaction(remove)


def _remove_cases(
    chosen: Category, going: list[dict[str, Any]], now: datetime, remove_file: RemoveFile
) -> int:
    """A stranger's case goes with all of theirs and their keys (see correspondents.py)."""
    strangers = [case["_id"] for case in going if case["_id"] == case["client"]]
    of_clients = [case for case in going if case["_id"] != case["client"]]
    ended = sum(correspondents.remove_due(one, due(now), remove_file) for one in strangers)
    return ended + _remove(chosen, of_clients, now, remove_file)


def _keys_of(client: ObjectId, year: int) -> list[str]:
    """A year's keys: its own, and those of records that an erasure left."""
    name = key_name(client, f"ledger/{year}")
    return [name, *connection.current().keyring.names(f"{name}/")]


def destroy_empty_years(
    keys: Mapping[tuple[ObjectId, int], list[str]], session: ClientSession
) -> None:
    """Destroy the keys of these years under which no record is left (P21, P25)."""
    doomed = [
        name
        for (client, year), names in keys.items()
        if not _year_holds_something(client, year, session)
        for name in names
    ]
    if doomed:
        connection.current().keyring.destroy(doomed, session)


def _year_holds_something(client: ObjectId, year: int, session: ClientSession) -> bool:
    sealed = {"client": client, "closed_year": year}
    return any(model.raw().find_one(sealed, {"_id": 1}, session=session) for model in OF_A_YEAR)
