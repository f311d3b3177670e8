"""``retention sweep``: erase what is due."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.privacy import leases
from alko.privacy.lifecycle import clock, sweep
from alko.vault.access import vault_of

group = AppGroup("retention", help="What is kept, and for how long.")

LEASE_SECONDS = 60 * 60


@group.command("sweep")
@click.option("--dry-run", is_flag=True, help="Report what is due and change nothing.")
@with_database
def sweep_command(dry_run: bool) -> None:
    """Report what is due, then erase it: records, files, and the keys of years that are over."""
    now = datetime.now(UTC)
    found = [one for one in sweep.report(now) if one.due or one.held]
    for one in found:
        held = f", {one.held} more under a hold or a restriction" if one.held else ""
        click.echo(f"{one.category.slug}: {one.due} due{held}")
    total = sum(one.due for one in found)
    if not total:
        click.echo("Nothing is due.")
        return
    if dry_run:
        click.echo(f"{total} records are due. Nothing was changed.")
        return
    with leases.held("retention", LEASE_SECONDS) as mine:
        if not mine:
            raise fail("another process is sweeping; try again when it is done")
        _sweep(now, total)


def _sweep(now: datetime, total: int) -> None:
    vault = vault_of(current_app.config["ALKO"])
    with click.progressbar(length=total, label="Erasing") as bar:
        try:
            count = sweep.sweep(now, vault.remove, lambda _, gone: bar.update(gone))
        except clock.ClockDisagrees as error:
            raise fail(str(error)) from None
    click.echo(f"{count} records erased.")
