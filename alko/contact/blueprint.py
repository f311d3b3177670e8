"""The blueprint, and the routes that hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("contact", __name__, url_prefix="/contact")

from alko.contact import case_routes, routes  # noqa: E402, F401
