"""``seed demo``: the demo data, for trying the portal."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from alko import demo
from alko.cli.database import fail, portal_database

group = AppGroup("seed", help="Fill an empty database.")


@group.command("demo")
def seed_demo() -> None:
    """Create the demo accounts and a believable history, once; production refuses."""
    settings = current_app.config["ALKO"]
    try:
        demo.refuse_in_production(settings)
    except demo.DemoRefused as refusal:
        raise fail(str(refusal)) from None
    with portal_database(settings) as (settings, _):
        if not demo.seed_if_empty(settings, echo=click.echo):
            click.echo("Nothing to do.")
    click.echo(demo.accounts_table())
