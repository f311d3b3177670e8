"""Alerts: a person looks into each, and says what they found (P17)."""

from __future__ import annotations

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from alko.moderation.blueprint import blueprint
from alko.moderation.ledger import presentation
from alko.moderation.ledger.forms import AcknowledgeForm
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.door.permissions import Permission
from alko.privacy.oversight import alerts as watching
from alko.web import paging
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager


@blueprint.get("/ledger/alerts")
@staff(Permission.LEDGER)
def alerts() -> Response:
    everything = request.args.get("state") == "all"
    page = watching.page(
        current_member.actor(),
        paging.number_asked(),
        paging.until_asked(),
        open_only=not everything,
    )
    state = "all" if everything else None
    pin = paging.pin(page)
    return render(
        "moderation/ledger/alerts.html",
        alerts=[presentation.alert(row) for row in page.rows],
        everything=everything,
        waiting=watching.waiting(),
        page=Pager(page, lambda n: url_for("moderation.alerts", state=state, page=n, until=pin)),
    )


@blueprint.route("/ledger/alerts/<record>", methods=["GET", "POST"])
@staff(Permission.LEDGER)
def alert_page(record: str) -> Response:
    number, form = record_id(record), AcknowledgeForm()
    shown, actor = _alert(number), current_member.actor()
    own = shown["member"] == str(current_member.id)
    anothers = own and watching.is_anothers(actor, current_member.id)
    asked = request.method == "POST" and not shown["acknowledged"]
    if asked and not anothers and form.validate_on_submit():
        outcome = watching.AlertOutcome(form.outcome.data)
        if not watching.acknowledge(actor, number, outcome, form.note.data or ""):
            abort(409)
        flash(gettext("The alert is acknowledged."), "success")
        return redirect(url_for("moderation.alerts"), code=303)  # type: ignore[return-value]
    return render(
        "moderation/ledger/alert.html",
        status=403 if asked and anothers else 422 if form.errors else 200,
        form=form,
        alert=shown,
        own=own,
        anothers=anothers,
    )


def _alert(number: ObjectId) -> dict[str, object]:
    try:
        return presentation.alert(watching.read(current_member.actor(), number))
    except NoSuchRecord:
        raise NotFound from None
