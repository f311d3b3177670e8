"""The papers that came with a request: opened on its ground, decrypted on the fly (P13, P27)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, abort, request

from alko.database.keyring import KeyDestroyed
from alko.extensions import alko_settings
from alko.moderation.blueprint import blueprint
from alko.moderation.requests.routes import known
from alko.privacy.accountability.events import Event
from alko.privacy.door.dossier import Dossier
from alko.privacy.door.permissions import Permission
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from alko.web import downloads
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member


@blueprint.get("/requests/<reference>/papers/<record>")
@staff(Permission.REQUESTS)
def request_paper(reference: str, record: str) -> Response:
    """The file; the ledger knows of it before the first byte."""
    found, number = known(reference), record_id(record)
    dossier = Dossier.open(
        found.client,
        current_member.actor(case=reference),
        Purpose.LEGAL,
        categories=["documents"],
        event=Event.DOCUMENT_OPENED,
        details={"record": record},
    )
    row = dossier.row("documents", number)
    if dossier.references("documents", "request").get(number) != found.pk:
        abort(404)
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
