"""Looking up a case by its reference or its writer's address (P16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Response, redirect, session, url_for
from flask_babel import gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.clients.routes import by_searcher
from alko.moderation.messages import presentation, reading
from alko.moderation.messages.forms import CaseSearchForm
from alko.privacy.correspondence import case_search
from alko.privacy.door.permissions import Permission
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render

REMEMBERED = timedelta(minutes=10)
"""How long the answer to a search stays on the searcher's page."""


@blueprint.route("/messages/find", methods=["GET", "POST"])
@staff(Permission.MESSAGES)
@by_searcher
def find_message() -> Response:
    """What was typed stays out of the address, and so do names out of the answer."""
    form, status, now = CaseSearchForm(), 200, datetime.now(UTC)
    if form.validate_on_submit():
        found = case_search.find(current_member.actor(), form.wanted.data or "")
        if found:
            session["found_cases"] = [found, int(now.timestamp())]
            return redirect(url_for("moderation.find_message"), code=303)  # type: ignore[return-value]
        form.wanted.errors = [
            gettext(
                "No case is found by this. Only the whole of it is found: check each character."
            )
        ]
        status = 404
    elif form.errors:
        status = 422
    rows = [] if form.errors else reading.listed(_found(now))
    return render(
        "moderation/messages/find.html",
        status=status,
        form=form,
        rows=presentation.lines(rows, current_member.id, now),
    )


def _found(now: datetime) -> list[str]:
    """Which cases this member found a moment ago."""
    references, at = session.get("found_cases", [[], 0])
    return references if now.timestamp() - at <= REMEMBERED.total_seconds() else []
