"""The policy, its versions, cookies and choices, the promise ledger."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from alko.web.access import client_only, public
from alko.web.pages import render

blueprint = Blueprint("policy", __name__)


@blueprint.get("/privacy")
@public
def show() -> Response:
    return render("policy/show.html")


@blueprint.post("/privacy/read")
@client_only
def read() -> Response:
    return render("policy/show.html")


@blueprint.get("/privacy/versions")
@public
def versions() -> Response:
    return render("policy/show.html")


@blueprint.get("/privacy/versions/<version>")
@public
def version(version: str) -> Response:
    return render("policy/show.html")


@blueprint.get("/privacy/cookies")
@public
def cookies() -> Response:
    return render("policy/show.html")


@blueprint.post("/privacy/cookies/choices")
@client_only
def choose() -> Response:
    return render("policy/show.html")


@blueprint.get("/privacy/promises")
@public
def promises() -> Response:
    return render("policy/show.html")


@blueprint.get("/privacy/promises.json")
@public
def promises_json() -> Response:
    return jsonify({})
