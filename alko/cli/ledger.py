"""``ledger verify``: walk every client's chain."""

from __future__ import annotations

import click
from bson import ObjectId
from bson.errors import InvalidId
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.privacy.accountability import ledger

group = AppGroup("ledger", help="The ledger of accesses.")


@group.command("verify")
@click.option("--client", "client", help="One client's number; all clients without it.")
@with_database
def verify(client: str | None) -> None:
    """Verify hashes, order and signatures of the chains against their signed checkpoints."""
    chains = [_parsed(client)] if client else list(ledger.clients())
    broken = 0
    entries = 0
    with click.progressbar(chains, label="Verifying chains") as progress:
        for one in progress:
            state = ledger.verify(one)
            entries += state.length
            if not state.verified:
                broken += 1
                click.echo(f"\n{one}: {state.problem}", err=True)
    if broken:
        raise fail(f"{broken} of {len(chains)} chains are broken")
    click.echo(f"{len(chains)} chains with {entries} entries: all verified.")


def _parsed(client: str) -> ObjectId:
    try:
        return ObjectId(client)
    except InvalidId:
        raise fail("that is not a client number (24 hexadecimal digits)") from None
