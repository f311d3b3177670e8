"""What ends an order or moves it on to somebody else."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext

from alko.moderation import handing
from alko.moderation.blueprint import blueprint
from alko.moderation.orders import presentation
from alko.moderation.orders.forms import CancelForm
from alko.moderation.orders.routes import known_order, order_in_hand, see_order
from alko.privacy.door.permissions import Permission
from alko.sales import cancelling
from alko.sales.payments import OrderClosed
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.route("/orders/<number>/cancel", methods=["GET", "POST"])
@staff(Permission.ORDERS)
def cancel_order(number: str) -> Response:
    """A page of its own says what follows, and asks for the reason that the client reads."""
    found, form = order_in_hand(number), CancelForm()
    if form.validate_on_submit():
        actor = current_member.actor(found.number)
        try:
            if cancelling.cancel(actor, found.client, found.id, form.reason.data or ""):
                flash(gettext("The order is cancelled, and the client is told."), "success")
            else:
                flash(gettext("The order was cancelled already."), "info")
        except OrderClosed:
            flash(gettext("The car was delivered: the order is not cancelled."), "warning")
        return see_order(found)
    return render(
        "moderation/orders/cancel.html",
        status=422 if form.errors else 200,
        form=form,
        head=presentation.head(found, current_member.id),
    )


@blueprint.route("/orders/<number>/give", methods=["GET", "POST"])
@staff(Permission.DECIDE)
def give_order(number: str) -> Response:
    """To a colleague, or to oneself in a colleague's place."""
    found = known_order(number)
    desk = (gettext("Orders"), url_for("moderation.orders"))
    item = url_for("moderation.order_page", number=found.number)
    return handing.give(found.number, found.holder, desk, item) or see_order(found)
