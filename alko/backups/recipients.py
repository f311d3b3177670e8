"""To whom backups are encrypted: a public key of the operator's."""

from __future__ import annotations

from pathlib import Path

from pyrage import RecipientError, x25519

from alko.database import secrets
from config import Settings

TRIAL = "backup-identity-FOR-TRYING-ONLY.txt"
"""Development: the other half, in the instance folder. In production it is kept elsewhere."""


class NoRecipient(Exception):
    """There is no public key, or it is none."""


def recipient(settings: Settings) -> str:
    """The public key (age1…) that backups are encrypted to. NoRecipient."""
    if settings.backup_recipient:
        return _checked(settings.backup_recipient)
    if settings.production:
        raise NoRecipient("ALKO_BACKUP_RECIPIENT is missing; see docs/backups.md")
    return str(x25519.Identity.from_str(trial_identity(settings)).to_public())


def trial_identity(settings: Settings) -> str:
    """Development: the identity that opens the backups, made once."""
    path: Path = settings.instance / TRIAL
    fresh = str(x25519.Identity.generate())
    return secrets.load_or_create(path, fresh.encode()).decode().strip()


def _checked(text: str) -> str:
    try:
        x25519.Recipient.from_str(text)
    except RecipientError:
        raise NoRecipient("ALKO_BACKUP_RECIPIENT is no age public key (age1…)") from None
    return text
