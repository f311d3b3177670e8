"""How the car of an order travels: carrier, ship and ports."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Response, flash
from flask_babel import gettext
from wtforms.fields import SelectChoice

from alko.extensions import alko_settings
from alko.moderation.blueprint import blueprint
from alko.moderation.orders import presentation
from alko.moderation.orders.forms import ShipmentForm
from alko.moderation.orders.routes import opened_order, order_in_hand, see_order
from alko.privacy.door.permissions import Permission
from alko.sales import news, shipments
from alko.sales.shipments import Shipment
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render

FIELDS = tuple(one.name for one in fields(Shipment))


@blueprint.route("/orders/<number>/shipment", methods=["GET", "POST"])
@staff(Permission.ORDERS)
def shipment(number: str) -> Response:
    """A page of its own: most of it is entered once, when the car is loaded."""
    found = order_in_hand(number)
    opened = opened_order(found)
    known: dict[str, Any] = dict(opened.delivery.values) if opened.delivery else {}
    form = ShipmentForm(data=known)
    form.carrier_code.choices = _carriers(known.get("carrier_code") or "")
    if form.validate_on_submit():
        entered = Shipment(**{name: form.data[name] or "" for name in FIELDS})
        try:
            shipments.enter(current_member.actor(found.number), found.client, found.id, entered)
            flash(gettext("It is noted how the car travels."), "success")
            return see_order(found)
        except shipments.ReferenceTaken:
            form.reference.errors = [gettext("Another order has this number of the carrier.")]
        except news.OrderOver:
            form.form_errors.append(gettext("The order is over: nothing was noted."))
    return render(
        "moderation/orders/shipment.html",
        status=422 if form.errors else 200,
        form=form,
        head=presentation.head(found, current_member.id),
    )


def _carriers(known: str) -> list[SelectChoice]:
    """Nobody, and all that may sign reports; the one that is stored stays a choice."""
    names = sorted({*alko_settings().carriers, *([known] if known else [])})
    nobody = SelectChoice("", gettext("Nobody: staff enter the news"))
    return [nobody, *(SelectChoice(name, name) for name in names)]
