"""Error pages that help. No detail of a fault reaches the page or the log's text (P14)."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass

from flask import Flask, Response, g, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError

from alko.database.keyring import KeyDestroyed
from alko.database.records import ConcurrentChange
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import AccessDenied
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.inventory import UnknownCategory
from alko.web import access, typed
from alko.web.pages import is_htmx, render
from alko.words import N_

logger = logging.getLogger("alko.errors")


@dataclass(frozen=True)
class Explanation:
    title: str
    text: str


EXPLANATIONS: dict[int, Explanation] = {
    400: Explanation(
        N_("This request could not be understood"),
        N_("Something in the address or the form was not as expected. Nothing was changed."),
    ),
    403: Explanation(
        N_("This is not open to you"), N_("The page exists for others, or for nobody.")
    ),
    404: Explanation(
        N_("There is no such page"),
        N_("The address may be mistyped, or what was here has been erased."),
    ),
    405: Explanation(
        N_("That cannot be done here"), N_("The page was asked for in a way it does not answer.")
    ),
    409: Explanation(
        N_("Somebody else was faster"),
        N_("This was changed at the same moment, perhaps by you in another window. Try it again."),
    ),
    410: Explanation(
        N_("This can no longer be read"),
        N_("The key of this data was destroyed, which makes it unreadable for everyone, for good."),
    ),
    413: Explanation(
        N_("That is too large"),
        N_("What you sent is larger than we accept. Nothing of it was stored."),
    ),
    422: Explanation(
        N_("Something needs your attention"), N_("Please correct what is marked and send it again.")
    ),
    429: Explanation(
        N_("Too many attempts"),
        N_("To protect accounts we limit how often this can be tried. Please wait a few minutes."),
    ),
    500: Explanation(
        N_("Something went wrong on our side"),
        N_("What you did last may not have been saved. Please look whether it was, and try again."),
    ),
    503: Explanation(
        N_("We cannot answer right now"),
        N_("The portal is not available at this moment. Please try again in a few minutes."),
    ),
}
TRY_AGAIN = {409, 429, 500, 503}
"""Where the same form may well succeed later, so that what was typed is offered once more."""
TRANSLATED: dict[type[Exception], int] = {
    AccessDenied: 403,
    NoSuchRecord: 404,
    UnknownCategory: 404,
    ConcurrentChange: 409,
    KeyDestroyed: 410,
    LedgerUnavailable: 503,
    AutoReconnect: 503,
    ServerSelectionTimeoutError: 503,
}


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, unconfirmed_form)
    app.register_error_handler(HTTPException, http_error)
    for kind in TRANSLATED:
        app.register_error_handler(kind, known_error)
    app.register_error_handler(Exception, unknown_error)


def page(code: int) -> Response:
    """The error page of a status code; with what was typed, where sending it again may help."""
    kept = typed.of_request() if code in TRY_AGAIN and not is_htmx() else None
    explanation = EXPLANATIONS.get(code) or EXPLANATIONS[500 if code >= 500 else 400]
    return render(
        "errors/page.html",
        status=code,
        code=code,
        title=gettext(explanation.title),
        explanation=gettext(explanation.text),
        kept=kept,
        what_to_do=[
            (gettext("Go to the first page"), url_for("home.index")),
            (gettext("Read how we handle your data"), url_for("policy.show")),
        ],
    )


def http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    response = page(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def known_error(error: Exception) -> Response:
    code = next(code for kind, code in TRANSLATED.items() if isinstance(error, kind))
    if code >= 500:
        _log(error)
        # The error page must not wait, and fail, like the page itself: nobody is looked up for it.
        g.database_away = True
    return page(code)


def unknown_error(error: Exception) -> Response:
    _log(error)
    return page(InternalServerError.code or 500)


def unconfirmed_form(error: CSRFError) -> Response:
    """A form whose token is missing, forged or outlived its session: nothing typed is lost.

    A form that came from this site is offered again with a fresh token; one from elsewhere is not.
    """
    kept = typed.of_request()
    if kept is None:
        return page(400)
    if is_htmx():
        return typed.send_plainly(page(400))
    return access.check() or typed.offer(kept, 400)


def _log(error: Exception) -> None:
    """Where it broke and of what kind; the message stays out, for it may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    path = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames[-8:]))
    logger.error("%s at %s", type(error).__name__, path)
