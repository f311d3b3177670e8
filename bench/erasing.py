"""Erasing and sweeping: the cost follows what goes, not what is stored beside it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bson import ObjectId

import alko.models as models
from alko import preparation
from alko.database import connection
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import erasure, sweep
from alko.vault.access import store_of, vault_of
from bench import crowds
from config import Settings

FEW, MANY = 1_000, 100_000
DUE, SMALL, LARGE = 10_000, 20_000, 1_000_000
OWNERS = 500
"""Whose page views these are: of one who was there a year ago, some twenty become due at once."""
ROUNDS = 7
EACH = 3
"""Clients erased in a row, between two changes of the database."""


def compare(settings: Settings) -> None:
    small, large = _database(settings, "few"), _database(settings, "many")
    sizes = {small: (FEW, SMALL), large: (MANY, LARGE)}
    for one, (people, _) in sizes.items():
        _use(one)
        print(f"(preparing {people:,} clients)", flush=True)
        crowds.clients(people, Factory(seed=people), one.key_vault_database)
    _settle()
    _compare_erasing(small, large)
    owners = [ObjectId() for _ in range(OWNERS)]
    for one, (_, records) in sizes.items():
        _use(one)
        print(f"(preparing {records:,} page views)", flush=True)
        crowds.page_views(records - DUE, False, owners, Factory(seed=records))
    _settle()
    _compare_sweeping(small, large, owners)


def _settle() -> None:
    """Have what was prepared on the disk, so that writing it is no part of a measurement."""
    connection.current().client.admin.command("fsync")


def _compare_erasing(small: Settings, large: Settings) -> None:
    times: dict[Settings, list[float]] = {small: [], large: []}
    for _ in range(ROUNDS):
        for one in (small, large):
            times[one] += _erase_some(one)
    _say(
        f"erasing a client among {MANY:,} against among {FEW:,}",
        median(times[large]),
        median(times[small]),
        aim=1.2,
    )


def _erase_some(settings: Settings) -> list[float]:
    _use(settings)
    factory = Factory(seed=time.monotonic_ns(), vault=vault_of(settings))
    store = store_of(settings)
    times = []
    for _ in range(EACH + 1):
        client = everything_about(factory).person.id
        run = erasure.schedule(client, Actor.client(client), at_once=True)
        times.append(_timed(lambda run=run: erasure.execute(run, store.delete)))  # type: ignore[misc]
    return times[1:]  # the first warms a new connection


def _compare_sweeping(small: Settings, large: Settings, owners: list[ObjectId]) -> None:
    ours: dict[Settings, list[float]] = {small: [], large: []}
    bare: list[float] = []
    for _ in range(ROUNDS):
        for one in (small, large):
            _use(one)
            crowds.page_views(DUE, True, owners, Factory(seed=1))
            ours[one].append(_timed(_sweep))
        crowds.page_views(DUE, True, owners, Factory(seed=1))
        bare.append(_timed(_delete_bare))
    _say(
        f"sweeping {DUE:,} due of {LARGE:,} against the same of {SMALL:,}",
        median(ours[large]),
        median(ours[small]),
        aim=1.2,
    )
    _say(f"the sweep against bare delete_many, of {LARGE:,}", median(ours[large]), median(bare), 3)


def _sweep() -> None:
    count = sweep.sweep(datetime.now(UTC), _no_file)
    assert count == DUE, count


def _delete_bare() -> None:
    due = {"erase_after": {"$lte": datetime.now(UTC)}}
    assert models.PageView.raw().delete_many(due).deleted_count == DUE


def _no_file(_: str) -> None:
    return None


def _database(settings: Settings, name: str) -> Settings:
    named = f"bench_{name}"
    return dataclasses.replace(settings, database=named, key_vault_database=f"{named}_keys")


def _use(settings: Settings) -> None:
    connection.connect(settings)
    preparation.prepare(settings)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _say(what: str, ours: float, theirs: float, aim: float) -> None:
    print(
        f"{what}:\n  {ours * 1000:.1f} ms against {theirs * 1000:.1f} ms, "
        f"ratio {ours / theirs:.2f} (aim: at most {aim})",
        flush=True,
    )
