"""What was typed into a form is not lost because the session ended meanwhile.

A form that is refused for that reason is answered with the page that asks to sign in (or for the
password), and this page holds the typed fields hidden, through the second factor too. Once it is
settled who it is, the page of the form is shown as if it had been asked for, with its form filled
in; nothing is done until it is sent again. Nothing typed is stored, or put into an address or a
cookie: it goes back to the browser that sent it, and only if it came from a page of this portal.
Passwords, codes and files are not kept.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, current_app, flash, g, redirect, request
from flask.globals import request_ctx
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from alko.web import uploads
from alko.web.addresses import from_this_site, page_of_form, safe_target
from alko.web.pages import is_htmx, render

ACTION, PAGE, MARK = "typed_action", "typed_page", "typed."
"""Names of the hidden fields: where the form went, the page that held it, and before each field."""
NEVER_KEPT = {"csrf_token", "code"}
MOST_FIELDS = 200
"""No form of ours has more; a page of thousands would cost us more than who asks for it."""
PRESSED = {"confirmed", "change"}
"""Buttons: they are pressed anew."""
SEND_PLAINLY = "Alko-Send-Plainly"
"""The header that has static/js/app.js send a form once more without htmx."""

logger = logging.getLogger("alko.typed")


@dataclass(frozen=True)
class Typed:
    """A form that was refused: its address, the page that held it, and what was in it."""

    action: str
    page: str
    fields: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...] = ()
    """Names of the passwords in it, which are typed anew."""


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"typed_hidden": hidden})


def of_request() -> Typed | None:
    """What this refused form holds; None where that is nothing, or where it came from elsewhere."""
    if request.method != "POST" or not from_this_site() or uploads.expected():
        return None
    sent = list(request.form.items(multi=True))
    fields = tuple((n, v) for n, v in sent if n not in NEVER_KEPT and "password" not in n)
    if not 0 < len(fields) <= MOST_FIELDS:
        return None
    action = request.full_path.rstrip("?")
    secrets = tuple(dict.fromkeys(n for n, _ in sent if "password" in n))
    return Typed(action, page_of_form() or action, fields, secrets)


def brought() -> Typed | None:
    """What a form of the sign-in brings along from one that was refused."""
    filling: Typed | None = g.get("typed_filling")
    sent = MultiDict(filling.fields) if filling else request.form
    action, page = safe_target(sent.get(ACTION)), safe_target(sent.get(PAGE))
    fields = [(n, v) for n, v in sent.items(multi=True) if n.startswith(MARK)]
    if not (action and page and 0 < len(fields) <= MOST_FIELDS):
        return None
    return Typed(action, page, tuple((n.removeprefix(MARK), v) for n, v in fields))


def hidden() -> list[tuple[str, str]]:
    """The hidden fields for a form of the sign-in."""
    kept: Typed | None = g.get("typed_carried") or brought()
    if kept is None:
        return []
    return [(ACTION, kept.action), (PAGE, kept.page), *((MARK + n, v) for n, v in kept.fields)]


def ask(address: str, kept: Typed, why: str) -> Response:
    """The page at ``address``, which asks who it is, with what was typed hidden in its form.

    ``why`` is a sentence for the reader: what ended meanwhile.
    """
    flash(f"{why} {gettext('Nothing you typed is lost.')}", "info")
    return _carrying(address, kept, 403)


def _carrying(address: str, kept: Typed, status: int) -> Response:
    g.typed_carried = kept
    response = _fetch(address)
    response.status_code = status
    return response


def onwards(address: str) -> Response:
    """To the next step of a sign-in; what was typed goes along."""
    kept = brought()
    if kept:
        return _carrying(address, kept, 200)
    return redirect(address, code=303)  # type: ignore[return-value]


def offer(kept: Typed, status: int = 200) -> Response:
    """The page of the form, filled in with what was typed; nothing was done with it yet."""
    flash(gettext("This was not sent yet. Please look at it and send it again."), "info")
    for address in dict.fromkeys((kept.page, kept.action)):
        page = _filled(kept, address)
        if page is not None:
            page.status_code = status
            return page
    return render(
        "errors/send_again.html",
        status=status,
        kept=kept,
    )


def filling(names: Iterable[str]) -> MultiDict[str, str] | None:
    """What a form with these fields is filled in with while its page is offered again."""
    kept: Typed | None = g.get("typed_filling")
    if kept is None or not {name for name, _ in kept.fields} & set(names):
        return None
    g.typed_shown.update(names)
    return MultiDict(kept.fields)


def _filled(kept: Typed, address: str) -> Response | None:
    """The page, if it is one and its form took everything that was typed."""
    g.typed_filling, g.typed_shown = kept, set()
    try:
        response = _fetch(address)
    except Exception as error:  # gone, or somebody else's: what was typed matters more
        logger.info("a form is offered without its page: %s", type(error).__name__)
        return None
    finally:
        g.typed_filling = None
    left = {name for name, _ in kept.fields if not name.startswith("typed")}
    left -= g.typed_shown | PRESSED
    whole = response.status_code == 200 and response.mimetype == "text/html"
    return response if whole and not left else None


def _fetch(address: str) -> Response:
    """The answer to a visit of that address by the present browser, with all its checks.

    Raises what such a request would raise, for instance NotFound.
    """
    app, context = current_app, request_ctx._get_current_object()  # type: ignore[attr-defined]
    parts = urlsplit(address)
    environ = {
        name: value for name, value in request.environ.items() if not name.startswith("HTTP_HX_")
    }
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "CONTENT_LENGTH": "0",
        "CONTENT_TYPE": "",
        "wsgi.input": io.BytesIO(),
    }
    outer = context.request, context.url_adapter
    context.request = app.request_class(environ)
    context.url_adapter = app.create_url_adapter(context.request)
    try:
        context.match_request()
        answer = app.preprocess_request()
        return app.make_response(app.dispatch_request() if answer is None else answer)
    finally:
        context.request, context.url_adapter = outer


def send_plainly(response: Response) -> Response:
    """For htmx: the form is sent once more as a whole page, so that it can be answered with one."""
    if is_htmx():
        response.headers[SEND_PLAINLY] = "1"
    return response
