"""Finding a client, and opening the dossier on a ground: an assigned case or an override (P16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, session, url_for
from flask_babel import gettext

from alko.extensions import alko_settings, caller, limiter
from alko.moderation.blueprint import blueprint
from alko.moderation.clients import presentation, reading
from alko.moderation.clients.forms import OverrideForm, SearchForm
from alko.privacy.accountability.events import Event
from alko.privacy.door import grounds, overrides, search
from alko.privacy.door.access import AccessDenied, Restricted
from alko.privacy.door.dossier import Dossier
from alko.privacy.door.permissions import Permission
from alko.privacy.inventory import CATEGORIES, category
from alko.privacy.vocabulary import Purpose
from alko.sales import placing
from alko.web import members, paging
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager

REMEMBERED = timedelta(minutes=10)
"""How long the answer to a search stays on the searcher's page."""
PURPOSE_OF = {"AC": Purpose.SERVICE, "paper": Purpose.SERVICE}
"""For which purpose a kind of case opens a dossier; the others answer what the law asks for."""


def searcher() -> str:
    """Whom the limit of searches counts: each member of staff."""
    member = members.find()
    return str(member.id) if member else caller()


by_searcher = limiter.shared_limit(
    lambda: alko_settings().rate_search, scope="staff-search", key_func=searcher, methods=["POST"]
)


@blueprint.route("/clients", methods=["GET", "POST"])
@staff(Permission.SEARCH)
@by_searcher
def clients() -> Response:
    """What was typed stays out of the address, and so do names out of the answer."""
    form, status = SearchForm(), 200
    if form.validate_on_submit():
        found = search.find(current_member.actor(), form.wanted.data or "")
        if found:
            session["found"] = [[str(one) for one in found], int(datetime.now(UTC).timestamp())]
            return _see(url_for("moderation.clients"))
        form.wanted.errors = [
            gettext("Nobody is found by this. Only the whole of it is found: check each character.")
        ]
        status = 404
    elif form.errors:
        status = 422
    doors = [] if form.errors else [presentation.door(one, current_member.id) for one in _found()]
    return render("moderation/clients/index.html", status=status, form=form, doors=doors)


@blueprint.get("/clients/<client>")
@staff(Permission.CLIENTS)
def client_page(client: str) -> Response:
    """On a ground what it opens; without one, how to come by one."""
    number, case = record_id(client), request.args.get("case", "")
    return _opened(number, case) if case else _door(number, OverrideForm())


@blueprint.post("/clients/<client>/override")
@staff(Permission.OVERRIDE)
def begin_override(client: str) -> Response:
    number, form = record_id(client), OverrideForm()
    if not form.validate_on_submit():
        return _door(number, form)
    try:
        begun = overrides.begin(number, current_member.actor(), form.reason.data or "")
    except overrides.NoSuchClient:
        abort(404)
    except overrides.ReasonMissing:
        form.reason.errors = [gettext("Say in a few words why; the client reads it.")]
        return _door(number, form)
    flash(gettext("The client was told, and reads your reason."), "info")
    return _see(url_for("moderation.client_page", client=number, case=begun))


@blueprint.post("/clients/<client>/override/end")
@staff(Permission.OVERRIDE)
def end_override(client: str) -> Response:
    number = record_id(client)
    if overrides.end(number, current_member.actor(), request.form.get("case", "")):
        flash(gettext("The dossier is closed again."), "success")
    else:
        flash(gettext("The override had ended already."), "info")
    return _see(url_for("moderation.clients"))


@blueprint.get("/clients/<client>/data/<slug>")
@staff(Permission.CLIENTS)
def client_category(client: str, slug: str) -> Response:
    number, case = record_id(client), request.args.get("case", "")
    category(slug)
    return _category(number, case, slug, _open(number, case, [slug], Event.CATEGORY_SHOWN))


@blueprint.post("/clients/<client>/data/<slug>/<record>/<field>/reveal")
@staff(Permission.CLIENTS)
def client_reveal(client: str, slug: str, record: str, field: str) -> Response:
    """Show one masked value. Answers with the page itself: what is revealed is stored nowhere."""
    number, case = record_id(client), request.form.get("case", "")
    if field not in category(slug).masked_fields:
        abort(404)
    told = {"field": field, "record": record}
    chosen = record_id(record)
    dossier = _open(number, case, [slug], Event.VALUE_REVEALED, told)
    dossier.row(slug, chosen)
    return _category(number, case, slug, dossier, revealed=(record, field))


def _found() -> list[ObjectId]:
    """Whom this member found a moment ago."""
    numbers, at = session.get("found", [[], 0])
    if datetime.now(UTC).timestamp() - at > REMEMBERED.total_seconds():
        return []
    return [one for one in map(ObjectId, numbers) if reading.is_client(one)]


def _door(client: ObjectId, form: OverrideForm) -> Response:
    found = presentation.door(client, current_member.id)
    allowed = current_member.may(Permission.OVERRIDE) or found["mine"]
    if not (allowed and reading.is_client(client)):
        abort(404)
    override = overrides.standing(client, current_member.id)
    return render(
        "moderation/clients/door.html",
        status=422 if form.errors else 200,
        form=form,
        door=found,
        client=client,
        minutes=int(overrides.LASTS.total_seconds() // 60),
        override=presentation.time_left(override) if override else None,
    )


def _opened(client: ObjectId, case: str) -> Response:
    ground = _ground(client, case)
    opened = [slug for slug in CATEGORIES if slug in ground.categories]
    try:
        found = _open(client, case, opened, Event.OVERVIEW_SHOWN).overview()
        cards = presentation.cards(found, client, case)
    except Restricted:
        cards = []
    work = reading.open_work(client, current_member.id)
    override = overrides.standing(client, current_member.id)
    return render(
        "moderation/clients/show.html",
        status=200 if cards else 403,
        client=client,
        case=case,
        cards=cards,
        sells=bool(cards) and placing.allows(ground),
        work=presentation.work_table(client, work),
        override=presentation.time_left(override) if override else None,
        **presentation.standing(client),
    )


def _category(
    client: ObjectId,
    case: str,
    slug: str,
    dossier: Dossier,
    revealed: tuple[str, str] | None = None,
) -> Response:
    chosen, showing = category(slug), presentation.showing()
    page = dossier.page(slug, paging.number_asked(), paging.until_asked())
    pin = paging.pin(page)
    activities = slug == "activity"

    def address(number: int) -> str:
        return url_for(
            "moderation.client_category",
            client=client,
            slug=slug,
            case=case,
            page=number,
            until=pin,
        )

    def reveal(record: str, field: str) -> str:
        return url_for(
            "moderation.client_reveal", client=client, slug=slug, record=record, field=field
        )

    return render(
        "moderation/clients/category.html",
        block="records",
        client=client,
        case=case,
        title=gettext(chosen.label),
        summary=gettext(chosen.summary),
        entries=showing.activities(page.rows) if activities else [],
        records=[] if activities else showing.records(chosen, page.rows, None, revealed),
        explained=showing.explanation_table(chosen) if page.total else [],
        page=Pager(page, address),
        until_number=pin,
        revealed=revealed,
        reveal_url=reveal,
        hold_url=lambda record: url_for("moderation.holds", client=client, record=record),
    )


def _ground(client: ObjectId, case: str) -> grounds.Ground:
    try:
        return grounds.ground(current_member.id, current_member.role, case, client)
    except grounds.NoGround as refusal:
        raise AccessDenied(str(refusal)) from None


def _open(
    client: ObjectId,
    case: str,
    slugs: list[str],
    event: Event,
    details: dict[str, str] | None = None,
) -> Dossier:
    """The dossier, on the ground that the address names; AccessDenied is a 403."""
    return Dossier.open(
        client,
        current_member.actor(case),
        PURPOSE_OF.get(grounds.prefix(case), Purpose.LEGAL),
        categories=slugs,
        event=event,
        details=details,
    )


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
