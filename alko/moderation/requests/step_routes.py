"""One step with a request: shown with what it does, then taken. See steps.py for all of them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, abort, flash, request
from flask_babel import gettext

from alko.database.records import ConcurrentChange
from alko.moderation import texts
from alko.moderation.blueprint import blueprint
from alko.moderation.requests import answers, presentation, steps
from alko.moderation.requests.forms import StepForm
from alko.moderation.requests.routes import known, see_request
from alko.moderation.requests.steps import Facts, Step
from alko.privacy.door.access import AccessDenied
from alko.privacy.door.permissions import Permission
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.deadlines import ExtensionRefused
from alko.privacy.rights.rectification import ValueChanged
from alko.privacy.rights.request_changes import Outdated, StepRefused
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render
from alko.words import N_

IMPOSSIBLE = N_("This is not possible any more: the request moved on. See its page.")
CHANGED = N_(
    "Something happened to this request since you opened the page. Look at what is new below, then "
    "send this again."
)

VALUE_CHANGED = N_(
    "The value is another one by now than when the correction was asked for: nothing was changed. "
    "Refuse the request with that reason, or ask the client what is right."
)


@blueprint.route("/requests/<reference>/steps/<step>", methods=["GET", "POST"])
@staff(Permission.REQUESTS)
def request_step(reference: str, step: str) -> Response:
    return _step(reference, step, decides=False)


@blueprint.route("/requests/<reference>/decisions/<decision>", methods=["GET", "POST"])
@staff(Permission.DECIDE)
def decide_request(reference: str, decision: str) -> Response:
    return _step(reference, decision, decides=True)


def _step(reference: str, name: str, *, decides: bool) -> Response:
    step = steps.BY_NAME.get(name)
    found = known(reference)
    if step is None or step.decides != decides:
        abort(404)
    facts = steps.facts_of(found, current_member.id)
    form = step.form()
    if found.assigned_to != current_member.id:
        return _not_yours(reference, form)
    if request.method == "GET":
        if not step.possible(facts):
            flash(gettext(IMPOSSIBLE), "info")
            return see_request(reference)
        return _page(step, facts, form, 200)
    if texts.wanted():
        texts.put_below(form["body"], _offered(step, facts))
        return _page(step, facts, form, 200)
    valid = form.validate()
    if not step.possible(facts):
        return _page(step, facts, form, 409, IMPOSSIBLE)
    if form.seen != found.revision:
        return _page(step, facts, form, 409, CHANGED)
    if not valid:
        return _page(step, facts, form, 422)
    return _take(step, facts, form)


def _take(step: Step, facts: Facts, form: StepForm) -> Response:
    reference = facts.request.reference
    try:
        step.run(facts.request.client, current_member.actor(case=reference), reference, form)
    except ExtensionRefused as refusal:
        return _page(step, facts, form, 422, str(refusal))
    except ValueChanged:
        return _page(step, facts, form, 409, VALUE_CHANGED)
    except (StepRefused, Outdated, ConcurrentChange):
        # Between looking and saving: what is new is read again for the page.
        return _page(step, steps.facts_of(known(reference), current_member.id), form, 409, CHANGED)
    except AccessDenied:
        return _not_yours(reference, form)
    flash(gettext(step.done), "success")
    return see_request(reference)


def _offered(step: Step, facts: Facts) -> list[answers.Answer]:
    return answers.offered(step.name, Right(facts.request.right))


def _page(step: Step, facts: Facts, form: StepForm, status: int, problem: str = "") -> Response:
    found, reference = facts.request, facts.request.reference
    if problem:
        form.form_errors.append(gettext(problem))
    case = current_member.actor(case=reference)
    found, details = requests.read(found.client, case, reference)
    form.revision.data = str(found.revision)
    return render(
        "moderation/requests/step.html",
        status=status,
        form=form,
        step=step,
        action=presentation.step_address(step, reference),
        possible=step.possible(facts),
        head=presentation.head(found, current_member.id, datetime.now(UTC)),
        inside=presentation.inside(found, details),
        texts=texts.options(_offered(step, facts)),
        extensions=presentation.extensions(found) if step.name == "extend" else {},
        plan=presentation.plan(erasure.preview(found.client, case)) if step.shows_plan else None,
    )


def _not_yours(reference: str, form: StepForm) -> Response:
    """A colleague has it now; what was typed is given back."""
    if request.method == "GET":
        return see_request(reference)
    typed = [(field.label.text, field.data) for field in form if field.type == "TextAreaField"]
    return render(
        "moderation/requests/not_yours.html", status=409, reference=reference, typed=typed
    )
