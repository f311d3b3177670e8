"""The invoice of an order: issued once, and opened as PDF."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, abort, flash
from flask_babel import gettext

from alko.extensions import alko_settings
from alko.moderation.blueprint import blueprint
from alko.moderation.orders.forms import InvoiceForm
from alko.moderation.orders.routes import answer, order_in_hand, see_order
from alko.privacy.door.permissions import Permission
from alko.sales import invoice_pdf, invoicing
from alko.sales import reading as sales
from alko.sales.payments import OrderClosed
from alko.web import downloads
from alko.web.access import staff
from alko.web.members import current_member


@blueprint.post("/orders/<number>/invoices")
@staff(Permission.ORDERS)
def issue_invoice(number: str) -> Response:
    found, form = order_in_hand(number), InvoiceForm()
    if not form.validate_on_submit():
        return answer(found, invoice=form)
    actor = current_member.actor(found.number)
    try:
        fresh = invoicing.issue(actor, found.client, found.id, form.lines, form.tax_cents)
    except invoicing.BuyerUnknown:
        form.form_errors.append(
            gettext("An invoice states a name and a postal address: the client must give them.")
        )
        return answer(found, invoice=form)
    except invoicing.NumberingFailed:
        form.form_errors.append(gettext("Too many invoices are issued just now. Try it again."))
        return answer(found, invoice=form)
    except OrderClosed:
        form.form_errors.append(gettext("The order is over: nothing was issued."))
        return answer(found, invoice=form)
    if fresh:
        flash(gettext("The invoice is issued."), "success")
    else:
        flash(gettext("The order has its invoice already."), "info")
    return see_order(found)


@blueprint.get("/orders/<number>/invoices/<invoice>.pdf")
@staff(Permission.ORDERS)
def order_invoice(number: str, invoice: str) -> Response:
    """As the client gets it, in a sandbox; opening it is in the client's ledger."""
    found = order_in_hand(number)
    known = sales.known(found.client, found.number, datetime.now(UTC).date())
    rows = sales.invoice(known, found.client, current_member.actor(found.number), invoice)
    if rows is None:
        abort(404)
    if not rows[0].readable:
        abort(410)
    file = invoice_pdf.document(*rows, alko_settings().controller)
    name = f"{rows[0].values['number']}.pdf"
    return downloads.inert(iter([file]), name, "application/pdf", len(file))
