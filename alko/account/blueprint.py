"""The blueprint, and the routes that hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("account", __name__, url_prefix="/account")

from alko.account import profile_routes, routes, security_routes  # noqa: E402, F401
