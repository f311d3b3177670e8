"""The blueprint, and the routes that hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rights", __name__, url_prefix="/rights")

from alko.rights import deletion_routes, receipt_routes, routes, switch_routes  # noqa: E402, F401
