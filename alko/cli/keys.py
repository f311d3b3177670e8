"""``keys rotate``: a new master key, and the end of the old ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from alko.backups import copies
from alko.backups.recipients import NoRecipient
from alko.cli.database import fail, with_database
from alko.database import connection
from alko.database.master_keys import LocalMasterKeys
from alko.privacy.lifecycle import erasure
from config import Settings

group = AppGroup("keys", help="Master keys and data keys.")


@group.command("rotate")
@with_database
def rotate() -> None:
    """Wrap all data keys with a new master key and destroy the older ones (P25).

    Running processes follow by themselves. With a cloud KMS the data keys are wrapped anew with the
    configured key; its older versions are destroyed there.
    """
    settings: Settings = current_app.config["ALKO"]
    began = datetime.now(UTC)
    try:
        if settings.kms_providers:
            click.echo(f"{connection.current().keyring.rewrap()} data keys wrapped anew.")
        else:
            rotate_local(settings)
        copies.replace(settings)  # wrapped by the new master key, or it could not be used
    except (NoRecipient, OSError) as error:
        raise fail(f"the copy of the keys could not be replaced: {error}") from None
    if not settings.kms_providers:
        erasure.note_rotation(began)


def rotate_local(settings: Settings) -> int:
    """Rotate the local master key; safe to repeat after a crash at any line."""
    keyring = connection.current().keyring
    local = LocalMasterKeys(settings.instance / "secrets")
    newest = local.add()
    wrapped = keyring.rewrap()
    # A process may have made a key under the old generation a moment ago.
    time.sleep(1)
    wrapped += keyring.rewrap()
    if keyring.wrapped_otherwise():
        raise fail("some data keys are still wrapped by an older master key; run this again")
    older = [number for number in local.generations() if number < newest]
    for number in older:
        local.destroy(number)
    keyring.follow()
    click.echo(f"{wrapped} data keys wrapped anew; {len(older)} older master keys destroyed.")
    return wrapped
