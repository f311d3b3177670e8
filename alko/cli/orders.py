"""``orders note``: news of a delivery, entered by staff until their own pages exist."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.models.staff import StaffMember, StaffRole
from alko.models.transaction import Delivery, DeliveryEvent, Order
from alko.orders import operations
from alko.privacy import accounts
from alko.privacy.access import AccessDenied, Actor
from alko.privacy.deliveries import EventConflict, Milestone

group = AppGroup("orders", help="Orders and their deliveries.")

DAY = click.DateTime(formats=["%Y-%m-%d"])


@group.command("note")
@click.argument("number")
@click.argument("milestone", type=click.Choice([one.value for one in Milestone]))
@click.option("--staff", required=True, help="Email address of the member of staff who knows it.")
@click.option("--reason", required=True, help="Why this dossier is opened; the client reads it.")
@click.option("--place", default="", help="Where.")
@click.option("--on", "on", type=DAY, help="The day; today without it.")
@click.option("--expected", is_flag=True, help="It is expected on that day, not reached.")
@click.option("--delay", default="", help="Why it is later than expected before.")
@with_database
def note(
    number: str,
    milestone: str,
    staff: str,
    reason: str,
    place: str,
    on: datetime | None,
    expected: bool,
    delay: str,
) -> None:
    """Enter news of the delivery of order NUMBER; the client is told as they chose."""
    now = datetime.now(UTC)
    event = DeliveryEvent(
        milestone=milestone,
        place=place,
        at=(on or now).date().isoformat(),
        done=not expected,
        id=f"staff-{uuid.uuid4().hex}",
        reported_at=now.isoformat(timespec="milliseconds"),
        reason=delay,
    )
    try:
        operations.note(_delivery(number).pk, event, _member(staff), reason)
    except (AccessDenied, EventConflict) as error:
        raise fail(str(error)) from None
    click.echo(f"Noted: {milestone} of {number}.")


def _delivery(number: str) -> Delivery:
    order = Order.objects(number=number).only("id").first()
    found: Delivery | None = order and Delivery.objects(order=order.pk).only("id").first()
    if not found:
        raise fail("there is no delivery of such an order")
    return found


def _member(email: str) -> Actor:
    found = StaffMember.objects(email_index=accounts.email_index(email)).exclude("sealed").first()
    if found is None:
        raise fail("there is no such member of staff")
    return Actor.staff(found.pk, StaffRole(found.role))
