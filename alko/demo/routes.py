"""Pages that exist in the demo only."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("demo", __name__)
