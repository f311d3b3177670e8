"""Reaching the database from the command line; starts the embedded one where none is set."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from alko import preparation
from alko.backups import mark
from alko.database import connection
from alko.database.server import EmbeddedServerError, Server, embedded_server
from config import Settings

group = AppGroup("database", help="The database in use.")


def fail(message: str) -> click.ClickException:
    """An error of one line; the command exits with 1."""
    return click.ClickException(message)


@contextmanager
def portal_database(
    settings: Settings, *, restoring: bool = False
) -> Iterator[tuple[Settings, Server | None]]:
    """Connect this process, with the embedded server if MONGODB_URI is not set.

    Collections, validators and indexes are brought up to date, but not for ``restoring`` a backup,
    which alone may go on while a restore is not finished. Yields the settings with the
    database's address, and the embedded server or None.
    """
    if settings.mongodb_uri:
        _connect(settings, restoring)
        yield settings, None
        return
    try:
        with embedded_server(settings.instance / "database", port=settings.mongodb_port) as server:
            settings = dataclasses.replace(settings, mongodb_uri=server.uri)
            _connect(settings, restoring)
            try:
                yield settings, server
            finally:
                connection.disconnect()
    except EmbeddedServerError as error:
        raise fail(str(error)) from None


def _connect(settings: Settings, restoring: bool) -> None:
    connection.connect(settings)
    if restoring:
        return
    if mark.state() is not None:
        raise fail("a restore was not finished: run 'backup restore' again, it goes on from there")
    preparation.prepare(settings)


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a command that needs the database."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with portal_database(current_app.config["ALKO"]):
            return command(*args, **kwargs)

    return run


@group.command("uri")
def uri() -> None:
    """Print how to connect to the database in use, for other tools."""
    with portal_database(current_app.config["ALKO"]) as (settings, _):
        click.echo(settings.mongodb_uri)
