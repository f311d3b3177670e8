"""A new master key: what an older one wrapped, in whichever copy, opens no more (P25)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alko.backups import copies
from alko.database import connection
from alko.database.master_keys import LocalMasterKeys
from alko.privacy.correspondence import correspondents
from alko.privacy.lifecycle import erasure
from config import Settings

JOB = "master key"
"""The lease that the command and the worker take, so that one of them rotates at a time."""
LEASE = timedelta(hours=1)


class StillWrapped(Exception):
    """Some data keys are still wrapped by an older master key, which was therefore kept."""


@dataclass(frozen=True)
class Rotation:
    """How many data keys were wrapped anew, and how many older master keys destroyed."""

    wrapped: int
    destroyed: int


def rotate(settings: Settings) -> Rotation:
    """Wrap all data keys anew, and our copy of them; safe to repeat after a crash at any line.

    A master key in a file is replaced and its older generations are destroyed, which erasures then
    say. That of a key management service is the operator's to replace and to destroy, so nothing
    is said. StillWrapped; NoRecipient and OSError where the copy cannot be replaced.
    """
    began = datetime.now(UTC)
    if settings.kms_providers:
        done = Rotation(connection.current().keyring.rewrap(), 0)
    else:
        done = _replace_master_key(LocalMasterKeys(settings.instance / "secrets"))
    copies.replace(settings)  # wrapped by the new master key, or it could not be used
    if not settings.kms_providers:
        erasure.note_rotation(began)
        correspondents.note(correspondents.ROTATION, began)
    return done


def rotate_if_due(settings: Settings) -> bool:
    """Rotate if an erasure waits for it and the master key is a file; returns whether it did."""
    awaited = erasure.awaiting_rotation() or correspondents.awaiting(correspondents.ROTATION)
    if settings.kms_providers or not awaited:
        return False
    rotate(settings)
    return True


def _replace_master_key(local: LocalMasterKeys) -> Rotation:
    keyring = connection.current().keyring
    newest = local.add()
    wrapped = keyring.rewrap()
    # A process may have made a key under the old generation a moment ago.
    time.sleep(1)
    wrapped += keyring.rewrap()
    if keyring.wrapped_otherwise():
        raise StillWrapped
    older = [number for number in local.generations() if number < newest]
    for number in older:
        local.destroy(number)
    keyring.follow()
    return Rotation(wrapped, len(older))
