"""Taking a copy: choose, confirm, and a ZIP that streams while it is being built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Response, stream_with_context
from flask_babel import get_locale, gettext, ngettext
from flask_login import current_user
from wtforms.fields import SelectChoice

from alko.account.operations import password_is_right
from alko.account.routes import by_caller
from alko.database import connection
from alko.extensions import alko_settings
from alko.my_data import copy_page
from alko.my_data.blueprint import blueprint, open_dossier
from alko.my_data.forms import ALL, CHANGES, CopyForm
from alko.privacy import wording
from alko.privacy.accountability import ledger
from alko.privacy.accountability.chain import timestamp
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Overview
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import receipts
from alko.privacy.rights import portability
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from alko.web.access import client_only, is_fresh, mark_fresh, public
from alko.web.pages import render


@blueprint.route("/download", methods=["GET", "POST"])
@client_only
@by_caller
def download() -> Response:
    """The choice, and the copy itself. The password is asked for unless it was given just now."""
    form = CopyForm()
    form.categories.choices = [
        SelectChoice(slug, gettext(one.label)) for slug, one in CATEGORIES.items()
    ]
    if form.is_submitted() and form.validate() and _confirmed(form):
        return _zip(form.categories.data, changes=form.extent.data == CHANGES)
    overview = open_dossier(list(CATEGORIES), Event.OVERVIEW_SHOWN).overview()
    chosen = form.categories.data if form.is_submitted() else list(CATEGORIES)
    form.extent.data = form.extent.data or ALL
    copied = ledger.last_copies(current_user.client)
    dates = {copied.get(slug) for slug in CATEGORIES}
    last = next(iter(dates)) if len(dates) == 1 else None
    total = sum(summary.size for summary in overview.summaries.values())
    return render(
        "my_data/download.html",
        status=422 if form.errors else 200,
        form=form,
        fresh=is_fresh(),
        copied=bool(copied),
        last_copy=last and wording.moment(last, get_locale()),
        options=[
            _option(overview, slug, slug in (chosen or []), None if last else copied.get(slug))
            for slug in CATEGORIES
        ],
        total=wording.size(total, get_locale()),
    )


def _confirmed(form: CopyForm) -> bool:
    if not form.categories.data:
        form.categories.errors = [gettext("Choose at least one category.")]
        return False
    if is_fresh():
        return True
    if form.password.data and password_is_right(current_user.client, form.password.data):
        mark_fresh()
        return True
    form.password.errors = [gettext("This is not your password.")]
    return False


def _option(
    overview: Overview, slug: str, checked: bool, copied: datetime | None
) -> dict[str, Any]:
    summary = overview.summaries[slug]
    described = gettext(summary.category.summary)
    if copied:
        when = wording.moment(copied, get_locale())
        described = f"{described} · {gettext('last copied %(when)s', when=when)}"
    return {
        "value": slug,
        "label": gettext(summary.category.label),
        "description": described,
        "count": ngettext("%(num)d record", "%(num)d records", summary.count),
        "size": wording.size(summary.size, get_locale()),
        "checked": checked,
    }


def _zip(slugs: list[str], *, changes: bool) -> Response:
    # In the inventory's order, whatever the form said, so that two copies compare well.
    wanted = [slug for slug in CATEGORIES if slug in slugs]
    since = ledger.last_copies(current_user.client) if changes else None
    copy = portability.Copy(open_dossier(wanted, Event.COPY_TAKEN), wanted, since)
    vault = vault_of(alko_settings())
    chunks = portability.stream(copy, copy_page.pages, vault.read, connection.current().signing_key)
    noted = _noted_when_whole(chunks, current_user.client, current_user.actor, copy)
    what = "my-data-changes" if changes else "my-data"
    name = f"alko-{what}-{datetime.now(UTC):%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(noted), mimetype="application/zip", headers=headers)


def _noted_when_whole(
    chunks: Iterator[bytes], client: ObjectId, actor: Actor, copy: portability.Copy
) -> Iterator[bytes]:
    """The chunks; that all of them left is noted, so that the next copy may begin from there."""
    yield from chunks
    # Where it cannot be noted the copy is whole all the same, and the next one holds more.
    with suppress(ledger.LedgerUnavailable):
        ledger.append(
            client,
            Event.COPY_COMPLETED,
            actor,
            Purpose.LEGAL,
            categories=copy.slugs,
            details={"began": timestamp(copy.made_at)},
        )


@blueprint.get("/schema.json")
@public
def schema() -> Response:
    """The published JSON Schema of data.json (P29)."""
    text = portability.schema_text()
    return Response(text, mimetype="application/schema+json")


@blueprint.get("/activity/ledger.json")
@client_only
def ledger_copy() -> Response:
    """The client's ledger as it is stored, to verify away from the portal (P17)."""
    open_dossier(["activity"], Event.LEDGER_TAKEN)
    client = current_user.client
    key = receipts.public_key_text(connection.current().signing_key.public_key())

    def chunks() -> Iterator[str]:
        yield json.dumps({"client": str(client), "public_key": key})[:-1] + ', "entries": ['
        separator = "\n"
        for entry in ledger.entries(client):
            entry.pop("_id")
            yield separator + json.dumps(entry, default=portability.plain)
            separator = ",\n"
        yield "\n]}\n"

    headers = {"Content-Disposition": 'attachment; filename="alko-ledger.json"'}
    return Response(chunks(), mimetype="application/json", headers=headers)
