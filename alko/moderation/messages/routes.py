"""The queue of cases, and a case's page: thread, answer, note, steps, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext

from alko.extensions import alko_settings
from alko.moderation import handing, texts
from alko.moderation.blueprint import blueprint
from alko.moderation.messages import presentation, reading
from alko.moderation.messages.answers import ANSWERS
from alko.moderation.messages.forms import AnswerForm, NoteForm, RightForm
from alko.privacy.correspondence import case_rights, case_threads, cases
from alko.privacy.door.permissions import Permission
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.requests import StepRefused
from alko.vault.access import vault_of
from alko.web import downloads
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager, number_asked

CHUNKS_OF_SOURCE = 4
"""Of 64 KiB each: what a page shows of a mail's source; all of it can be saved."""


@blueprint.get("/messages")
@staff(Permission.MESSAGES)
def messages() -> Response:
    """Urgent ones first, then by due date."""
    try:
        view = reading.View(request.args.get("view", reading.View.OPEN.value))
    except ValueError:
        abort(404)
    found = reading.listing(view, current_member.id, number_asked())
    return render(
        "moderation/messages/queue.html",
        view=view.value,
        title=gettext(presentation.VIEWS[view]),
        filters=presentation.filters(view, found),
        rows=presentation.lines(found.rows, current_member.id, datetime.now(UTC)),
        page=Pager(found, lambda number: presentation.address(view, number)),
    )


@blueprint.get("/messages/<reference>")
@staff(Permission.MESSAGES)
def message_page(reference: str) -> Response:
    """All of it for who has it in hand; clear fields for the others."""
    return _page(reference, AnswerForm(formdata=None))


@blueprint.post("/messages/<reference>/answer")
@staff(Permission.MESSAGES)
def answer_message(reference: str) -> Response:
    form = AnswerForm()
    if texts.wanted():
        texts.put_below(form.body, ANSWERS)
        return _page(reference, form)
    if not form.validate_on_submit():
        return _page(reference, form)
    try:
        cases.write(current_member.actor(reference), reference, form.body.data or "")
    except StepRefused:
        form.form_errors.append(gettext("The case is closed. Open it again to answer."))
        return _page(reference, form)
    flash(gettext("The answer was sent: the writer is told by mail."), "success")
    return _see(reference)


@blueprint.post("/messages/<reference>/note")
@staff(Permission.MESSAGES)
def note_message(reference: str) -> Response:
    form = NoteForm()
    if not form.validate_on_submit():
        return _page(reference, form)
    cases.note(current_member.actor(reference), reference, form.note.data or "")
    flash(gettext("The note was added. Its subject finds it in their data."), "success")
    return _see(reference)


@blueprint.post("/messages/<reference>/right")
@staff(Permission.MESSAGES)
def confirm_right(reference: str) -> Response:
    """A person recognises a right in free words: it becomes a request with the same due date."""
    form = RightForm()
    if not form.validate_on_submit():
        return _page(reference, form)
    actor = current_member.actor(reference)
    try:
        made = case_rights.confirm_right(actor, reference, Right(form.right.data))
    except StepRefused:
        flash(gettext("A request was made of this case already."), "info")
        return _see(reference)
    flash(gettext("Request %(reference)s was made of it.", reference=made.reference), "success")
    return _see(reference)


@blueprint.post("/messages/<reference>/take")
@staff(Permission.MESSAGES)
def take_message(reference: str) -> Response:
    cases.find(reference)
    handing.take(reference)
    return _see(reference)


@blueprint.post("/messages/<reference>/put-back")
@staff(Permission.MESSAGES)
def put_back_message(reference: str) -> Response:
    cases.find(reference)
    handing.put_back(reference)
    return _see(reference)


@blueprint.route("/messages/<reference>/give", methods=["GET", "POST"])
@staff(Permission.DECIDE)
def give_message(reference: str) -> Response:
    """To a colleague, or to oneself in a colleague's place."""
    case = cases.find(reference)
    desk = (gettext("Messages"), url_for("moderation.messages"))
    item = url_for("moderation.message_page", reference=reference)
    return handing.give(reference, case.assigned_to, desk, item) or _see(reference)


@blueprint.post("/messages/<reference>/close")
@staff(Permission.MESSAGES)
def close_message(reference: str) -> Response:
    return _step(reference, cases.close, gettext("The case is closed."))


@blueprint.post("/messages/<reference>/reopen")
@staff(Permission.MESSAGES)
def reopen_message(reference: str) -> Response:
    return _step(reference, cases.reopen, gettext("The case is open again."))


@blueprint.get("/messages/<reference>/files/<record>")
@staff(Permission.MESSAGES)
def message_file(reference: str, record: str) -> Response:
    """A file of the case in a sandbox: a picture to be shown, all else to be saved."""
    found, details, chunks = _file(reference, record)
    inline = request.args.get("inline") == "1"
    return downloads.inert(chunks, details.filename, details.media_type, found.size, inline=inline)


@blueprint.get("/messages/<reference>/source/<record>")
@staff(Permission.MESSAGES)
def message_source(reference: str, record: str) -> Response:
    """A mail as it came, as plain text: nothing of it is run or loaded."""
    found, _, chunks = _file(reference, record)
    text = b"".join(islice(chunks, CHUNKS_OF_SOURCE)).decode("utf-8", "replace")
    text = text.replace("\r\n", "\n")
    plain = "".join(sign if sign in "\n\t" or sign.isprintable() else "·" for sign in text)
    return render(
        "moderation/messages/source.html",
        reference=reference,
        source=plain,
        whole=found.size <= CHUNKS_OF_SOURCE * 64 * 1024,
        file_url=url_for("moderation.message_file", reference=reference, record=record),
    )


def _file(reference: str, record: str) -> tuple[Any, Any, Iterator[bytes]]:
    actor = current_member.actor(reference)
    found, details = case_threads.file(actor, reference, record_id(record))
    chunks = vault_of(alko_settings()).read(found.vault_key, details.vault_identity)
    return found, details, chunks


def _step(reference: str, step: Callable[..., object], done: str) -> Response:
    try:
        step(current_member.actor(reference), reference)
        flash(done, "success")
    except StepRefused:
        flash(gettext("Somebody was faster: it is so already."), "info")
    return _see(reference)


def _page(reference: str, form: AnswerForm | NoteForm | RightForm) -> Response:
    case = cases.find(reference)
    mine = case.assigned_to == current_member.id
    inside: dict[str, Any] = {}
    if mine:
        found = case_threads.read(current_member.actor(reference), reference)
        inside = presentation.inside(found)
    elif form.errors:
        abort(403)
    empty: dict[str, Any] = {"formdata": None}
    right = RightForm(**empty, data={"right": case.suggested_right})
    return render(
        "moderation/messages/case.html",
        status=422 if form.errors else handing.status(case.assigned_to),
        form=form,
        answer_form=form if isinstance(form, AnswerForm) else AnswerForm(**empty),
        note_form=form if isinstance(form, NoteForm) else NoteForm(**empty),
        right_form=form if isinstance(form, RightForm) else right,
        head=presentation.head(case, current_member.id, datetime.now(UTC)),
        mine=mine,
        inside=inside,
        texts=texts.options(ANSWERS),
    )


def _see(reference: str) -> Response:
    address = url_for("moderation.message_page", reference=reference)
    return redirect(address, code=303)  # type: ignore[return-value]
