"""Routes of "my data". Everything is read through the dossier, which writes to the ledger first."""

from __future__ import annotations

from bson import ObjectId
from bson.errors import InvalidId
from flask import Response, abort, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user

from alko.extensions import alko_settings, caller, limiter
from alko.my_data import presentation
from alko.my_data.blueprint import blueprint, open_dossier
from alko.my_data.lifetime import lifetime
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.dossier import Dossier, Overview
from alko.privacy.inventory import CATEGORIES, category
from alko.privacy.vocabulary import PURPOSES
from alko.web import paging
from alko.web.access import client_only
from alko.web.pages import render


def category_url(slug: str) -> str:
    if slug == "activity":
        return url_for("my_data.activity")
    return url_for("my_data.category", slug=slug)


@blueprint.get("")
@client_only
def overview() -> Response:
    found = open_dossier(list(CATEGORIES), Event.OVERVIEW_SHOWN).overview()
    urls = {slug: category_url(slug) for slug in CATEGORIES}
    return render(
        "my_data/overview.html",
        cards=[_card(found, slug, urls[slug]) for slug in CATEGORIES],
        chart=lifetime(found, urls, gettext, get_locale()),
        account_ends=found.account_ends and presentation.day(found.account_ends),
        unread_notices=found.unread_notices,
        breaches=found.summaries["breaches"].count,
        total=sum(summary.count for summary in found.summaries.values()),
    )


def _card(found: Overview, slug: str, url: str) -> dict[str, object]:
    summary = found.summaries[slug]
    return {
        "slug": slug,
        "name": gettext(summary.category.label),
        "url": url,
        "count": summary.count,
        "why": ", ".join(gettext(PURPOSES[p].name) for p in summary.category.purposes),
        "until": presentation.showing().until(summary, found.account_ends)
        if summary.count
        else gettext("Nothing held"),
        "sensitive": any(field.sensitive for field in summary.category.fields),
        "group": summary.category.group.value,
    }


@blueprint.get("/<slug>", endpoint="category")
@client_only
def one_category(slug: str) -> Response:
    category(slug)
    return _category(slug, open_dossier([slug], Event.CATEGORY_SHOWN))


@blueprint.post("/<slug>/<record>/<field>/reveal")
@client_only
def reveal(slug: str, record: str, field: str) -> Response:
    """Show one masked value. Answers with the page itself: what is revealed is stored nowhere."""
    chosen = category(slug)
    try:
        record_id = ObjectId(record)
    except InvalidId:
        abort(404)
    if field not in chosen.masked_fields:
        abort(404)
    dossier = open_dossier([slug], Event.VALUE_REVEALED, {"field": field, "record": record})
    dossier.row(slug, record_id)
    return _category(slug, dossier, revealed=(record, field))


def _category(slug: str, dossier: Dossier, revealed: tuple[str, str] | None = None) -> Response:
    chosen = category(slug)
    page = dossier.page(slug, paging.number_asked(), paging.until_asked())
    found = dossier.overview()
    showing = presentation.showing()
    return render(
        "my_data/category.html",
        block="records",
        category=chosen,
        title=gettext(chosen.label),
        summary=found.summaries[slug],
        breaches=presentation.told_breaches(current_user.client) if slug == "breaches" else [],
        until=showing.until(found.summaries[slug], found.account_ends),
        records=showing.records(chosen, page.rows, found.account_ends, revealed),
        explained=showing.explanation_table(chosen) if page.total else [],
        held_only=[gettext(f.label) for f in chosen.fields if f.kind == "secret"],
        page=presentation.pager(slug, page),
        until_number=paging.pin(page),
        revealed=revealed,
        reveal_url=lambda record, field: url_for(
            "my_data.reveal", slug=slug, record=record, field=field
        ),
        correct_url=_correct_url,
        file_url=_file_url if slug == "documents" else None,
    )


def _correct_url(field: str) -> str:
    return url_for("rights.correct", field=field)


def _file_url(record: str) -> str:
    return url_for("documents.show", record=record)


def _reader() -> str:
    """Whom the limit of verifications counts: each client, however often they signed in."""
    return str(current_user.client) if current_user.is_authenticated else caller()


def _from_the_first() -> bool:
    return request.args.get("verify") == "all"


by_reader = limiter.limit(
    lambda: alko_settings().rate_search,
    key_func=_reader,
    exempt_when=lambda: not _from_the_first(),
)
"""Verifying a whole chain costs as much as the client cared to have written into it."""


@blueprint.get("/activity")
@client_only
@by_reader
def activity() -> Response:
    dossier = open_dossier(["activity"], Event.CATEGORY_SHOWN)
    page = dossier.page("activity", paging.number_asked(), paging.until_asked())
    state = ledger.verify(current_user.client, full=_from_the_first())
    return render(
        "my_data/activity.html",
        block="entries",
        entries=presentation.showing().activities(page.rows),
        page=presentation.pager("activity", page),
        chain=state,
        verified_all=_from_the_first(),
    )
