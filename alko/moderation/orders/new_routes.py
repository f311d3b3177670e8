"""A new order for a client whom the member deals with just now."""

from __future__ import annotations

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.clients import reading
from alko.moderation.orders.forms import OrderForm
from alko.moderation.orders.routes import form_token
from alko.privacy.door import grounds
from alko.privacy.door.access import AccessDenied
from alko.privacy.door.permissions import Permission
from alko.sales import placing
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.route("/clients/<client>/orders/new", methods=["GET", "POST"])
@staff(Permission.ORDERS)
def new_order(client: str) -> Response:
    """One order for each form that was shown, assigned to whoever enters it."""
    number = record_id(client)
    form = OrderForm(request.form or None, case=request.args.get("case", ""), token=str(ObjectId()))
    case = form.case.data or ""
    _check(number, case)
    if form.validate_on_submit():
        placed = placing.place(
            current_member.actor(case),
            number,
            form_token(form.token.data),
            placing.details(
                make=form.make.data or "",
                model=form.model.data or "",
                model_year=form.model_year.data or 0,
                colour=form.colour.data or "",
                vin=form.vin.data or "",
                price=form.cents,
                currency=form.currency.data,
            ),
        )
        flash(gettext("The order is entered as %(number)s.", number=placed), "success")
        address = url_for("moderation.order_page", number=placed)
        return redirect(address, code=303)  # type: ignore[return-value]
    return render(
        "moderation/orders/new.html",
        status=422 if form.errors else 200,
        form=form,
        client=number,
        case=case,
    )


def _check(client: ObjectId, case: str) -> None:
    """AccessDenied unless this ground serves an order of this client; 404 without an account."""
    try:
        ground = grounds.ground(current_member.id, current_member.role, case, client)
    except grounds.NoGround as refusal:
        raise AccessDenied(str(refusal)) from None
    if not placing.allows(ground):
        raise AccessDenied("this case is not about an order")
    if not reading.is_client(client):
        abort(404)
