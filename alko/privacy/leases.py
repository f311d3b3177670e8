"""Leases: of several workers, one at a time runs a scheduled job."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from alko.models.housekeeping import Lease


@contextmanager
def held(job: str, seconds: float) -> Iterator[bool]:
    """Whether this process may run the job now; held until the block ends.

    A holder that crashed loses the lease after ``seconds``; one that takes longer must expect
    company. A block that ends without an error is noted as the job's last success.
    """
    holder = uuid.uuid4().hex
    if not _take(job, holder, timedelta(seconds=seconds)):
        yield False
        return
    done = False
    try:
        yield True
        done = True
    finally:
        now = datetime.now(UTC)
        noted = {"until": now, "last_success": now} if done else {"until": now}
        Lease._get_collection().update_one({"job": job, "holder": holder}, {"$set": noted})


def _take(job: str, holder: str, duration: timedelta) -> bool:
    now = datetime.now(UTC)
    try:
        Lease._get_collection().update_one(
            {"job": job, "until": {"$lte": now}},
            {"$set": {"holder": holder, "until": now + duration}},
            upsert=True,
        )
    except DuplicateKeyError:
        # The lease exists and has not run out: the insert of the upsert was refused.
        return False
    return True
