"""Whether this process can serve requests."""

from __future__ import annotations

import logging

from pymongo.errors import PyMongoError

from alko.backups import mark
from alko.database import connection

logger = logging.getLogger("alko.readiness")
PROBED_KEY = "readiness/none"
"""A key name that no client has: asking for it shows that the vault answers."""


def missing() -> str:
    """What does not answer: 'database', 'key vault', or what else; empty when all does."""
    try:
        if not connection.ping():
            return "database"
    except (PyMongoError, RuntimeError) as error:
        logger.warning("the database does not answer: %s", type(error).__name__)
        return "database"
    try:
        connection.current().keyring.exists(PROBED_KEY)
    except PyMongoError as error:
        logger.warning("the key vault does not answer: %s", type(error).__name__)
        return "key vault"
    return "end of a restore" if mark.state() else ""
