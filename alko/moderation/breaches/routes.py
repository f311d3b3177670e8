"""The register of breaches: entries, the 72 hours, whose data was reached, who is told (P17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from alko.mail import campaigns
from alko.moderation.blueprint import blueprint
from alko.moderation.breaches import presentation
from alko.moderation.breaches.forms import (
    AuthorityForm,
    BreachForm,
    ClientsForm,
    CloseForm,
    SpareAuthorityForm,
    SpareClientsForm,
    utc,
)
from alko.moderation.policy.presentation import progress
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.door.permissions import Permission
from alko.privacy.oversight import breach_scope
from alko.privacy.oversight import breaches as register
from alko.web import paging
from alko.web.access import staff
from alko.web.forms import Form
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager


@blueprint.get("/breaches")
@staff(Permission.BREACHES)
def breaches() -> Response:
    everything = request.args.get("state") == "all"
    page = register.page(
        current_member.actor(),
        paging.number_asked(),
        paging.until_asked(),
        open_only=not everything,
    )
    state, pin = "all" if everything else None, paging.pin(page)
    now = datetime.now(UTC)
    return render(
        "moderation/breaches/index.html",
        entries=[presentation.line(row, now) for row in page.rows],
        everything=everything,
        page=Pager(page, lambda n: url_for("moderation.breaches", state=state, page=n, until=pin)),
    )


@blueprint.route("/breaches/new", methods=["GET", "POST"])
@staff(Permission.BREACHES)
def new_breach() -> Response:
    form = BreachForm()
    if form.validate_on_submit():
        try:
            reference = register.enter(
                current_member.actor(), utc(form.discovered_at), form.scope, form.details
            )
        except register.StepRefused as refusal:
            _refused(form, refusal)
        else:
            flash(gettext("The breach is entered. The 72 hours are running."), "success")
            return _see(reference)
    return _form(form)


@blueprint.route("/breaches/<reference>/edit", methods=["GET", "POST"])
@staff(Permission.BREACHES)
def edit_breach(reference: str) -> Response:
    breach, details = _read(reference)
    form = BreachForm(
        discovered_at=breach.discovered_at,
        began_at=breach.began_at,
        ended_at=breach.ended_at,
        member=str(breach.member or ""),
        categories=list(breach.categories),
        everybody=breach.everybody,
        happened=details.happened,
        effects=details.effects,
        measures=details.measures,
    )
    # The moment from which the 72 hours run is not for changing.
    del form.discovered_at
    if form.validate_on_submit():
        try:
            register.amend(current_member.actor(), reference, form.scope, form.details)
        except register.StepRefused as refusal:
            _refused(form, refusal)
        else:
            flash(gettext("The entry is changed."), "success")
            return _see(reference)
    return _form(form, reference)


def _form(form: BreachForm, reference: str = "") -> Response:
    return render(
        "moderation/breaches/form.html",
        status=422 if form.errors else 200,
        form=form,
        reference=reference,
    )


@blueprint.get("/breaches/<reference>")
@staff(Permission.BREACHES)
def breach_page(reference: str) -> Response:
    return _page(reference)


def _page(reference: str, wrong: Form | None = None) -> Response:
    """The entry; ``wrong`` is a form on it that was sent with errors."""
    breach, details = _read(reference)
    told = campaigns.progress(register.event_of(reference)) if breach.clients_told_at else None
    kinds = (AuthorityForm, SpareAuthorityForm, ClientsForm, SpareClientsForm, CloseForm)
    shown = {kind.__name__: kind(formdata=None) for kind in kinds}
    if wrong is not None:
        shown[type(wrong).__name__] = wrong
    return render(
        "moderation/breaches/show.html",
        block="progress",
        status=422 if wrong is not None else 200,
        form=wrong,
        entry=presentation.entry(breach, details, datetime.now(UTC)),
        reached=breach_scope.reached(register.scope_of(breach)),
        progress=progress(told) if told else None,
        authority=shown["AuthorityForm"],
        spare_authority=shown["SpareAuthorityForm"],
        clients=shown["ClientsForm"],
        spare_clients=shown["SpareClientsForm"],
    )


@blueprint.post("/breaches/<reference>/authority")
@staff(Permission.BREACHES)
def breach_authority(reference: str) -> Response:
    form = AuthorityForm()
    return _step(
        reference,
        form,
        lambda actor: register.tell_authority(
            actor, reference, utc(form.told_at), form.told_words.data or ""
        ),
        gettext("It is noted that the authority was told."),
    )


@blueprint.post("/breaches/<reference>/authority/spare")
@staff(Permission.BREACHES)
def breach_spare_authority(reference: str) -> Response:
    form = SpareAuthorityForm()
    return _step(
        reference,
        form,
        lambda actor: register.spare_authority(actor, reference, form.authority_reason.data or ""),
        gettext("The decision and its reason are noted."),
    )


@blueprint.post("/breaches/<reference>/clients")
@staff(Permission.BREACHES)
def breach_clients(reference: str) -> Response:
    form = ClientsForm()
    return _step(
        reference,
        form,
        lambda actor: register.tell_clients(actor, reference, form.statement.data or ""),
        gettext("The clients are being told."),
    )


@blueprint.post("/breaches/<reference>/clients/spare")
@staff(Permission.BREACHES)
def breach_spare_clients(reference: str) -> Response:
    form = SpareClientsForm()
    return _step(
        reference,
        form,
        lambda actor: register.spare_clients(actor, reference, form.clients_reason.data or ""),
        gettext("The decision and its reason are noted."),
    )


@blueprint.post("/breaches/<reference>/close")
@staff(Permission.BREACHES)
def breach_close(reference: str) -> Response:
    return _step(
        reference,
        CloseForm(),
        lambda actor: register.close(actor, reference),
        gettext("The entry is closed."),
    )


def _step(reference: str, form: Form, step: Callable[[Any], None], done: str) -> Response:
    _read(reference)
    if not form.validate_on_submit():
        return _page(reference, form)
    try:
        step(current_member.actor())
    except register.StepRefused as refusal:
        return _page(reference, _refused(form, refusal))
    flash(done, "success")
    return _see(reference)


def _refused(form: Form, refusal: register.StepRefused) -> Form:
    said = gettext(str(refusal))
    form.form_errors.append(f"{said[:1].upper()}{said[1:]}.")
    return form


def _read(reference: str) -> tuple[Any, Any]:
    try:
        return register.read(current_member.actor(), reference)
    except NoSuchRecord:
        raise NotFound from None


def _see(reference: str) -> Response:
    address = url_for("moderation.breach_page", reference=reference)
    return redirect(address, code=303)  # type: ignore[return-value]
