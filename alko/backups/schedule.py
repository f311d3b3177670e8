"""When backups are made, and when their copies of keys and register are replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alko.backups import copies
from alko.backups import create as making
from alko.models.housekeeping import Lease
from alko.privacy import leases
from alko.privacy.correspondence import correspondents
from alko.privacy.lifecycle import erasure
from config import Settings

JOB = "backup"
LEASE_SECONDS = 60 * 60


def create(settings: Settings, progress: Callable[[int], None] | None = None) -> Path | None:
    """Make a backup, unless another process does; its time is then the last success."""
    with leases.held(JOB, LEASE_SECONDS) as mine:
        return making.create(settings, progress) if mine else None


def create_if_due(settings: Settings) -> Path | None:
    """Make one if the last is older than the interval; the register is replaced in any case."""
    last = last_success()
    if last is None or datetime.now(UTC) - last >= settings.backup_interval:
        return create(settings)
    copies.replace_register(settings)
    return None


def last_success() -> datetime | None:
    """When the last backup was finished."""
    found = Lease._get_collection().find_one({"job": JOB}, {"last_success": 1})
    return found.get("last_success") if found else None


def replace_copies_if_due(settings: Settings) -> bool:
    """After an erasure no copy of ours may hold its keys: replace it, and say so in the receipt."""
    if not (erasure.awaiting_copies() or correspondents.awaiting(correspondents.COPIES)):
        return False
    began = copies.replace(settings)
    erasure.note_copies(began)
    correspondents.note(correspondents.COPIES, began)
    return True
