"""The page of a case, for a client or for whoever holds the mailed link: parse, call, render.

The link's token is exchanged for a mark in the session by a button, so that it is in no address
from which pages are loaded, and a mail scanner that follows links confirms nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps

from bson import ObjectId
from bson.errors import InvalidId
from flask import Response, flash, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.account.routes import by_caller
from alko.contact import presentation
from alko.contact.blueprint import blueprint
from alko.contact.forms import EraseForm, ReplyForm
from alko.extensions import alko_settings
from alko.privacy.correspondence import case_joining, case_threads, cases, correspondents
from alko.privacy.correspondence.case_joining import NotTheirs
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.rights.requests import StepRefused
from alko.vault.access import vault_of
from alko.web import downloads
from alko.web.access import client_only, public
from alko.web.pages import render

MARKS = "contact_cases"
"""In the session: by reference the hash of the token that this browser came with."""
MOST_MARKS = 5

View = Callable[..., Response]


def _or_closed_door(view: View) -> View:
    """The same page whether there is no such case or it is another's."""

    @wraps(view)
    def guarded(reference: str, **more: str) -> Response:
        try:
            return view(reference=reference, **more)
        except (AccessDenied, NoSuchRecord):
            return _closed_door()

    return guarded


def _closed_door() -> Response:
    return render("contact/closed_door.html", status=404)


def _holder(reference: str) -> Actor | None:
    """Whoever came with the mailed link of a case that belongs to no account."""
    mark = session.get(MARKS, {}).get(reference)
    return cases.correspondent(reference, mark) if mark else None


def _actor(reference: str) -> Actor:
    """Who is at the door; NoSuchRecord for somebody without a link who is not signed in."""
    if holder := _holder(reference):
        return holder
    if current_user.is_authenticated:
        actor: Actor = current_user.actor
        return actor
    raise NoSuchRecord(reference)


@blueprint.route("/<reference>/open/<token>", methods=["GET", "POST"])
@public
@by_caller
@_or_closed_door
def open_case(reference: str, token: str) -> Response:
    """Shows a button first: mail scanners follow links, and must not confirm anything."""
    if request.method == "GET":
        return render("contact/open.html", reference=reference, token=token)
    mark = cases.token_hash(token)
    holder = cases.correspondent(reference, mark)
    if holder is None:
        return _closed_door()
    cases.confirm(holder, reference)
    others = [one for one in session.get(MARKS, {}).items() if one[0] != reference]
    session[MARKS] = dict([*others, (reference, mark)][-MOST_MARKS:])
    return _see(reference)


@blueprint.get("/<reference>")
@public
@_or_closed_door
def case(reference: str) -> Response:
    return _page(reference, ReplyForm())


@blueprint.post("/<reference>/message")
@public
@by_caller
@_or_closed_door
def message(reference: str) -> Response:
    form = ReplyForm()
    actor = _actor(reference)
    if not form.validate_on_submit():
        return _page(reference, form)
    try:
        cases.write(actor, reference, form.body.data or "")
    except StepRefused:
        form.form_errors.append(gettext("This case takes no more messages; please open a new one."))
        return _page(reference, form)
    flash(gettext("Your message was added."), "success")
    return _see(reference)


@blueprint.get("/<reference>/files/<record>")
@public
@_or_closed_door
def file(reference: str, record: str) -> Response:
    """A file that came with a mail, to be saved and never opened in the page."""
    try:
        number = ObjectId(record)
    except InvalidId:
        raise NoSuchRecord(record) from None
    found, details = case_threads.file(_actor(reference), reference, number)
    chunks: Iterator[bytes] = vault_of(alko_settings()).read(
        found.vault_key, details.vault_identity
    )
    return downloads.inert(chunks, details.filename, details.media_type, found.size)


@blueprint.post("/<reference>/join")
@client_only
@_or_closed_door
def join(reference: str) -> Response:
    """Move the case into the dossier of the client who is signed in."""
    try:
        case_joining.join(current_user.actor, reference)
    except NotTheirs:
        raise NoSuchRecord(reference) from None
    _forget_mark(reference)
    flash(gettext("The case is part of your data now."), "success")
    return _see(reference)


@blueprint.route("/<reference>/delete", methods=["GET", "POST"])
@public
@by_caller
@_or_closed_door
def delete(reference: str) -> Response:
    """For whoever wrote without an account: all of the case goes at once, and so does its key."""
    holder = _holder(reference)
    if holder is None or holder.id is None:
        raise NoSuchRecord(reference)
    form = EraseForm()
    if form.validate_on_submit():
        try:
            correspondents.erase(holder.id, vault_of(alko_settings()).remove)
        except correspondents.Held:
            form.form_errors.append(
                gettext("A legal claim is open for which this case must be kept. Please ask us.")
            )
        else:
            _forget_mark(reference)
            flash(gettext("All of the case is deleted, and its key is destroyed."), "success")
            return redirect(url_for("contact.form"), code=303)  # type: ignore[return-value]
    return render(
        "contact/delete.html",
        status=422 if form.errors else 200,
        form=form,
        reference=reference,
    )


def _page(reference: str, form: ReplyForm) -> Response:
    actor = _actor(reference)
    thread = case_threads.read(actor, reference)
    return render(
        "contact/case.html",
        status=422 if form.errors else 200,
        form=form,
        reference=reference,
        erasable=_holder(reference) is not None,
        joinable=current_user.is_authenticated
        and case_joining.is_theirs(current_user.client, thread.case),
        **presentation.thread(thread),
    )


def _see(reference: str) -> Response:
    return redirect(url_for("contact.case", reference=reference), code=303)  # type: ignore[return-value]


def _forget_mark(reference: str) -> None:
    session[MARKS] = {k: v for k, v in session.get(MARKS, {}).items() if k != reference}
