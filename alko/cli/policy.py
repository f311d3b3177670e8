"""``policy publish``: put the policy, as the software now has it, into force."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.policy import store

group = AppGroup("policy", help="The published versions of the privacy policy.")


@group.command("publish")
@click.argument("version")
@click.option("--summary", required=True, help="What changed, in a sentence for clients.")
@click.option("--minor", is_flag=True, help="A matter of wording: nobody is told.")
@with_database
def publish(version: str, summary: str, minor: bool) -> None:
    """Publish the present text as VERSION (year and month, for instance 2026-05).

    It counts as updated and reviewed today; sections that staff wrote stay as they are. Everybody
    is told, by a notice on the site and by a mail that the worker sends.
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        store.publish(
            version,
            summary,
            updated_on=today,
            reviewed_on=today,
            written=store.current().written,
            significant=not minor,
        )
    except store.VersionExists:
        raise fail(f"version {version} is published already; its text never changes") from None
    except ValueError as error:
        raise fail(str(error)) from None
    click.echo(f"Version {version} is published; version {store.current().version} is in force.")
