"""The cookies that the portal sets: these and no others (P5; a browser test compares)."""

from __future__ import annotations

from dataclasses import dataclass

from alko.words import N_
from config import Settings


@dataclass(frozen=True)
class Cookie:
    """One cookie. ``days`` is how long it lives; None: until the browser is closed."""

    name: str
    purpose: str
    days: int | None


def cookies(settings: Settings) -> tuple[Cookie, ...]:
    """What a browser can get from this portal; names carry a prefix where HTTPS is used."""
    names = settings.flask()
    return (
        Cookie(
            names["SESSION_COOKIE_NAME"],
            N_(
                "Keeps your session together: it names your sign-in, protects forms against "
                "forgery and carries a message from one page to the next."
            ),
            None,
        ),
        Cookie(
            names["REMEMBER_COOKIE_NAME"],
            N_("Keeps you signed in on this device; set only if you ask for it when you sign in."),
            settings.remember_lifetime.days,
        ),
        Cookie(
            names["DEVICE_COOKIE_NAME"],
            N_(
                "Says that somebody signed in on this device before, so that strangers who try "
                "passwords elsewhere cannot lock you out. It is set when you sign in, read when "
                "you sign in again, and holds no name and no address."
            ),
            settings.device_lifetime.days,
        ),
    )
