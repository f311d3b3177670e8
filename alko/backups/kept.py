"""The backups that are kept: files whose names say when they were begun."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import Settings

PREFIX, SUFFIX = "backup-", ".age"
MOMENT = "%Y-%m-%dT%H-%M-%SZ"


def file_of(settings: Settings, began: datetime) -> Path:
    """Where the backup begun then lies."""
    return settings.backups / f"{PREFIX}{began.astimezone(UTC):{MOMENT}}{SUFFIX}"


def existing(settings: Settings) -> list[Path]:
    """The backups that are there, oldest first."""
    return sorted(settings.backups.glob(f"{PREFIX}*{SUFFIX}"))


def reaches_back_to(settings: Settings, now: datetime) -> datetime:
    """The moment since which changes must be known, so that any backup can be restored.

    The oldest backup that is kept was begun then: they are kept by number, however long ago the
    newest was made. At least the time they span where all goes well, for those kept elsewhere.
    """
    spanned = now - settings.backup_interval * (settings.backup_keep + 2) - timedelta(days=1)
    return min([spanned, *_moments(settings)])


def _moments(settings: Settings) -> list[datetime]:
    found = []
    for path in existing(settings):
        name = path.name.removeprefix(PREFIX).removesuffix(SUFFIX)
        with suppress(ValueError):  # a file that somebody named otherwise
            found.append(datetime.strptime(name, MOMENT).replace(tzinfo=UTC))
    return found
