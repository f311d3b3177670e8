"""Brings a database up to date: collections, validators, indexes, the decoy, the first policy.

Safe to repeat and to run from several processes at once; every start does it.
"""

from __future__ import annotations

from alko import models
from alko.account import decoy
from alko.database import connection, records
from alko.policy import store
from alko.privacy.identity import staff
from alko.privacy.oversight import alerts
from config import Settings


def prepare(settings: Settings) -> None:
    connection.current().keyring.prepare()
    records.prepare(list(models.ALL))
    decoy.ensure()
    staff.ensure_decoy()
    alerts.prepare()
    store.ensure_first_version()
