"""``mail flush``: send what is due."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.mail import delivery, messages
from config import ConfigurationError

group = AppGroup("mail", help="The outbox.")


@group.command("flush")
@with_database
def flush() -> None:
    """Send all mails that are due now."""
    try:
        result = delivery.flush(current_app.config["ALKO"], messages.render)
    except ConfigurationError as error:
        raise fail(str(error)) from None
    click.echo(f"{result.sent} sent, {result.failed} failed, {result.dead} given up.")
    if result.waiting:
        raise fail(f"the mail server cannot be reached; mails that wait for it: {result.waiting}")
    if result.failed or result.dead:
        raise fail("some mails could not be sent; the log says why")
