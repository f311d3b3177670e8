"""Headers and tokens: a strict content security policy, HSTS, CSRF protection everywhere."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request

from alko.extensions import babel, csrf, htmx, talisman
from alko.web import uploads
from config import Settings

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
SANDBOX_POLICY = "sandbox; default-src 'none'"
"""For files of clients: an opened one runs nothing, loads nothing, is nobody's origin."""
PERMISSIONS_POLICY = dict.fromkeys(
    ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics"), "()"
)


def init_app(app: Flask) -> None:
    settings: Settings = app.config["ALKO"]
    babel.init_app(app)
    htmx.init_app(app)
    app.before_request(uploads.bound)
    app.before_request(refuse_plain_post)  # before any other answer could repeat what was sent
    csrf.init_app(app)
    # Registered before Talisman, so that it runs after it.
    app.after_request(sandbox_files)
    talisman.init_app(
        app,
        force_https=settings.production,
        strict_transport_security=settings.secure_cookies,
        strict_transport_security_include_subdomains=True,
        strict_transport_security_max_age=2 * 365 * 24 * 60 * 60,
        content_security_policy=CONTENT_SECURITY_POLICY,
        permissions_policy=PERMISSIONS_POLICY,
        referrer_policy="same-origin",
        frame_options="DENY",
        session_cookie_secure=settings.secure_cookies,
    )
    app.after_request(no_store)


def refuse_plain_post() -> tuple[str, int] | None:
    """A form sent in clear is refused, never redirected: its data has already leaked (P14)."""
    settings: Settings = current_app.config["ALKO"]
    if settings.production and not request.is_secure and request.method not in ("GET", "HEAD"):
        return "HTTPS is required.\n", 403
    return None


def sandboxed(response: Response) -> Response:
    """Have this answer, and not an error page in its place, sent in a sandbox."""
    g.alko_sandbox = True
    return response


def sandbox_files(response: Response) -> Response:
    if g.get("alko_sandbox"):
        response.headers["Content-Security-Policy"] = SANDBOX_POLICY
    return response


def no_store(response: Response) -> Response:
    """Every page is no-store: any of them can show who is signed in."""
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
