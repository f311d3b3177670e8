"""Noting a call: a case of somebody who phoned, with or without an account (P33-P35)."""

from __future__ import annotations

import secrets

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.messages import operations
from alko.moderation.messages.forms import CallForm
from alko.privacy.correspondence import case_mails
from alko.privacy.correspondence.cases import CaseKind
from alko.privacy.door.permissions import Permission
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.route("/messages/calls/new", methods=["GET", "POST"])
@staff(Permission.MESSAGES)
def note_call() -> Response:
    form = CallForm()
    if request.method == "GET":
        form.key.data = secrets.token_urlsafe(16)
    if not form.validate_on_submit():
        status = 422 if form.errors else 200
        return render("moderation/messages/call.html", status=status, form=form)
    call = operations.Call(
        name=form.name.data or "",
        email=form.email.data or "",
        words=form.words.data or "",
        kind=CaseKind(form.kind.data),
        urgent=form.urgent.data,
        key=form.key.data or "",
    )
    case = operations.note_call(current_member.actor(), call)
    if case_mails.awaits_receipt(case):
        flash(gettext("The call is noted. The caller is mailed a link a little later."), "success")
    else:
        flash(gettext("The call is noted. The caller was mailed a link to it."), "success")
    address = url_for("moderation.message_page", reference=case.reference)
    return redirect(address, code=303)  # type: ignore[return-value]
