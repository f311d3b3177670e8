"""Objection and restriction: what takes effect in the same request (P30, P31)."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.account.routes import by_caller
from alko.privacy.rights import objection, restriction
from alko.privacy.rights.catalogue import RIGHTS, Right
from alko.rights import operations, presentation
from alko.rights.blueprint import blueprint
from alko.rights.forms import RestrictionForm
from alko.web.access import client_only
from alko.web.pages import render


@blueprint.post("/objection/switch")
@client_only
def object_to() -> Response:
    purpose = request.form.get("purpose", "")
    if purpose not in objection.SWITCHES:
        abort(400)
    objection.object_to(current_user.client, current_user.actor, purpose)
    flash(gettext("Your objection is recorded and in effect."), "success")
    address = url_for("rights.one_right", right=Right.OBJECTION.value)
    return redirect(address, code=303)  # type: ignore[return-value]


@blueprint.route("/restriction", methods=["GET", "POST"])
@client_only
@by_caller
def restrict() -> Response:
    """The four grounds; shown once more before it takes effect."""
    form = RestrictionForm()
    checking = form.validate_on_submit() and "change" not in request.form
    if checking and "confirmed" in request.form:
        filed = operations.restrict(
            current_user.client, current_user.actor, form.ground.data, form.words.data or ""
        )
        flash(gettext("The use of your data is restricted from now on."), "success")
        address = url_for("rights.request_page", reference=filed.reference)
        return redirect(address, code=303)  # type: ignore[return-value]
    found = restriction.standing(current_user.client)
    return render(
        "rights/restriction_check.html" if checking else "rights/restriction.html",
        status=422 if form.errors else 200,
        form=form,
        ground=gettext(restriction.GROUNDS[form.ground.data]) if checking else "",
        explained=RIGHTS[Right.RESTRICTION],
        practice=presentation.PRACTICE[Right.RESTRICTION],
        since=found and presentation.day(found.since),
        standing_ground=found and gettext(restriction.GROUNDS[found.ground]),
        ends=found and found.ends and presentation.day(found.ends),
    )


@blueprint.post("/restriction/lift")
@client_only
def lift_restriction() -> Response:
    if operations.lift_restriction(current_user.client, current_user.actor):
        flash(gettext("The restriction is lifted."), "success")
    else:
        flash(gettext("No restriction is in force."), "info")
    return redirect(url_for("rights.restrict"), code=303)  # type: ignore[return-value]
