"""The first page."""

from __future__ import annotations

from flask import Blueprint, Response

from alko.web.access import public
from alko.web.pages import render

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def index() -> Response:
    return render("home/index.html")
