"""Health, metrics, and the addresses that conventions of the web ask for."""

from __future__ import annotations

from flask import Blueprint, Response

from alko.web.access import public

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")
