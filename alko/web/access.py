"""Deny by default: a view without a declared access answers 403, and fails the tests (P12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user

from alko.extensions import alko_settings
from alko.privacy.door.permissions import Permission
from alko.web import members, typed
from alko.web.addresses import page_of_form
from alko.web.pages import is_htmx

View = TypeVar("View", bound=Callable[..., object])


class Access(StrEnum):
    PUBLIC = "public"
    """Everybody."""
    CLIENT = "client"
    """A signed-in client, for their own data."""
    FRESH = "fresh"
    """A client who confirmed the password a moment ago."""
    STAFF = "staff"
    """A member of staff whose role has the view's permission."""


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.alko_access = access  # type: ignore[attr-defined]
        return view

    return mark


public = _declare(Access.PUBLIC)
client_only = _declare(Access.CLIENT)
fresh_client_only = _declare(Access.FRESH)


def staff(permission: Permission) -> Callable[[View], View]:
    """Open a view to members of staff whose role has this permission."""

    def mark(view: View) -> View:
        view.alko_permission = permission  # type: ignore[attr-defined]
        return _declare(Access.STAFF)(view)

    return mark


def permission_of(endpoint: str) -> Permission | None:
    """What a view of the staff's surface asks for, or None."""
    view = current_app.view_functions.get(endpoint)
    return getattr(view, "alko_permission", None)


def declared(endpoint: str) -> Access | None:
    """What the view of an endpoint declared, or None."""
    view = current_app.view_functions.get(endpoint)
    return getattr(view, "alko_access", None)


def init_app(app: Flask) -> None:
    app.before_request(check)


def check() -> Response | None:
    """Runs before every view. An unknown address goes on to its 404."""
    if request.endpoint is None:
        return None
    access = declared(request.endpoint)
    if access is None:
        abort(403)
    if access is Access.PUBLIC:
        return None
    if access is Access.STAFF:
        return _check_member(permission_of(request.endpoint))
    if not current_user.is_authenticated:
        return to_sign_in()
    if access is Access.FRESH and not is_fresh():
        why = gettext("Your password was confirmed too long ago.")
        return _ask("account.confirm_password", why=why)
    return None


def _check_member(permission: Permission | None) -> Response | None:
    member = members.find()
    if member is None:
        return _ask("moderation.sign_in", "/staff")
    if permission is None or not member.may(permission):
        abort(403)
    return None


def is_fresh() -> bool:
    """Whether the password was given within the last minutes (Settings.fresh_for)."""
    confirmed = session.get("confirmed_at", 0)
    age = datetime.now(UTC).timestamp() - confirmed
    return 0 <= age <= alko_settings().fresh_for.total_seconds()


def mark_fresh() -> None:
    session["confirmed_at"] = int(datetime.now(UTC).timestamp())


def to_sign_in() -> Response:
    return _ask("account.sign_in")


def _ask(endpoint: str, otherwise: str | None = None, why: str | None = None) -> Response:
    """To the page that asks who it is. What was typed into a refused form goes along."""
    kept = typed.of_request()
    if kept and not is_htmx():
        why = why or gettext("You were not signed in any more.")
        return typed.ask(url_for(endpoint, next=kept.page), kept, why)
    response = elsewhere(url_for(endpoint, next=_here(otherwise)))
    return typed.send_plainly(response) if kept else response


def elsewhere(address: str) -> Response:
    """Send the browser there; htmx is told to leave the page, not to swap a login into it."""
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, code=303)  # type: ignore[return-value]


def _here(otherwise: str | None = None) -> str:
    """Where to come back to: the page itself, or the page that held the form."""
    if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        return request.full_path.rstrip("?")
    return page_of_form() or otherwise or url_for("my_data.overview")
