"""``keys rotate``: a new master key, and the end of the old ones."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from alko.backups import rotation
from alko.backups.recipients import NoRecipient
from alko.cli.database import fail, with_database
from alko.privacy import leases
from config import Settings

group = AppGroup("keys", help="Master keys and data keys.")


@group.command("rotate")
@with_database
def rotate() -> None:
    """Wrap all data keys with a new master key and destroy the older ones (P25).

    Running processes follow by themselves. With a cloud KMS the data keys are wrapped anew with the
    configured key; its older versions you destroy there.
    """
    settings: Settings = current_app.config["ALKO"]
    with leases.held(rotation.JOB, rotation.LEASE.total_seconds()) as mine:
        if not mine:
            raise fail(
                "another process rotates the master key, or ended in the middle of it; "
                "try again later, after an hour at the latest"
            )
        done = _rotate(settings)
    click.echo(
        f"{done.wrapped} data keys wrapped anew; {done.destroyed} older master keys destroyed."
    )


def _rotate(settings: Settings) -> rotation.Rotation:
    try:
        return rotation.rotate(settings)
    except rotation.StillWrapped:
        raise fail("an older master key still wraps some data keys; run this again") from None
    except (NoRecipient, OSError) as error:
        raise fail(f"the copy of the keys could not be replaced: {error}") from None
