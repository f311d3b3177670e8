"""``seed demo``: the demo data, for trying the portal."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from alko import demo
from alko.cli.database import fail, with_database

group = AppGroup("seed", help="Fill an empty database.")


@group.command("demo")
@with_database
def seed_demo() -> None:
    """Create the demo accounts and a believable history, once; production refuses."""
    try:
        created = demo.seed_if_empty(current_app.config["ALKO"], echo=click.echo)
    except demo.DemoRefused as refusal:
        raise fail(str(refusal)) from None
    if not created:
        click.echo("Nothing to do.")
    click.echo(demo.accounts_table())
