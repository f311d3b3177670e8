"""Routes of the client's orders. A number that is not this client's is answered with 404."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.extensions import alko_settings
from alko.orders import presentation
from alko.orders.forms import MailForm
from alko.sales import invoice_pdf, operations, reading
from alko.web.access import client_only
from alko.web.pages import render, wants_fragment
from alko.web.paging import Pager

STOP_POLLING = 286
"""htmx's own status: swap this in, and ask no more."""

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.get("")
@client_only
def index() -> Response:
    raw = request.args.get("page", "1")
    if not (raw.isascii() and raw.isdecimal() and 0 < len(raw) < 8 and int(raw) >= 1):
        abort(404)
    page = reading.page(current_user.client, current_user.actor, int(raw))
    return render(
        "orders/index.html",
        orders=[presentation.listed(row) for row in page.rows],
        page=Pager(page, lambda number: url_for("orders.index", page=number)),
    )


@blueprint.get("/<number>")
@client_only
def show(number: str) -> Response:
    return _show(number, MailForm())


def _show(number: str, form: MailForm, status: int = 200) -> Response:
    now = datetime.now(UTC)
    known = reading.known(current_user.client, number, now.date())
    opened = reading.opened(known, current_user.client, current_user.actor, with_papers=True)
    order = opened.order
    if not form.is_submitted():
        form.mails.data = [one["name"] for one in presentation.mail_choices(order) if one["chosen"]]
    vin = order.values.get("vin") or ""
    money = presentation.money_of(opened)
    return render(
        "orders/show.html",
        status=status,
        order=presentation.listed(order),
        readable=order.readable,
        facts=presentation.car_facts(order),
        vin=vin,
        cancelled=order.values.get("cancellation_reason") or "",
        vin_check=presentation.vin_check(vin) if vin else None,
        payments=presentation.payments(opened),
        invoices=presentation.invoices(opened),
        papers=presentation.papers(opened),
        paid=presentation.money(money.paid, money.currency),
        total=presentation.money(money.total, money.currency),
        balance=presentation.money(max(money.balance, 0), money.currency),
        money=money,
        view=presentation.tracking_view(opened, now.date(), now),
        fragment=False,
        poll_seconds=alko_settings().tracking_poll.total_seconds(),
        hints={one["name"]: one["hint"] for one in presentation.mail_choices(order)},
        form=form,
    )


@blueprint.get("/<number>/tracking")
@client_only
def tracking(number: str) -> Response:
    """Where the car is: a page, and the part of it that asks for news by itself.

    The part says which version it shows. While there is no newer one the answer is empty (204, or
    304 to If-None-Match): nothing is opened and nothing shown, so there is no entry in the
    client's ledger either; otherwise half a minute of an open page would be one line in it. Two
    reads at most: the version, and then everything at once.
    """
    now = datetime.now(UTC)
    known = reading.known(current_user.client, number, now.date())
    fragment = wants_fragment()
    if fragment and request.args.get("version") == known.version:
        return Response(status=204)
    if fragment and known.version in request.if_none_match:
        response = Response(status=304)
    else:
        opened = reading.opened(known, current_user.client, current_user.actor)
        response = render(
            "orders/tracking.html",
            block="tracking",
            status=STOP_POLLING if fragment and known.over else 200,
            order=presentation.listed(opened.order),
            view=presentation.tracking_view(opened, now.date(), now),
            fragment=fragment,
            poll_seconds=alko_settings().tracking_poll.total_seconds(),
        )
    if fragment:
        response.set_etag(known.version)
    return response


@blueprint.post("/<number>/mails")
@client_only
def mails(number: str) -> Response:
    form = MailForm()
    if not form.validate_on_submit():
        return _show(number, form, 422)
    operations.choose_mails(current_user.client, number, form.mails.data or [])
    flash(gettext("Your choice of mails is noted."), "success")
    return redirect(url_for("orders.show", number=number), code=303)  # type: ignore[return-value]


@blueprint.get("/<number>/invoices/<invoice>.pdf")
@client_only
def invoice(number: str, invoice: str) -> Response:
    """An invoice as PDF/UA, made anew each time from the sealed record."""
    known = reading.known(current_user.client, number, datetime.now(UTC).date())
    found = reading.invoice(known, current_user.client, current_user.actor, invoice)
    if found is None:
        abort(404)
    if not found[0].readable:
        abort(410)
    response = make_response(invoice_pdf.document(*found, alko_settings().controller))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{found[0].values["number"]}.pdf"'
    return response
