"""``staff add``: the first members of staff; later ones are invited in the staff area."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.models.staff import StaffRole
from alko.privacy.door.access import Actor
from alko.privacy.identity import staff, team
from alko.privacy.identity.tokens import Links

group = AppGroup("staff", help="People who work at ALKO.")


@group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Full name, as colleagues see it.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in StaffRole]),
    required=True,
    help="What they work as.",
)
@with_database
def add(email: str, name: str, role: str) -> None:
    """Invite a member of staff, by mail and by the link printed here.

    The link works once, for 48 hours: there they choose a password and set up a second factor.
    """
    if "@" not in email.strip("@"):
        raise fail(f"{email!r} is no email address")
    try:
        path = team.invite(
            Links(current_app.config["SECRET_KEY"]),
            Actor.operator(),
            name,
            email,
            StaffRole(role),
        )
    except staff.AddressTaken:
        raise fail("a member of staff has this address already") from None
    click.echo(f"{current_app.config['ALKO'].base_url}{path}")
