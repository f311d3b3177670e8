"""The six rights, and requests: parse, call, render."""

from __future__ import annotations

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user

from alko.account.routes import by_caller
from alko.documents.forms import ACCEPT
from alko.extensions import alko_settings
from alko.privacy.accountability.events import Event
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import category
from alko.privacy.rights import (
    correction_words,
    objection,
    rectification,
    request_wording,
    requests,
)
from alko.privacy.rights.catalogue import RIGHTS, Right
from alko.privacy.rights.requests import StepRefused
from alko.privacy.vocabulary import Purpose
from alko.rights import operations, presentation
from alko.rights.blueprint import blueprint
from alko.rights.forms import EvidenceForm, MessageForm, RequestForm
from alko.web.access import client_only, public
from alko.web.pages import render

SHOWN_AT_MOST = 50


@blueprint.get("")
@public
def index() -> Response:
    """The six rights; a client who is signed in sees their requests as well."""
    rows = []
    if current_user.is_authenticated:
        dossier = Dossier.open(
            current_user.client,
            current_user.actor,
            Purpose.LEGAL,
            categories=["requests"],
            event=Event.CATEGORY_SHOWN,
        )
        rows = dossier.page("requests", size=SHOWN_AT_MOST).rows
    return render(
        "rights/index.html",
        rights=presentation.rights_list(),
        requests=presentation.request_lines(row for row in rows if row.readable),
    )


def _right(name: str) -> Right:
    try:
        return Right(name)
    except ValueError:
        abort(404)


@blueprint.route("/<right>", methods=["GET", "POST"])
@client_only
@by_caller
def one_right(right: str) -> Response:
    """A right, and the form of a request; what was typed is shown once more before it is filed."""
    chosen = _right(right)
    form = RequestForm()
    checking = form.validate_on_submit() and "change" not in request.form
    if checking and "confirmed" in request.form:
        filed = operations.file(
            current_user.client, current_user.actor, chosen, form.words.data or ""
        )
        flash(gettext("Your request was filed. This page is its receipt."), "success")
        return _see_request(filed.reference)
    return render(
        "rights/check.html" if checking else "rights/right.html",
        status=422 if form.errors else 200,
        form=form,
        right=chosen,
        explained=RIGHTS[chosen],
        practice=presentation.PRACTICE[chosen],
        details=_correctable() if chosen is Right.CORRECTION and not checking else [],
        switches=_switches() if chosen is Right.OBJECTION and not checking else [],
    )


def _correctable() -> list[dict[str, object]]:
    """Every detail that can be corrected by itself, by category; no value is read for it."""
    return [
        {
            "category": gettext(category(slug).label),
            "how": gettext(presentation.HOW_CORRECTED[slug]),
            "fields": [
                (gettext(field.label), url_for("rights.correct", field=field.name))
                for field in category(slug).fields
                if field.correctable
            ],
        }
        for slug in ("identity", "contact")
    ]


def _switches() -> list[dict[str, str]]:
    return [
        {
            "purpose": purpose,
            "name": presentation.code(purpose),
            "text": gettext(objection.SWITCHES[purpose]),
            "standing": standing,
        }
        for purpose, standing in objection.standing(current_user.client).items()
    ]


@blueprint.get("/requests/<reference>")
@client_only
def request_page(reference: str) -> Response:
    return request_page_with(reference, MessageForm())


@blueprint.post("/requests/<reference>/message")
@client_only
@by_caller
def message(reference: str) -> Response:
    form = MessageForm()
    if not form.validate_on_submit():
        return request_page_with(reference, form)
    try:
        requests.write(current_user.client, current_user.actor, reference, form.body.data or "")
    except StepRefused:
        form.form_errors.append(gettext("This request is finished; please file a new one."))
        return request_page_with(reference, form)
    flash(gettext("Your message was added."), "success")
    return _see_request(reference)


@blueprint.post("/requests/<reference>/withdraw")
@client_only
def withdraw(reference: str) -> Response:
    try:
        operations.withdraw(current_user.client, current_user.actor, reference)
        flash(gettext("Your request is withdrawn."), "success")
    except StepRefused:
        flash(gettext("It can no longer be withdrawn."), "warning")
    return _see_request(reference)


def request_page_with(
    reference: str,
    form: MessageForm,
    *,
    evidence: EvidenceForm | None = None,
    revealed: tuple[str, ...] = (),
) -> Response:
    """The page of a request, with a form on it that was sent and not accepted."""
    found, details = requests.read(current_user.client, current_user.actor, reference)
    deadline = requests.deadline_of(found)
    evidence = evidence or EvidenceForm(formdata=None)
    return render(
        "rights/request.html",
        status=422 if form.errors or evidence.errors else 200,
        form=evidence if evidence.errors else form,
        message=form,
        evidence=evidence,
        accept=ACCEPT,
        papers=_papers(found.pk) if details.changes else [],
        changes=correction_words.shown(details.changes, gettext, get_locale(), revealed),
        found=found,
        details=details,
        right=presentation.code(found.right),
        state=presentation.code(found.state),
        tone=request_wording.TONES.get(found.state, "neutral"),
        received=presentation.day(found.recorded_at),
        due=presentation.day(found.due_at),
        reckoning=presentation.reckoning(deadline),
        next_step=gettext(presentation.NEXT_STEPS[found.state]),
        steps=presentation.steps(details.events, found.finished),
        messages=presentation.messages(details.messages),
        earlier=requests.reference_of(current_user.client, found.earlier),
        controller=alko_settings().controller,
    )


def _papers(request: ObjectId) -> list[dict[str, str]]:
    """The papers that were added as evidence."""
    rows = rectification.evidence(current_user.client, current_user.actor, request)
    return [
        {
            "name": row.values["filename"] or gettext("Erased"),
            "url": url_for("documents.show", record=str(row.id)),
            "until": presentation.day(row.erase_after) if row.erase_after else "",
        }
        for row in rows
    ]


def _see_request(reference: str) -> Response:
    address = url_for("rights.request_page", reference=reference)
    return redirect(address, code=303)  # type: ignore[return-value]
