"""The receipt of an erasure, read without an account: its token came with the last mail."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort

from alko.database import connection
from alko.extensions import alko_settings
from alko.privacy.lifecycle import receipts
from alko.rights import presentation
from alko.rights.blueprint import blueprint
from alko.web.access import public
from alko.web.pages import render


@blueprint.get("/receipts/<token>")
@public
def receipt(token: str) -> Response:
    """Plan and result side by side; the signature is checked each time."""
    found = _found(token)
    return render(
        "rights/receipt.html",
        token=token,
        receipt=found,
        key_service=bool(alko_settings().kms_providers),
        genuine=receipts.verified(found, connection.current().signing_key.public_key()),
        **presentation.receipt_tables(found),
    )


@blueprint.get("/receipts/<token>/receipt.json")
@public
def receipt_file(token: str) -> Response:
    """The signed statement, to be verified away from the portal."""
    text = json.dumps(_found(token), indent=1, sort_keys=True)
    headers = {"Content-Disposition": 'attachment; filename="alko-erasure-receipt.json"'}
    return Response(text, mimetype="application/json", headers=headers)


def _found(token: str) -> dict[str, Any]:
    return receipts.by_token(token) or abort(404)
