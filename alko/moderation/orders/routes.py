"""The queue of open orders, and an order's page: payments, and news of the delivery."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import get_locale, gettext

from alko.moderation import handing
from alko.moderation.blueprint import blueprint
from alko.moderation.orders import presentation, reading
from alko.moderation.orders.forms import InvoiceForm, MilestoneForm, PaymentForm
from alko.moderation.orders.reading import Listed, View
from alko.privacy import wording
from alko.privacy.deliveries import EventConflict, TooManyEvents
from alko.privacy.door.access import Restricted
from alko.privacy.door.permissions import Permission
from alko.sales import news, operations, payments
from alko.sales import reading as sales
from alko.sales.reading import OpenOrder
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render, wants_fragment
from alko.web.paging import Pager, number_asked


@blueprint.get("/orders")
@staff(Permission.ORDERS)
def orders() -> Response:
    """Oldest first; whose order it is, is behind each line, for whoever takes it."""
    state = request.args.get("state", "")
    try:
        view = View(request.args.get("view", View.ALL.value))
    except ValueError:
        abort(404)
    if state and state not in reading.STATES:
        abort(404)
    rows, page = reading.queue(view, state, current_member.id, number_asked())
    return render(
        "moderation/orders/queue.html",
        view=gettext(presentation.VIEWS[view]),
        filters=presentation.filters(view, state),
        rows=presentation.lines(rows, current_member.id),
        page=Pager(page, lambda number: presentation.address(view, state, number)),
    )


@blueprint.get("/orders/<number>")
@staff(Permission.ORDERS)
def order_page(number: str) -> Response:
    """All of it for who has it in hand; clear fields for the others."""
    return answer(known_order(number))


@blueprint.post("/orders/<number>/take")
@staff(Permission.ORDERS)
def take_order(number: str) -> Response:
    found = known_order(number)
    handing.take(found.number)
    return see_order(found)


@blueprint.post("/orders/<number>/put-back")
@staff(Permission.ORDERS)
def put_order_back(number: str) -> Response:
    handing.put_back(known_order(number).number)
    return redirect(url_for("moderation.orders"), code=303)  # type: ignore[return-value]


@blueprint.post("/orders/<number>/payments")
@staff(Permission.ORDERS)
def record_payment(number: str) -> Response:
    """One payment for each form that was shown, however often it is sent."""
    found, form = known_order(number), PaymentForm()
    opened = opened_order(found)
    form.receipt.choices = presentation.receipts(opened)
    token = form_token(form.token.data)
    if not form.validate_on_submit():
        return answer(found, payment=form)
    due = presentation.money_of(opened)
    known = token in {one.id for one in opened.payments}
    if not known and form.cents > due.balance:
        left = presentation.money(max(due.balance, 0), due.currency)
        form.amount.errors = [gettext("That is more than what is left to pay: %(left)s", left=left)]
        return answer(found, payment=form)
    try:
        fresh = payments.record(
            current_member.actor(found.number),
            found.client,
            found.id,
            token,
            payments.details(
                form.cents, due.currency, form.method.data or "", form.payer.data or ""
            ),
            datetime.combine(form.paid_on.data, time(12), UTC),
            record_id(form.receipt.data) if form.receipt.data else None,
            seen=found.revision,
        )
    except payments.Outdated:
        form.form_errors.append(
            gettext("The order changed meanwhile. Look at what is left to pay, and send it again.")
        )
        return answer(found, payment=form)
    except payments.NoSuchReceipt:
        form.receipt.errors = [gettext("This receipt is not there any more.")]
        return answer(found, payment=form)
    except payments.OrderClosed:
        form.form_errors.append(gettext("The order is over: nothing was recorded."))
        return answer(found, payment=form)
    said = gettext("The payment is recorded.") if fresh else gettext("It was recorded already.")
    flash(said, "success" if fresh else "info")
    return see_order(found)


@blueprint.post("/orders/<number>/news")
@staff(Permission.ORDERS)
def note_news(number: str) -> Response:
    """A step of the delivery, reached or expected; the client is told as they chose."""
    found, form = known_order(number), MilestoneForm()
    token = form_token(form.token.data)
    if not form.validate_on_submit():
        return answer(found, milestone=form)
    told = {
        "milestone": form.milestone.data or "",
        "place": form.place.data or "",
        "day": form.day.data,
        "done": form.done.data == "yes",
        "reason": form.reason.data or "",
    }
    try:
        fresh = news.note(current_member.actor(found.number), found.client, found.id, token, **told)
    except operations.BeforeOrder as error:
        ordered = wording.day(error.ordered_on, get_locale())
        form.day.errors = [
            gettext("The order was placed on %(day)s: no car is delivered before", day=ordered)
        ]
        return answer(found, milestone=form)
    except EventConflict:
        form.form_errors.append(
            gettext("This form was sent already, with something else in it. Look at what is noted.")
        )
        return answer(found, milestone=form)
    except TooManyEvents:
        form.form_errors.append(gettext("This delivery holds as many reports as it may."))
        return answer(found, milestone=form)
    except news.OrderOver:
        form.form_errors.append(gettext("The order is over: nothing was noted."))
        return answer(found, milestone=form)
    flash(gettext("It is noted.") if fresh else gettext("It was noted already."), "success")
    return see_order(found)


def answer(
    found: Listed,
    *,
    payment: PaymentForm | None = None,
    milestone: MilestoneForm | None = None,
    invoice: InvoiceForm | None = None,
) -> Response:
    """The order's page; with a form that was refused, and why."""
    mine = found.holder == current_member.id
    form = payment or milestone or invoice
    status = 422 if form else handing.status(found.holder)
    inside: dict[str, Any] = {}
    payment = payment or PaymentForm(formdata=None, token=str(ObjectId()))
    if mine:
        try:
            opened = opened_order(found)
            payment.receipt.choices = presentation.receipts(opened)
            inside = {"readable": opened.order.readable}
            if opened.order.readable:
                inside |= presentation.inside(opened)
        except Restricted:
            inside, status = {"restricted": True}, 403
    return render(
        "moderation/orders/order.html",
        block="order",
        part=wants_fragment(),
        status=status,
        form=form or payment,
        payment=payment,
        invoice=invoice or InvoiceForm(formdata=None),
        milestone=milestone or MilestoneForm(formdata=None, token=str(ObjectId())),
        head=presentation.head(found, current_member.id),
        mine=mine,
        inside=inside,
        client=found.client,
    )


def order_in_hand(number: str) -> Listed:
    """The order of that number if the member has it in hand; 404, 403."""
    found = known_order(number)
    return found if found.holder == current_member.id else abort(403)


def opened_order(found: Listed) -> OpenOrder:
    known = sales.known(found.client, found.number, datetime.now(UTC).date())
    actor = current_member.actor(found.number)
    return sales.opened(known, found.client, actor, with_papers=True)


def known_order(number: str) -> Listed:
    """The order of that number; 404."""
    return reading.find(number) or abort(404)


def form_token(raw: str | None) -> ObjectId:
    """The number that the form was shown with; 404 for one from the future."""
    token = record_id(raw or "")
    if token.generation_time > datetime.now(UTC) + timedelta(minutes=1):
        abort(404)
    return token


def see_order(found: Listed) -> Response:
    """The order as it is after a step: for htmx its part of the page, with what was said."""
    if wants_fragment():
        return answer(known_order(found.number))
    address = url_for("moderation.order_page", number=found.number)
    return redirect(address, code=303)  # type: ignore[return-value]
