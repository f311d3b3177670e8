"""Usage analysis: only for signed-in clients who opted in, and never against the signal (P5)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Flask, Response, request
from flask_login import current_user

from alko.privacy.identity import usage
from alko.privacy.rights import objection
from alko.web.visitor import objects_by_signal, visitor

logger = logging.getLogger("alko.analytics")


def init_app(app: Flask) -> None:
    app.after_request(record)


def record(response: Response) -> Response:
    """Note the page that is about to be shown, or the browser's objection to that.

    A failure to do so never breaks the page.
    """
    if not _is_page(response):
        return response
    try:
        if current_user.is_authenticated and current_user.analytics:
            if objects_by_signal():  # also in a session that was open before the browser sent it
                objection.note_signal(current_user.client, current_user.actor)
                return response
            seen = visitor()
            usage.record(
                current_user.client,
                page=request.endpoint or "",
                address=seen.address,
                browser=seen.browser,
                seen_at=datetime.now(UTC),
            )
    except Exception as error:  # whatever it is, the page matters more
        logger.warning("a page view was not recorded: %s", type(error).__name__)
    return response


def _is_page(response: Response) -> bool:
    """A whole page that a person sees: no fragment, no file, no error."""
    return (
        request.method == "GET"
        and request.endpoint is not None
        and request.blueprint not in (None, "static", "operations")
        and response.status_code == 200
        and response.mimetype == "text/html"
        and "HX-Request" not in request.headers
    )
