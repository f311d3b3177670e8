"""What all factories share: chance, the present day, ids, and storing now or in bulk."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from bson import ObjectId
from pymongo.errors import BulkWriteError

from alko.database.records import Record
from alko.privacy.identity.passwords import hash_password
from alko.vault import Vault

Kept = TypeVar("Kept", bound=Record)

DUPLICATE_KEY = 11000


class Maker:
    """Makes stored records. Times are aware UTC; what is not given is chosen by chance.

    ``seed`` decides all chance. ``now`` is the day the records look back from. ``vault`` is needed
    for papers only. ``identify`` gives a record's id from a label that is unique within a client
    and kind; without it ids are new each time, so that tests never meet each other's records.
    """

    def __init__(
        self,
        seed: str | int = "factory",
        *,
        now: datetime | None = None,
        vault: Vault | None = None,
        identify: Callable[[str], ObjectId] | None = None,
    ) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - invented data
        self.now = in_milliseconds(now or datetime.now(UTC))
        self.vault = vault
        self._identify = identify or (lambda _: ObjectId())
        self._made: Counter[str] = Counter()
        self._gathered: list[Record] | None = None

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Collect the records made inside, and insert them in bulk at the end.

        A record whose id is stored already is left as it is: repeating completes.
        """
        self._gathered = []
        try:
            yield
            _insert(self._gathered)
        finally:
            self._gathered = None

    def keep(self, record: Kept) -> Kept:
        """Store a record, now or with all that are gathered."""
        if self._gathered is None:
            record.save()
        else:
            record.validate()
            self._gathered.append(record)
        return record

    def new_id(self, kind: str, owner: ObjectId | str) -> ObjectId:
        """The id of the next record of that kind."""
        label = f"{owner}/{kind}"
        self._made[label] += 1
        return self._identify(f"{label}/{self._made[label]}")


def _insert(records: Sequence[Record]) -> None:
    for model in dict.fromkeys(type(record) for record in records):
        documents = [record.to_mongo() for record in records if type(record) is model]
        try:
            model.raw().insert_many(documents, ordered=False)
        except BulkWriteError as error:
            for fault in error.details["writeErrors"]:
                if fault["code"] != DUPLICATE_KEY or list(fault["keyPattern"]) != ["_id"]:
                    raise


@lru_cache(maxsize=8)
def hashed(password: str) -> str:
    """The argon2 hash of a password, made once: hashing a hundred times would take seconds."""
    return hash_password(password)


def in_milliseconds(moment: datetime) -> datetime:
    """The moment as the database keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
