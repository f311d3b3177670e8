"""The queue of requests, a request's page, and who works on it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext

from alko.moderation import handing
from alko.moderation.blueprint import blueprint
from alko.moderation.requests import operations, presentation, reading, steps
from alko.moderation.requests.forms import PhonedForm
from alko.moderation.requests.reading import Filters, Holder, View
from alko.privacy.door.permissions import Permission
from alko.privacy.rights import rectification, requests
from alko.privacy.rights.catalogue import Right
from alko.web.access import staff as staff_only
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager, number_asked


@blueprint.get("/requests")
@staff_only(Permission.REQUESTS)
def request_queue() -> Response:
    """By legal risk; officers see all, agents what is assigned to them."""
    now = datetime.now(UTC)
    filters = _filters()
    found = reading.desk(filters, current_member.id, current_member.role, number_asked(), now)

    def lines(rows: list[reading.Listed]) -> list[dict[str, Any]]:
        return presentation.lines(rows, current_member.id, now)

    return render(
        "moderation/requests/queue.html",
        view=filters.view.value,
        title=gettext(presentation.VIEWS[filters.view]),
        groups=presentation.filter_groups(filters, found, current_member),
        rows=lines(found.rows),
        urgent=lines(found.urgent),
        unverified=lines(found.unverified),
        urgent_url=presentation.address(filters, view=View.URGENT),
        unverified_url=presentation.address(filters, view=View.UNVERIFIED),
        filtered=filters != Filters(filters.view),
        whole_url=presentation.address(Filters(filters.view)),
        page=Pager(found.page, lambda number: presentation.address(filters, number)),
    )


@blueprint.get("/requests/<reference>")
@staff_only(Permission.REQUESTS)
def request_page(reference: str) -> Response:
    """Clear fields for an officer who does not have it in hand; all of it for who has."""
    return _request_page(reference)


@blueprint.post("/requests/<reference>/reveal")
@staff_only(Permission.REQUESTS)
def reveal_in_request(reference: str) -> Response:
    """Show one masked value of a correction; the client reads that in their activity (P4)."""
    found, field = known(reference), request.form.get("field", "")
    if field not in (*rectification.IDENTITY, *rectification.CONTACT):
        abort(400)
    if found.assigned_to != current_member.id:
        return see_request(reference)
    requests.reveal(found.client, current_member.actor(case=reference), reference, field)
    return _request_page(reference, revealed=(field,))


def _request_page(reference: str, revealed: tuple[str, ...] = ()) -> Response:
    found = known(reference)
    mine = found.assigned_to == current_member.id
    facts = steps.facts_of(found, current_member.id)
    inside: dict[str, Any] = {}
    if mine:
        case = current_member.actor(case=reference)
        found, details = requests.read(found.client, case, reference)
        inside = presentation.inside(found, details, revealed)
        if found.corrects:
            papers = rectification.evidence(found.client, case, found.pk)
            inside["evidence"] = presentation.evidence(papers, reference)
    return render(
        "moderation/requests/request.html",
        head=presentation.head(found, current_member.id, datetime.now(UTC)),
        mine=mine,
        inside=inside,
        standing=presentation.standing(facts),
        buttons=presentation.buttons(facts, current_member) if mine else [],
        revision=found.revision,
        next_reference=reading.next_after(found, current_member.id, current_member.role),
        client=found.client if facts.account else None,
    )


def known(reference: str) -> Any:
    """The request with its clear fields; 404 for what is no agent's business."""
    found = reading.find(reference)
    officer = current_member.may(Permission.DECIDE)
    if found is None or not (officer or found.assigned_to == current_member.id):
        abort(404)
    return found


@blueprint.post("/requests/<reference>/take")
@staff_only(Permission.DECIDE)
def take_request(reference: str) -> Response:
    known(reference)
    handing.take(reference)
    return see_request(reference)


@blueprint.route("/requests/<reference>/give", methods=["GET", "POST"])
@staff_only(Permission.DECIDE)
def give_request(reference: str) -> Response:
    """To a colleague, or to oneself in a colleague's place."""
    found = known(reference)
    desk = (gettext("Requests"), url_for("moderation.request_queue"))
    item = url_for("moderation.request_page", reference=reference)
    return handing.give(reference, found.assigned_to, desk, item) or see_request(reference)


@blueprint.post("/requests/<reference>/put-back")
@staff_only(Permission.REQUESTS)
def put_request_back(reference: str) -> Response:
    known(reference)
    handing.put_back(reference)
    return redirect(url_for("moderation.request_queue"), code=303)  # type: ignore[return-value]


@blueprint.route("/requests/new", methods=["GET", "POST"])
@staff_only(Permission.REQUESTS)
def phoned_request() -> Response:
    """What a client asks for by phone: for a client whom the member deals with just now."""
    form = PhonedForm(
        request.form or None, client=request.args.get("client"), case=request.args.get("case")
    )
    if not (form.client.data and form.case.data):
        return render("moderation/requests/phoned_whose.html")
    client = record_id(form.client.data)
    if form.validate_on_submit():
        filed = operations.phoned(
            client,
            current_member.actor(case=form.case.data),
            Right(form.right.data),
            form.words.data or "",
            form.called_at,
            form.how.data or "",
            form.key.data or "",
            identified=form.identified.data == "yes",
        )
        flash(
            gettext("The request is filed as %(reference)s.", reference=filed.reference), "success"
        )
        if current_member.may(Permission.DECIDE):
            return see_request(filed.reference)
        return redirect(url_for("moderation.request_queue"), code=303)  # type: ignore[return-value]
    if request.method == "GET":
        now = datetime.now(UTC)
        form.on.data, form.at.data = now.date(), now.time()
        form.key.data = secrets.token_urlsafe(16)
    return render("moderation/requests/phoned.html", status=422 if form.errors else 200, form=form)


def see_request(reference: str) -> Response:
    address = url_for("moderation.request_page", reference=reference)
    return redirect(address, code=303)  # type: ignore[return-value]


def _filters() -> Filters:
    """From the address; what is not known there is left out."""
    given = request.args
    return Filters(
        _one_of(View, given.get("view")) or View.QUEUE,
        _one_of(Holder, given.get("holder")) or Holder.ANYBODY,
        _one_of(Right, given.get("right")),
        _one_of(reading.open_state, given.get("state")),
        given.get("due") == "overdue",
    )


def _one_of(kind: Callable[[Any], Any], name: str | None) -> Any:
    try:
        return kind(name)
    except ValueError:
        return None
