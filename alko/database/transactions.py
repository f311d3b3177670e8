"""Several records that must change together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo.client_session import ClientSession

from alko.database import connection

SECONDS = 10
"""How long a transaction may take; it needs a few milliseconds."""
Result = TypeVar("Result")


def together(change: Callable[[ClientSession], Result]) -> Result:
    """Run the change in one transaction; it may run more than once.

    Raises PyMongoError after SECONDS: a process that was killed inside a transaction leaves its
    locks behind until the server ends it (a minute), and nobody is to wait for that.
    """
    with pymongo.timeout(SECONDS), connection.current().client.start_session() as session:
        return session.with_transaction(change)
