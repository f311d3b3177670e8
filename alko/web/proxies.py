"""A proxy in front that the settings do not know of is named in the log."""

from __future__ import annotations

import logging

from flask import Flask, request

from config import Settings

WARNING = (
    "requests arrive through a proxy, and ALKO_TRUSTED_PROXIES is 0: all visitors count as one, "
    "so that a few of them use up the rate limits of all; set it to the number of your proxies"
)
NOTED = "alko.proxy_noted"

logger = logging.getLogger("alko.proxies")


def init_app(app: Flask) -> None:
    settings: Settings = app.config["ALKO"]
    if not settings.trusted_proxies:
        app.extensions[NOTED] = False
        app.before_request(lambda: _look(app))


def _look(app: Flask) -> None:
    """Warn once; what the header holds is nobody's business (P5)."""
    if "X-Forwarded-For" in request.headers and not app.extensions[NOTED]:
        app.extensions[NOTED] = True
        logger.warning(WARNING)
