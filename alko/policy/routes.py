"""The policy, its versions, cookies and choices, the promise ledger."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, flash, jsonify, redirect, request, url_for
from flask_babel import format_date, gettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from alko.extensions import alko_settings
from alko.policy import operator, probes, store, text
from alko.policy.changes import compare
from alko.policy.cookie_list import cookies as cookie_list
from alko.privacy.identity import notices
from alko.privacy.rights import choices
from alko.web.access import client_only, public
from alko.web.pages import render, wants_fragment
from alko.web.visitor import objects_by_signal

blueprint = Blueprint("policy", __name__, url_prefix="/privacy")
CHOICES = tuple(choices.WORDINGS)


@blueprint.app_template_filter("month")
def month(moment: datetime) -> str:
    """A date as the policy gives it: month and year."""
    return str(format_date(moment, "MMMM yyyy"))


@blueprint.app_template_filter("in_words")
def in_words(text: str) -> str:
    """A text translated where it is the software's, and as it is where a person wrote it.

    Unlike ``_()`` in a template it is escaped, and a percent sign is a percent sign.
    """
    return str(gettext(text))


@blueprint.get("")
@public
def show() -> Response:
    """The policy as the code has it; to a client who is signed in it counts as shown (P2)."""
    current = store.current()
    read = None
    if current_user.is_authenticated:
        notices.shown(current_user.client, current_user.actor, current.version)
        read = notices.was_read(current_user.client, current.version)
    return render(
        "policy/show.html",
        current=current,
        drifted=store.differs(current),
        sections=text.sections(current.written),
        operator_facts=operator.facts(alko_settings().controller),
        read=read,
    )


@blueprint.post("/read")
@client_only
def read() -> Response:
    """The client says they read the version whose page they saw (P36)."""
    version = request.form.get("version", "")
    if not store.exists(version):
        abort(400)
    notices.read(current_user.client, current_user.actor, version)
    flash(gettext("Thank you. We noted that you read this version."), "success")
    return redirect(url_for("policy.show"), code=303)  # type: ignore[return-value]


@blueprint.get("/versions")
@public
def versions() -> Response:
    return render("policy/versions.html", versions=store.all_versions())


@blueprint.get("/versions/<version>")
@public
def version(version: str) -> Response:
    try:
        shown, previous = store.version_and_previous(version)
    except store.NoSuchVersion:
        raise NotFound from None
    changes = compare(previous.lines, shown.lines) if previous else []
    return render("policy/version.html", version=shown, previous=previous, changes=changes)


@blueprint.get("/cookies")
@public
def cookies() -> Response:
    return _cookies()


@blueprint.post("/cookies/choices")
@client_only
def choose() -> Response:
    """Decide about what is optional; only a changed choice is a new decision (P5)."""
    for choice in CHOICES:
        allow = choice in request.form
        if allow != choices.granted(current_user.client, choice):
            choices.decide(current_user.client, current_user.actor, choice, allow)
    if wants_fragment():
        return _cookies(saved=True)
    flash(gettext("Your choices are saved and in effect."), "success")
    return redirect(url_for("policy.cookies"), code=303)  # type: ignore[return-value]


def _cookies(saved: bool = False) -> Response:
    granted = {}
    if current_user.is_authenticated:
        granted = {choice: choices.granted(current_user.client, choice) for choice in CHOICES}
    return render(
        "policy/cookies.html",
        block="choices",
        cookies=cookie_list(alko_settings()),
        wordings=choices.WORDINGS,
        granted=granted,
        signal=objects_by_signal(),
        saved=saved,
    )


@blueprint.get("/promises")
@public
def promises() -> Response:
    return render("policy/promises.html", report=probes.report())


@blueprint.get("/promises.json")
@public
def promises_json() -> Response:
    return jsonify(probes.report().as_json())
