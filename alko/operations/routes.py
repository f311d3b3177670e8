"""Health, metrics, and the addresses that conventions of the web ask for."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for

from alko.database import connection
from alko.extensions import alko_settings
from alko.operations import metrics as counts
from alko.operations import readiness
from alko.privacy.lifecycle.receipts import public_key_text
from alko.web.access import Access, declared, public
from alko.web.static import static_url

blueprint = Blueprint("operations", __name__)

SECURITY_TXT_DAYS = 180
"""RFC 9116 recommends less than a year; the date moves on with each answer."""
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return _plain("ok\n")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Whether requests can be served: the database and the key vault answer; 503 otherwise."""
    missing = readiness.missing()
    return _plain("ready\n") if not missing else _plain(f"not ready: {missing}\n", 503)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Counts for Prometheus, by bearer token; 404 where no token is configured."""
    token = alko_settings().metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        response = _plain("a bearer token is required\n", 401)
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    return Response(counts.exposition(), content_type=PROMETHEUS)


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """Where to report a weakness (RFC 9116)."""
    settings = alko_settings()
    expires = (datetime.now(UTC) + timedelta(days=SECURITY_TXT_DAYS)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return _plain(
        f"Contact: mailto:{settings.controller.privacy_email}\n"
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}\n"
        "Preferred-Languages: en\n"
        f"Canonical: {settings.base_url}/.well-known/security.txt\n"
        f"Policy: {settings.base_url}{url_for('policy.show')}\n"
    )


@blueprint.get("/.well-known/change-password")
@public
def change_password() -> Response:
    """Where password managers send people (W3C, a well-known URL for changing passwords)."""
    return redirect(url_for("account.change_password"), code=303)  # type: ignore[return-value]


@blueprint.get("/.well-known/gpc.json")
@public
def gpc() -> Response:
    """This site abides by Global Privacy Control (P5)."""
    return _json({"gpc": True, "lastUpdate": "2024-01-01"})


@blueprint.get("/.well-known/alko-signing-key.json")
@public
def signing_key() -> Response:
    """The public key that checks ledger entries and manifests without this portal (P17, P29)."""
    key = public_key_text(connection.current().signing_key.public_key())
    # The same key as a JSON Web Key (RFC 8037), for tools that know those.
    x = base64.urlsafe_b64encode(base64.b64decode(key)).decode().rstrip("=")
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig"}
    return _json({"algorithm": "Ed25519", "public_key": key, "encoding": "base64", "jwk": jwk})


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Crawlers need not try what is not open to everybody."""
    rules = "".join(f"Disallow: {path}\n" for path in _closed_areas())
    return _plain(f"User-agent: *\n{rules}")


def _closed_areas() -> list[str]:
    """How the addresses of pages begin that are not public, each once."""
    areas: list[str] = []
    for path in sorted(
        rule.rule.partition("<")[0]
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and declared(rule.endpoint) is not Access.PUBLIC
    ):
        if not areas or not path.startswith(areas[-1]):
            areas.append(path)
    return areas


@blueprint.get("/favicon.ico")
@public
def favicon() -> Response:
    """For browsers that ask here without reading the page."""
    return redirect(static_url("img/favicon.svg"), code=302)  # type: ignore[return-value]


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status=status, mimetype="text/plain")


def _json(values: Mapping[str, Any]) -> Response:
    return Response(json.dumps(values, indent=2) + "\n", mimetype="application/json")
