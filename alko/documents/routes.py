"""Routes of the papers: what is needed, sending it, seeing it, taking it back."""

from __future__ import annotations

from collections.abc import Iterator

from bson import ObjectId
from bson.errors import InvalidId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from alko.database.keyring import KeyDestroyed
from alko.database.records import ConcurrentChange
from alko.documents import operations, presentation, uploading
from alko.documents.blueprint import blueprint
from alko.documents.forms import ACCEPT, ReplaceForm, UploadForm
from alko.documents.presentation import Desk, Paper, Task, room
from alko.documents.uploading import Outcome
from alko.extensions import alko_settings
from alko.privacy.accountability.events import Event
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from alko.vault.sealing import VaultError
from alko.web import downloads, errors, uploads
from alko.web.access import client_only, to_sign_in
from alko.web.pages import render, wants_fragment


@blueprint.get("")
@client_only
def index() -> Response:
    return _page(_desk())


@blueprint.post("")
@client_only
@uploads.takes_files
def upload() -> Response:
    """Take the files of one task. Each is judged alone: the good ones are stored in any case."""
    form = UploadForm()
    order = _object_id(form.order.data)
    if not form.validate():
        return _page(_desk(), form)
    try:
        outcomes = uploading.add_all(
            current_user.client, current_user.actor, form.kind.data or "", order, form.file.data
        )
    except (ValueError, operations.NoSuchOrder):
        abort(404)
    refused = [outcome for outcome in outcomes if outcome.refused]
    if refused or wants_fragment():
        form.file.errors = [f"{one.filename}: {one.reason} {one.advice}" for one in refused]
        return _page(_desk(), form, outcomes)
    _say(outcomes)
    return _see(f"{url_for('documents.index')}#task-{form.kind.data}-{order}")


@blueprint.get("/<record>")
@client_only
def show(record: str) -> Response:
    return _paper_page(_paper(record))


@blueprint.get("/<record>/file")
@client_only
def file(record: str) -> Response:
    """The file itself, decrypted on the fly; the ledger knows of it before the first byte."""
    number = _object_id(record)
    dossier = _open(["documents"], Event.DOCUMENT_OPENED, {"record": record})
    row = dossier.row("documents", number)
    if not row.readable:
        raise KeyDestroyed("the key of this paper was destroyed")
    chunks: Iterator[bytes] = vault_of(alko_settings()).read(*dossier.files()[number])
    return downloads.inert(
        chunks,
        row.values["filename"],
        row.values["media_type"],
        row.values["size"],
        inline=request.args.get("inline") == "1",
    )


@blueprint.post("/<record>/replace")
@client_only
@uploads.takes_files
def replace(record: str) -> Response:
    form = ReplaceForm()
    paper = _paper(record)
    if paper.locked:
        return _paper_page(paper, status=409)
    if not form.validate():
        return _paper_page(paper, form)
    try:
        outcome = uploading.swap(
            current_user.client, current_user.actor, ObjectId(paper.id), form.file.data
        )
    except operations.NoSuchPaper:
        abort(404)
    except operations.NotRemovable:
        return _paper_page(_paper(record), status=409)
    if outcome.refused:
        form.file.errors = [f"{outcome.filename}: {outcome.reason} {outcome.advice}"]
        return _paper_page(paper, form)
    if outcome.held:
        flash(gettext(uploading.NOTHING_NEW, name=outcome.filename), "info")
    else:
        notes = " ".join(outcome.notes)
        flash(f"{gettext('Replaced. The new file will be checked.')} {notes}", "success")
    return _see(url_for("documents.show", record=record))


@blueprint.route("/<record>/remove", methods=["GET", "POST"])
@client_only
def remove(record: str) -> Response:
    """Asks first; says why not where the law does not allow it."""
    paper = _paper(record)
    if request.method == "GET" or paper.locked:
        blocked = request.method == "POST"
        return render("documents/remove.html", status=409 if blocked else 200, paper=paper)
    try:
        operations.remove(current_user.client, current_user.actor, ObjectId(paper.id))
    except operations.NoSuchPaper:
        abort(404)
    except ConcurrentChange:
        flash(gettext("It was changed a moment ago, so nothing was removed. See it anew."), "error")
        return _see(paper.url)
    except operations.NotRemovable:
        return render("documents/remove.html", status=409, paper=_paper(record))
    flash(gettext("Removed: %(name)s. The file and its key are gone.", name=paper.name), "success")
    return _see(url_for("documents.index"))


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """Name the limit. Whoever is not signed in may send next to nothing, and is asked to."""
    uploads.drain()
    if not uploads.expected():
        return errors.page(413)
    if not current_user.is_authenticated:
        return to_sign_in()
    settings = alko_settings()
    return render(
        "errors/page.html",
        status=413,
        code=413,
        title=gettext("That is too much at once"),
        explanation=gettext(
            "You can send up to %(request)s in one go, and each file may have up to %(file)s. "
            "Nothing of what you sent was stored.",
            request=room(settings.request_bytes),
            file=room(settings.max_file_bytes),
        ),
        what_to_do=[
            (gettext("Go back and send fewer files at a time"), url_for("documents.index")),
            (gettext("Save a large scan with a lower resolution, or take a photograph."), None),
        ],
    )


@blueprint.errorhandler(VaultError)
def vault_away(_error: VaultError) -> Response:
    return errors.page(503)


def _open(slugs: list[str], event: Event, details: dict[str, str] | None = None) -> Dossier:
    return Dossier.open(
        current_user.client,
        current_user.actor,
        Purpose.SERVICE,
        categories=slugs,
        event=event,
        details=details,
    )


def _desk() -> Desk:
    return presentation.desk(_open(["documents", "orders"], Event.CATEGORY_SHOWN))


def _page(desk: Desk, form: UploadForm | None = None, outcomes: list[Outcome] = []) -> Response:  # noqa: B006
    """The list of tasks; after an upload with what became of it. htmx gets that one task."""
    task = _sent_for(desk, form)
    if task:
        task.outcomes = outcomes
    if form:
        form.file.id = f"file-{task.id}" if task and task.wanted else "main"
    settings = alko_settings()
    left = operations.quota_left(current_user.client)
    return render(
        "documents/index.html",
        block="answer" if form else None,
        status=_status(form, outcomes),
        form=form,
        desk=desk,
        sent_for=task,
        outcomes=outcomes,
        accept=ACCEPT,
        who=presentation.who_sees_it(),
        lawful=presentation.lawful(),
        limits={
            "file": room(settings.max_file_bytes),
            "file_bytes": settings.max_file_bytes,
            "request": room(settings.request_bytes),
            "files": uploading.MOST_FILES,
            "quota": room(settings.document_quota),
            "left": room(left),
            "left_bytes": left,
        },
    )


def _sent_for(desk: Desk, form: UploadForm | None) -> Task | None:
    return desk.task(form.kind.data or "", form.order.data or "") if form else None


def _status(form: UploadForm | None, outcomes: list[Outcome]) -> int:
    refused = [outcome for outcome in outcomes if outcome.refused]
    if refused and all(outcome.again for outcome in refused) and len(refused) == len(outcomes):
        return 503
    return 422 if refused or (form and form.errors) else 200


def _say(outcomes: list[Outcome]) -> None:
    said = presentation.summary(outcomes)
    if said["stored"]:
        flash(
            ngettext("%(num)d file stored.", "%(num)d files stored.", len(said["stored"])),
            "success",
        )
    for name in said["held"]:
        flash(gettext(uploading.NOTHING_NEW, name=name), "info")
    for outcome in outcomes:
        if outcome.notes:
            flash(f"{outcome.filename}: {' '.join(outcome.notes)}", "info")


def _paper(record: str) -> Paper:
    """One paper of the signed-in client; NoSuchRecord where there is none."""
    number = _object_id(record)
    dossier = _open(["documents", "orders"], Event.CATEGORY_SHOWN)
    row = dossier.row("documents", number)
    owner = dossier.references("documents", "order").get(number)
    try:
        order = dossier.row("orders", owner) if owner else None
    except NoSuchRecord:
        order = None
    return presentation.paper(row, order)


def _paper_page(paper: Paper, form: ReplaceForm | None = None, status: int = 200) -> Response:
    return render(
        "documents/show.html",
        status=422 if form and form.errors else status,
        paper=paper,
        form=form or ReplaceForm(formdata=None),
        accept=ACCEPT,
        who=presentation.who_sees_it(),
        limit=room(alko_settings().max_file_bytes),
    )


def _object_id(text: str | None) -> ObjectId:
    try:
        return ObjectId(text or "")
    except InvalidId:
        abort(404)


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
