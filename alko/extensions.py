"""The Flask extensions, unbound; create_app() binds them."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from limits.storage import MongoDBStorage

from alko.database import connection
from alko.web.visitor import network_of


class LimitStorage(MongoDBStorage):
    """Takes the place of its base for these schemes.

    The base connects when it is thrown away unused, only to close the connection: every command
    would end with a traceback, and wait for a database that is gone.
    """

    STORAGE_SCHEME = ["mongodb", "mongodb+srv"]

    def __del__(self) -> None:
        if self._storage is not None:
            self._storage.close()


def caller() -> str:
    """Whom a rate limit counts: a keyed hash of the address, never the address (P5).

    Of IPv6 the network counts that one line gets: it can have every address in there.
    """
    network = network_of(request.remote_addr or "", ipv4_bits=32, ipv6_bits=64)
    return connection.current().blind_index.of("address", network)[:32]


babel = Babel()
csrf = CSRFProtect()
htmx = Htmx()
limiter = Limiter(key_func=caller, headers_enabled=False, default_limits=[])
login = LoginManager()
talisman = Talisman()


def alko_settings():  # type: ignore[no-untyped-def]  # noqa: ANN201
    """The portal's Settings of the running application."""
    return current_app.config["ALKO"]
