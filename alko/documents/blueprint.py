"""The blueprint, and the routes that hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("documents", __name__, url_prefix="/documents")

from alko.documents import routes  # noqa: E402, F401
