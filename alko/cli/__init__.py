"""The commands of ``flask --app wsgi …``: one file per group."""

from __future__ import annotations

from flask import Flask

from alko.cli import (
    backup,
    contact,
    database,
    keys,
    ledger,
    mail,
    news,
    policy,
    promises,
    retention,
    seed,
    serve,
    staff,
    worker,
)


def register_commands(app: Flask) -> None:
    for group in (
        backup.group,
        contact.group,
        database.group,
        keys.group,
        ledger.group,
        mail.group,
        news.group,
        policy.group,
        promises.group,
        retention.group,
        seed.group,
        staff.group,
    ):
        app.cli.add_command(group)
    app.cli.add_command(serve.serve)
    app.cli.add_command(worker.worker)
