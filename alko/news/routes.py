"""News for everybody, and the way out of mail about it: parse, call, render."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request
from flask_babel import format_date

from alko.extensions import alko_settings, csrf
from alko.news import store
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.rights import marketing
from alko.web.access import public
from alko.web.pages import render

blueprint = Blueprint("news", __name__, url_prefix="/news")


@blueprint.get("")
@public
def index() -> Response:
    return render("news/index.html", news=[_shown(one) for one in store.newest()])


@blueprint.get("/<name>")
@public
def item(name: str) -> Response:
    try:
        return render("news/item.html", item=_shown(store.find(name)))
    except store.NoSuchNews:
        abort(404)


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@public
@csrf.exempt
def unsubscribe(token: str) -> Response:
    """One click ends marketing, without signing in (P23; RFC 8058).

    Mail programs post here by themselves, with no cookie and no token of a form: the address is the
    authentication, and no answer redirects them. A person gets a button first, for scanners of mail
    follow links.
    """
    if request.method == "POST" and request.form.get("List-Unsubscribe") != "One-Click":
        abort(400)
    links = Links(current_app.config["SECRET_KEY"])
    try:
        if request.method == "GET":
            marketing.is_genuine(links, token)
        else:
            marketing.unsubscribe(links, token)
    except LinkInvalid:
        email = alko_settings().controller.privacy_email
        return render("news/link_invalid.html", status=404, email=email)
    return render("news/unsubscribe.html", token=token, done=request.method == "POST")


def _shown(one: store.NewsItem) -> dict[str, object]:
    """A piece of news as the pages show it."""
    return {
        "name": one.name,
        "title": one.title,
        "paragraphs": one.paragraphs,
        "day": format_date(one.published_at, "long"),
    }
