"""Devices on which somebody signed in before: strangers' attempts do not lock them out.

A cookie says so, signed: a random number for the device, and for each account that was opened on it
a keyed hash. It is written when a sign-in succeeds and read where attempts are counted; whether
an account exists shows nowhere in it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from alko.database import connection
from alko.extensions import alko_settings

MOST_ACCOUNTS = 8
"""So many accounts a device knows; the one that was not used for longest is forgotten."""


@dataclass(frozen=True)
class Device:
    number: str
    accounts: tuple[str, ...] = ()


def number_if_known(account: str) -> str | None:
    """The number of this device if ``account`` was opened on it before; None otherwise."""
    device = _present()
    return device.number if device and _mark(account) in device.accounts else None


def remember(account: str) -> None:
    """Somebody signed in to ``account`` on this device: note it with the answer."""
    device = _present() or Device(secrets.token_urlsafe(12))
    mark = _mark(account)
    others = tuple(one for one in device.accounts if one != mark)
    noted = [device.number, [mark, *others][:MOST_ACCOUNTS]]

    @after_this_request
    def note(response: Response) -> Response:
        config, settings = current_app.config, alko_settings()
        response.set_cookie(
            config["DEVICE_COOKIE_NAME"],
            _serializer().dumps(noted),
            max_age=settings.device_lifetime,
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite=config["SESSION_COOKIE_SAMESITE"],
        )
        return response


def _present() -> Device | None:
    signed = request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"], "")
    age = int(alko_settings().device_lifetime.total_seconds())
    try:
        number, accounts = _serializer().loads(signed, max_age=age)
    except BadData:
        return None
    return Device(number, tuple(accounts))


def _mark(account: str) -> str:
    return connection.current().blind_index.of("device-account", account)[:24]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="alko.device")
