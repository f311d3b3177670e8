"""Limits on what is tried at one account, wherever it comes from.

An account is named by the blind index of the address that was typed, in whatever spelling, so that
one that does not exist is counted like any other. Only what ``count`` was called for is counted: a
wrong password, a mail that was asked for. A device that signed in to the account before has counts
of its own (devices.py): whoever else tries cannot lock it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from alko.extensions import alko_settings, caller, limiter
from alko.privacy.identity import accounts
from alko.web import devices
from config import Settings

LONGEST_ADDRESS = 254


def typed_account() -> str:
    """The account of the address in the form."""
    return accounts.email_index(request.form.get("email", "").strip()[:LONGEST_ADDRESS])


def count() -> None:
    """What this request tries counts against the limits of its account."""
    g.alko_attempt = True


def _counts(_response: Response) -> bool:
    return bool(g.get("alko_attempt"))


def limit(
    rate: Callable[[Settings], str],
    scope: str,
    key: Callable[[], str],
    exempt_when: Callable[[], bool] | None = None,
) -> Any:
    """A decorator of views that takes so many counted requests for each key."""
    return limiter.shared_limit(
        lambda: rate(alko_settings()),
        scope=scope,
        key_func=key,
        methods=["POST"],
        deduct_when=_counts,
        exempt_when=exempt_when,
    )


def among_its_like(account: str) -> str:
    """The key of an account for all devices that it knows, or for all that it does not know."""
    return f"{account}|known" if devices.number_if_known(account) else account


def _from_one_place() -> str:
    account = typed_account()
    return f"{account}|{devices.number_if_known(account) or caller()}"


def by_account(surface: str) -> Callable[[Any], Any]:
    """Wrong passwords for one account: a few from one place, and a ceiling for all places."""
    here = limit(lambda s: s.rate_account, f"{surface}-account", _from_one_place)
    everywhere = limit(
        lambda s: s.rate_account_everywhere,
        f"{surface}-account-everywhere",
        lambda: among_its_like(typed_account()),
    )
    return lambda view: here(everywhere(view))


def by_recipient() -> Any:
    """A decorator of views: mails to the address in the form, whoever asks for them.

    Too many are refused, whether or not the address has an account. Sending nothing and saying
    nothing would have its owner wait for a mail that never comes.
    """
    return limit(lambda s: s.rate_recipient, "recipient", lambda: among_its_like(typed_account()))
