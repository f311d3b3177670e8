"""The blueprint, and the routes that hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rights", __name__, url_prefix="/rights")

from alko.rights import (  # noqa: E402
    correction_routes,  # noqa: F401
    deletion_routes,  # noqa: F401
    notice_routes,  # noqa: F401
    receipt_routes,  # noqa: F401
    routes,  # noqa: F401
    switch_routes,  # noqa: F401
)
