"""``contact ingest``: takes in a mail that a mail server pipes to it.

Exit codes are those mail servers know (sysexits.h): 0 the mail is taken or deliberately let go, 75
try again later. Nothing is lost by a crash: whoever pipes the mail again completes it.
"""

from __future__ import annotations

import logging
import sys
import traceback

import click
from flask import current_app
from flask.cli import AppGroup

from alko.cli.database import portal_database
from alko.contact import ingest
from config import Settings

group = AppGroup("contact", help="What people write to the privacy team.")
logger = logging.getLogger("alko.contact")

TRY_AGAIN = 75


@group.command("ingest")
@click.option(
    "--sender",
    default=None,
    help="The envelope's sender: <> for a report of failure. Empty is the same as not given.",
)
def ingest_command(sender: str | None) -> None:
    """Take one mail from standard input: it becomes a case, or a message of one."""
    settings: Settings = current_app.config["ALKO"]
    try:
        with portal_database(settings) as (settings, _):
            outcome = ingest.take_in(sys.stdin.buffer, settings, sender)
    except Exception as error:  # whatever it is, the mail server keeps the mail and tries again
        place = traceback.extract_tb(error.__traceback__)[-1]
        # The message stays out of the log, for it may quote the mail.
        kind = type(error).__name__
        logger.error("a mail was not taken in: %s at %s:%s", kind, place.filename, place.lineno)
        raise SystemExit(TRY_AGAIN) from None
    logger.info("a mail was taken in: %s", outcome.value)
    click.echo(outcome.value)
