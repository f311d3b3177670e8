"""Correction, detail by detail: typed, shown once more beside what is held, then done or filed."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user

from alko.account.routes import by_caller
from alko.privacy import wording
from alko.privacy.inventory import Field, category
from alko.privacy.rights import correction_words, rectification, requests
from alko.privacy.rights.rectification import BY_MAIL, CONTACT, IDENTITY
from alko.rights import operations
from alko.rights.blueprint import blueprint
from alko.rights.forms import CorrectionForm, EvidenceForm, MessageForm
from alko.rights.routes import request_page_with
from alko.web import uploads
from alko.web.access import client_only
from alko.web.pages import render


@blueprint.route("/correction/<field>", methods=["GET", "POST"])
@client_only
@by_caller
def correct(field: str) -> Response:
    """The form of one detail, with those that go with it; what was typed is shown once more."""
    if field == BY_MAIL:
        return _see(url_for("account.change_email"))
    if field not in (*IDENTITY, *CONTACT):
        abort(404)
    group = rectification.group_of(field)
    held = rectification.read(current_user.client, current_user.actor)
    form = CorrectionForm(
        only=(*group, "words") if field in IDENTITY else group,
        data={name: held[name] for name in group if not _field(name).sensitive},
    )
    changes = []
    if form.validate_on_submit() and "change" not in request.form:
        typed = form.details(keep_if_empty=IDENTITY)
        changes = rectification.differences(held, typed)
        if not changes:
            form.form_errors.append(gettext("This is what we hold already."))
        elif "confirmed" in request.form:
            return _done(field, typed, form.words.data if form.words else "")
    return render(
        "rights/correct_check.html" if changes else "rights/correct.html",
        status=422 if form.errors else 200,
        form=form,
        field=field,
        group=group,
        label=gettext(_field(field).label),
        why=gettext(_field(field).why),
        reviewed=field in IDENTITY and any(held[name] for name in group),
        changes=correction_words.shown(changes, gettext, get_locale(), typed=True),
        on_file={name: _kept(name, held[name]) for name in group if held[name]},
        pending=_pending(group),
    )


def _done(field: str, typed: dict[str, str], words: str | None) -> Response:
    done = rectification.correct(current_user.client, current_user.actor, typed, words or "")
    if done.review:
        flash(gettext("Your correction was filed: a person looks at it."), "success")
        return _see(url_for("rights.request_page", reference=done.review))
    flash(gettext("Corrected. The former value is kept in your requests."), "success")
    return _see(url_for("my_data.category", slug=rectification.slug_of(field)))


def _field(name: str) -> Field:
    return category(rectification.slug_of(name)).field(name)


def _kept(name: str, value: str) -> str:
    """What is held of a sensitive detail, masked: an empty field leaves it as it is (P4)."""
    field = _field(name)
    if not field.sensitive:
        return ""
    return gettext(
        "We hold %(masked)s. Leave this empty to keep it.", masked=wording.masked(field, value)
    )


def _pending(group: tuple[str, ...]) -> list[str]:
    """Open corrections of the same details; a new one takes their place."""
    found = rectification.pending(current_user.client, current_user.actor)
    return [reference for reference, fields in found.items() if set(fields) & set(group)]


@blueprint.post("/requests/<reference>/reveal")
@client_only
def reveal_change(reference: str) -> Response:
    """Show the masked values of one correction; the ledger records it, nothing stores it."""
    field = request.form.get("field", "")
    if field not in (*IDENTITY, *CONTACT):
        abort(400)
    requests.reveal(current_user.client, current_user.actor, reference, field)
    return request_page_with(reference, MessageForm(), revealed=(field,))


@blueprint.post("/requests/<reference>/evidence")
@client_only
@by_caller
@uploads.takes_files
def evidence(reference: str) -> Response:
    """A paper that shows why a correction is right; inspected and sealed like any other."""
    form = EvidenceForm()
    if form.validate_on_submit():
        outcome = operations.add_evidence(
            current_user.client, current_user.actor, reference, form.file.data
        )
        if not outcome.refused:
            flash(gettext("Added: %(name)s", name=outcome.filename), "success")
            return _see(url_for("rights.request_page", reference=reference))
        form.file.errors = [f"{outcome.filename}: {outcome.reason} {outcome.advice}"]
    return request_page_with(reference, MessageForm(formdata=None), evidence=form)


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
