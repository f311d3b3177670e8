"""Static files under addresses that carry a hash of the content, so that caches may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import js_lib_htmx
from flask import Blueprint, Flask, Response, abort, send_file, url_for

from alko.web.access import public

OWN = Path(__file__).resolve().parent.parent.parent / "static"
HTMX = Path(js_lib_htmx.__file__).parent / "static" / "htmx" / "htmx.min.js"
HTMX_NAME = "vendor/htmx.js"
A_YEAR = 365 * 24 * 60 * 60

blueprint = Blueprint("static", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.add_template_global(static_url)
    app.add_template_global(htmx_url)


@cache
def _files() -> dict[str, tuple[Path, str]]:
    """Name to file and hash; built once, so that a request can name only what is listed."""
    found = {path.relative_to(OWN).as_posix(): path for path in OWN.rglob("*") if path.is_file()}
    found[HTMX_NAME] = HTMX
    return {
        name: (path, hashlib.sha256(path.read_bytes()).hexdigest()[:16])
        for name, path in found.items()
    }


def static_url(name: str) -> str:
    """The address of one of our files, for instance ``static_url('css/base.css')``."""
    return url_for("static.file", digest=_files()[name][1], name=name)


def htmx_url() -> str:
    return static_url(HTMX_NAME)


@blueprint.get("/static/<digest>/<path:name>")
@public
def file(digest: str, name: str) -> Response:
    path, current = _files().get(name) or abort(404)
    response = send_file(path, max_age=A_YEAR if digest == current else 0)
    if digest == current:
        response.cache_control.immutable = True
        response.cache_control.public = True
    return response
