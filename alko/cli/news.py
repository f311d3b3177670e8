"""``news``: publish it, and mail the link to the clients who asked for such mail."""

from __future__ import annotations

from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.mail import campaigns
from alko.news import store

group = AppGroup("news", help="News and offers: the page /news, and mail to who asked for it.")


@group.command("publish")
@click.argument("name")
@click.argument("text", type=click.File(encoding="utf-8"))
@click.option("--title", required=True, help="The heading of the page.")
@with_database
def publish(name: str, text: TextIO, title: str) -> None:
    """Publish the file TEXT ('-' for standard input) as /news/NAME. Nobody is mailed by this."""
    try:
        store.publish(name, title, text.read())
    except store.NameTaken:
        raise fail(f"{name} is published already, and does not change any more") from None
    except ValueError as error:
        raise fail(str(error)) from None
    click.echo(f"Published: {current_app.config['ALKO'].base_url}/news/{name}")


@group.command("mail")
@click.argument("name")
@with_database
def mail(name: str) -> None:
    """Have the worker mail the link to NAME to the clients who opted in, once each."""
    try:
        event = store.mail(name)
    except store.NoSuchNews:
        raise fail(f"there is no published news called {name}") from None
    seen = campaigns.progress(event)
    assert seen is not None  # noqa: S101 - it was begun a moment ago
    state = "finished" if seen.finished_at else "under way"
    click.echo(f"{state}: {seen.written} of {seen.clients} written, {seen.unreachable} left out.")
