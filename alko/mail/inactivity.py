"""The warnings to inactive clients (promise P20)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from bson import ObjectId

from alko.database.keyring import KeyDestroyed
from alko.mail import service
from alko.mail.kinds import MailKind
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.lifecycle import inactivity


def look_after() -> tuple[int, int]:
    """Warn who must be warned today, and schedule the erasure of accounts that are over."""
    return inactivity.look_after(datetime.now(UTC), warn)


def warn(client: ObjectId, event: str) -> None:
    """Write one warning; a client whose address cannot be read any more is not reachable."""
    with suppress(KeyDestroyed, NoSuchRecord):
        service.notify(client, MailKind.INACTIVITY_WARNING, {"link": "/account/sign-in"}, event)
