"""The render helper, and what every template may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from htmx_flask import request as htmx_request
from jinja2_fragments.flask import render_block

from alko.words import N_


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Notice:
    """One line above every page."""

    text: str
    url: str
    link_text: str


VISITOR_PAGES = (
    (N_("Home"), "home.index"),
    (N_("Privacy policy"), "policy.show"),
    (N_("Promises"), "policy.promises"),
    (N_("Contact"), "contact.form"),
)
CLIENT_PAGES = (
    (N_("My data"), "my_data.overview"),
    (N_("Orders"), "orders.index"),
    (N_("Documents"), "documents.index"),
    (N_("Who looked"), "my_data.activity"),
    (N_("Take a copy"), "my_data.download"),
    (N_("Your rights"), "rights.index"),
    (N_("Privacy policy"), "policy.show"),
    (N_("Promises"), "policy.promises"),
    (N_("Contact"), "contact.form"),
)
CLIENT_ACCOUNT_PAGES = (
    (N_("Profile"), "account.profile"),
    (N_("Devices"), "account.sessions"),
    (N_("Security"), "account.security"),
)
VISITOR_ACCOUNT_PAGES = (
    (N_("Sign in"), "account.sign_in"),
    (N_("Register"), "account.register"),
)
FOOTER_PAGES = (
    (N_("Privacy policy"), "policy.show"),
    (N_("Cookies"), "policy.cookies"),
    (N_("Versions"), "policy.versions"),
    (N_("Promises"), "policy.promises"),
    (N_("News"), "news.index"),
    (N_("Contact"), "contact.form"),
)


def init_app(app: Flask) -> None:
    app.context_processor(frame)
    app.after_request(vary)


FRAMES: dict[str, Callable[[], dict[str, Any]]] = {}
"""Frames of other surfaces than the clients', by the beginning of their addresses."""


def frame() -> dict[str, Any]:
    """What base.html needs on every page."""
    for beginning, other in FRAMES.items():
        if request.path == beginning or request.path.startswith(f"{beginning}/"):
            return other()
    return _client_frame()


def _client_frame() -> dict[str, Any]:
    signed_in = bool(current_user.is_authenticated)
    pages = CLIENT_PAGES if signed_in else VISITOR_PAGES
    account_pages = CLIENT_ACCOUNT_PAGES if signed_in else VISITOR_ACCOUNT_PAGES
    return {
        "get_locale": get_locale,
        "navigation": _links(pages),
        "account_navigation": _links(account_pages),
        "privacy_links": _links(FOOTER_PAGES),
        "signed_in": signed_in,
        "brand_url": url_for("home.index"),
        "brand_name": gettext("Privacy portal"),
        "sign_out_url": url_for("account.sign_out"),
        "site_notices": _site_notices(signed_in),
    }


def _site_notices(signed_in: bool) -> list[Notice]:
    """What every page says to this client until it was read; known without a look-up (P36)."""
    if not signed_in:
        return []
    notices = []
    if current_user.erasure_at and request.endpoint != "rights.deletion":
        text = gettext("The deletion of all your data is confirmed.")
        notices.append(Notice(text, url_for("rights.deletion"), gettext("See when, or cancel it")))
    if current_user.policy_unread and request.endpoint != "policy.show":
        text = gettext(
            "There is a newer version of our privacy policy which you have not read yet."
        )
        notices.append(Notice(text, url_for("policy.show"), gettext("Read it")))
    return notices


def _links(pages: tuple[tuple[str, str], ...]) -> list[Link]:
    return [
        Link(gettext(label), url_for(endpoint), endpoint == request.endpoint)
        for label, endpoint in pages
    ]


def is_htmx() -> bool:
    """Whether htmx sends this request, for whatever part of a page."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (not for a boosted or restored whole)."""
    asked = htmx_request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def render(
    template: str, *, block: str | None = None, status: int = 200, **context: Any
) -> Response:
    """One URL, one template: the named block for htmx, the whole page otherwise."""
    if block and wants_fragment():
        return make_response(render_block(template, block, **context), status)
    return make_response(render_template(template, **context), status)


def vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
