"""``backup create`` and ``backup restore``: encrypted copies of everything, and the way back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from pymongo.errors import PyMongoError

from alko.backups import copies, recipients, restore, schedule
from alko.backups.create import size
from alko.backups.frames import BackupDamaged
from alko.backups.recipients import NoRecipient
from alko.backups.restore import RestoreRefused, Sources
from alko.backups.sealed_file import WrongIdentity
from alko.cli.database import fail, portal_database, with_database
from alko.vault.sealing import VaultError
from config import Settings

group = AppGroup("backup", help="Encrypted backups (see docs/backups.md).")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("create")
@with_database
def create() -> None:
    """Back up all records and papers, encrypted, and replace the copies of keys and register."""
    settings: Settings = current_app.config["ALKO"]
    try:
        with click.progressbar(length=size(), label="Backing up") as bar:
            path = schedule.create(settings, bar.update)
    except (NoRecipient, VaultError, OSError) as error:
        raise fail(str(error)) from None
    except PyMongoError as error:
        raise fail(f"the database did not give its records: {type(error).__name__}") from None
    if path is None:
        raise fail("another process is making a backup; try again when it is done")
    click.echo(f"{path} ({path.stat().st_size:,} bytes)")


@group.command("restore")
@click.argument("file", type=FILE)
@click.option("--identity", type=FILE, help="The file with the secret key (AGE-SECRET-KEY-…).")
@click.option("--register", type=FILE, help="The newest register of erasures; else beside FILE.")
@click.option("--keys", type=FILE, help="The copy of the key vault; else beside FILE.")
def restore_command(
    file: Path, identity: Path | None, register: Path | None, keys: Path | None
) -> None:
    """Restore FILE into the empty database, then erase again what was erased since.

    Until all is done the portal does not serve. If it is interrupted, run it again.
    """
    settings: Settings = current_app.config["ALKO"]
    sources = Sources(
        backup=file,
        keys=_beside(file, keys, copies.KEYS),
        register=_beside(file, register, copies.REGISTER),
        identity=_identity(settings, identity),
    )
    try:
        with (
            portal_database(settings, restoring=True) as (settings, _),
            click.progressbar(length=100, label="Restoring") as bar,
        ):
            done = restore.restore(settings, sources, _percent(bar))
    except (RestoreRefused, WrongIdentity, BackupDamaged, VaultError, OSError) as error:
        raise fail(str(error)) from None
    keys_text = f"{done.keys} keys from their copy, " if done.keys else ""
    click.echo(
        f"{done.records} records, {done.files} files, {keys_text}"
        f"{done.erasures} erasures replayed. The portal may serve."
    )


def _percent(bar: object) -> restore.Progress:
    def show(read: int, total: int) -> None:
        bar.update(read * 100 // max(1, total) - bar.pos)  # type: ignore[attr-defined]

    return show


def _beside(file: Path, given: Path | None, name: str) -> Path:
    found = given or file.with_name(name)
    if not found.is_file():
        raise fail(f"{name} is not beside the backup; name the newest with --{found.stem}")
    return found


def _identity(settings: Settings, given: Path | None) -> str:
    """The secret key, from the operator's file: it may hold comments, as age writes it."""
    if given is None:
        if settings.production:
            raise fail("give the file with the identity: --identity FILE")
        return recipients.trial_identity(settings)
    lines = given.read_text(errors="replace").splitlines()
    found = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    if len(found) != 1:
        raise fail(f"{given.name} holds no age identity (AGE-SECRET-KEY-…)")
    return found[0]
