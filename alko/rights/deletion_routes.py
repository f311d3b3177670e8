"""Deletion: the plan first, then a typed confirmation with the password (P28)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, flash, redirect, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.account.operations import password_is_right
from alko.account.routes import by_caller
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle.erasure import NothingToErase
from alko.privacy.sharing import disclosures
from alko.rights import operations, presentation
from alko.rights.blueprint import blueprint
from alko.rights.forms import DeletionForm
from alko.web.access import client_only
from alko.web.pages import render


@blueprint.route("/deletion", methods=["GET", "POST"])
@client_only
@by_caller
def deletion() -> Response:
    run = erasure.pending(current_user.client)
    if run is not None:
        begins = run.execute_after if run.execute_after > datetime.now(UTC) else None
        return render("rights/deletion_pending.html", begins=begins and presentation.day(begins))
    form = DeletionForm()
    if form.validate_on_submit() and _password_is_right(form):
        try:
            operations.schedule_deletion(
                current_user.client, current_user.actor, at_once=form.when.data == "now"
            )
        except NothingToErase:
            flash(gettext("The deletion is under way already."), "info")
        return _see_deletion()
    plan = erasure.preview(current_user.client, current_user.actor)
    return render(
        "rights/deletion.html",
        status=422 if form.errors else 200,
        form=form,
        holders=presentation.holder_lines(disclosures.holders(current_user.client)),
        **presentation.plan_tables(plan),
    )


@blueprint.post("/deletion/cancel")
@client_only
def cancel_deletion() -> Response:
    if operations.cancel_deletion(current_user.client, current_user.actor):
        flash(gettext("The deletion is cancelled. Nothing was changed."), "success")
        return redirect(url_for("rights.index"), code=303)  # type: ignore[return-value]
    flash(gettext("There is no deletion that could be cancelled."), "warning")
    return _see_deletion()


def _password_is_right(form: DeletionForm) -> bool:
    if password_is_right(current_user.client, form.password.data or ""):
        return True
    form.password.errors = [gettext("This is not your password.")]
    return False


def _see_deletion() -> Response:
    return redirect(url_for("rights.deletion"), code=303)  # type: ignore[return-value]
