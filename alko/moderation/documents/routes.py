"""The queue of papers that wait for a check, and the page on which one is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext

from alko.database.keyring import KeyDestroyed
from alko.extensions import alko_settings
from alko.moderation import handing
from alko.moderation.blueprint import blueprint
from alko.moderation.documents import presentation, reading
from alko.moderation.documents.forms import RejectForm
from alko.moderation.documents.reading import View, Waiting
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Restricted
from alko.privacy.door.assignments import TakenByAnother
from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.door.permissions import Permission
from alko.privacy.vocabulary import Purpose
from alko.sales import papers as checking
from alko.sales.papers import NotWaiting
from alko.vault.access import vault_of
from alko.vault.inspection import Refused, sandbox
from alko.vault.inspection.access import limits_of
from alko.vault.inspection.types import JPEG, PDF
from alko.vault.sealing import VaultError
from alko.web import downloads
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager, number_asked


@blueprint.get("/documents")
@staff(Permission.DOCUMENTS)
def papers() -> Response:
    """Oldest first; whose paper it is, is behind each line, for whoever takes it."""
    try:
        view = View(request.args.get("view", View.ALL.value))
        kind = presentation.paper_kind(request.args.get("kind", ""))
    except ValueError:
        abort(404)
    found = reading.queue(view, kind, current_member.id, number_asked())
    return render(
        "moderation/documents/queue.html",
        view=gettext(presentation.VIEWS[view]),
        filters=presentation.filters(view, kind),
        rows=presentation.lines(found.rows, current_member.id),
        page=Pager(found.page, lambda number: presentation.address(view, kind, number)),
    )


@blueprint.get("/documents/<record>")
@staff(Permission.DOCUMENTS)
def paper_page(record: str) -> Response:
    """All of it for who has it in hand; clear fields for the others."""
    found = reading.find(record_id(record))
    if found is None:
        return _gone()
    return _page(found, RejectForm(formdata=None))


@blueprint.post("/documents/<record>/take")
@staff(Permission.DOCUMENTS)
def take_paper(record: str) -> Response:
    paper = _waiting(record)
    try:
        checking.begin(current_member.actor(), paper.id)
    except TakenByAnother:
        flash(gettext("A colleague was faster and has it now."), "warning")
    except NotWaiting:
        return _gone()
    return _see(url_for("moderation.paper_page", record=record))


@blueprint.post("/documents/<record>/put-back")
@staff(Permission.DOCUMENTS)
def put_paper_back(record: str) -> Response:
    paper = _waiting(record)
    try:
        checking.put_back(current_member.actor(), paper.id)
        flash(gettext("The paper is back in the queue."), "info")
    except TakenByAnother:
        flash(gettext("It was not in your hands."), "info")
    return _see(url_for("moderation.papers"))


@blueprint.post("/documents/<record>/accept")
@staff(Permission.DOCUMENTS)
def accept_paper(record: str) -> Response:
    paper = _waiting(record)

    def accept() -> None:
        checking.accept(_actor(paper.id), paper.id, _seen(request.form.get("seen")))

    return _decided(paper, accept, gettext("Accepted. The client sees it."))


@blueprint.post("/documents/<record>/reject")
@staff(Permission.DOCUMENTS)
def reject_paper(record: str) -> Response:
    paper, form = _waiting(record), RejectForm()
    if not form.validate_on_submit():
        return _page(paper, form, 422)

    def reject() -> None:
        checking.reject(_actor(paper.id), paper.id, _seen(form.seen.data), form.told)

    return _decided(
        paper, reject, gettext("Not accepted. The client is told, and reads why."), form
    )


@blueprint.post("/documents/<record>/reveal/<slug>/<field>")
@staff(Permission.DOCUMENTS)
def reveal_to_match(record: str, slug: str, field: str) -> Response:
    """Show one masked value that the paper must match. It is stored nowhere, and logged."""
    paper = _waiting(record)
    if field not in presentation.opens(paper.kind).get(slug, ()):
        abort(404)
    chosen = record_id(request.form.get("of", ""))
    told = {"field": field, "record": str(chosen)}
    _open(paper.id, paper.client, [slug], Event.VALUE_REVEALED, told).row(slug, chosen)
    return _page(paper, RejectForm(formdata=None), revealed=(str(chosen), field))


@blueprint.get("/documents/<record>/picture")
@staff(Permission.DOCUMENTS)
def paper_picture(record: str) -> Response:
    """The paper as a picture in the page; of a PDF the first pages below each other."""
    row, chunks = _file(record)
    name, media_type = row.values["filename"], row.values["media_type"]
    if media_type != PDF:
        return downloads.inert(chunks, name, media_type, row.values["size"], inline=True)
    try:
        drawn = sandbox.picture(b"".join(chunks), limits_of(alko_settings()))
    except Refused as refusal:
        abort(503 if refusal.temporary else 404)
    return downloads.inert(iter([drawn]), name, JPEG, len(drawn), inline=True)


@blueprint.get("/documents/<record>/file")
@staff(Permission.DOCUMENTS)
def paper_file(record: str) -> Response:
    """The file itself, to be saved."""
    row, chunks = _file(record)
    return downloads.inert(
        chunks, row.values["filename"], row.values["media_type"], row.values["size"]
    )


def _page(
    found: Waiting,
    form: RejectForm,
    status: int | None = None,
    revealed: tuple[str, str] | None = None,
) -> Response:
    mine = found.holder == current_member.id
    inside: dict[str, Any] = {}
    if mine:
        slugs = ["documents", "orders", *presentation.opens(found.kind)]
        try:
            opened = _open(found.id, found.client, slugs, Event.CATEGORY_SHOWN)
            inside = presentation.inside(opened, found, revealed)
        except Restricted:
            inside, status = {"restricted": True}, 403
    form.seen.data = str(found.revision)
    return render(
        "moderation/documents/paper.html",
        status=status or handing.status(found.holder),
        form=form,
        head=presentation.head(found, current_member.id),
        mine=mine,
        inside=inside,
        revealed=revealed,
        case=checking.reference(found.id),
        client=found.client,
    )


def _decided(
    paper: Waiting, decide: Callable[[], None], said: str, form: RejectForm | None = None
) -> Response:
    """After a decision the queue; a stale one changes nothing and shows what is there now."""
    try:
        decide()
    except NotWaiting:
        now = reading.find(paper.id)
        if now is None:
            return _gone()
        form = form or RejectForm(formdata=None)
        form.form_errors.append(
            gettext("It was changed a moment ago, so nothing was decided. Look at it anew.")
        )
        return _page(now, form, 409)
    flash(said, "success")
    return _see(url_for("moderation.papers", view=View.MINE.value))


def _file(record: str) -> tuple[Row, Iterator[bytes]]:
    """The row and the decrypted file; the ledger knows of it before the first byte."""
    paper = _waiting(record)
    told = {"record": str(paper.id)}
    dossier = _open(paper.id, paper.client, ["documents"], Event.DOCUMENT_OPENED, told)
    row = dossier.row("documents", paper.id)
    if not row.readable:
        raise KeyDestroyed("the key of this paper was destroyed")
    try:
        return row, vault_of(alko_settings()).read(*dossier.files()[paper.id])
    except VaultError:
        abort(503)


def _open(
    paper: ObjectId,
    client: ObjectId,
    slugs: list[str],
    event: Event,
    details: dict[str, str] | None = None,
) -> Dossier:
    return Dossier.open(
        client, _actor(paper), Purpose.SERVICE, categories=slugs, event=event, details=details
    )


def _actor(paper: ObjectId) -> Actor:
    return current_member.actor(checking.reference(paper))


def _waiting(record: str) -> Waiting:
    """A paper that waits for a check; 404 for anything else."""
    return reading.find(record_id(record)) or abort(404)


def _seen(raw: str | None) -> int:
    """The revision that the page showed; NotWaiting for nonsense."""
    if not (raw and raw.isascii() and raw.isdecimal() and len(raw) < 10):
        raise NotWaiting
    return int(raw)


def _gone() -> Response:
    """Decided, or taken back by the client: the page says so, and leads back to the queue."""
    return render("moderation/documents/gone.html", status=404)


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
