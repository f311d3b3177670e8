"""What ends an order or moves it on to somebody else."""

from __future__ import annotations

from flask import Response, flash, request
from flask_babel import gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.orders import presentation
from alko.moderation.orders.forms import CancelForm, GiveForm
from alko.moderation.orders.routes import known_order, order_in_hand, see_order
from alko.privacy import assignments
from alko.privacy import staff as members
from alko.privacy.assignments import NotForThem
from alko.privacy.permissions import Permission, StaffRole
from alko.sales import cancelling
from alko.sales.payments import OrderClosed
from alko.web.access import staff
from alko.web.ids import record_id
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
    found, form = known_order(number), GiveForm()
    form.to.choices = [
        (str(member), gettext("%(name)s (%(role)s)", name=name, role=presentation.code(role.value)))
        for member, role, name in members.names(StaffRole.AGENT, StaffRole.OFFICER)
    ]
    if form.validate_on_submit():
        try:
            assignments.give(current_member.actor(), found.number, record_id(form.to.data))
        except NotForThem:
            form.to.errors = [gettext("They cannot have this work any more. Choose somebody else.")]
        else:
            flash(gettext("The order was given on."), "success")
            return see_order(found)
    elif request.method == "GET":
        form.to.data = str(current_member.id)
    return render(
        "moderation/orders/give.html",
        status=422 if form.errors else 200,
        form=form,
        head=presentation.head(found, current_member.id),
    )
