"""The ALKO Cars privacy portal. create_app() is the one place where everything is wired."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from alko import (
    account,
    contact,
    demo,
    documents,
    home,
    hooks,
    moderation,
    my_data,
    news,
    operations,
    orders,
    policy,
    rights,
)
from alko.cli import register_commands
from alko.database import connection, secrets
from alko.extensions import limiter
from alko.web import (
    access,
    analytics,
    errors,
    pages,
    proxies,
    restoring,
    security,
    signed_in,
    static,
    typed,
    uploads,
)
from config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; ConfigurationError where it must not start.

    Without a database address nothing is connected yet: the command-line starts the embedded
    server first (alko/cli/database.py).
    """
    settings = completed((settings or config.load()).check())
    app = Flask(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    app.config.from_mapping(settings.flask())
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    if settings.mongodb_uri:
        connection.connect(settings)
        _bind_extensions(app, settings)
    for part in (
        static,
        proxies,
        security,
        restoring,
        uploads,
        signed_in,
        access,
        typed,
        errors,
        pages,
        analytics,
    ):
        part.init_app(app)
    for package in (
        home,
        policy,
        account,
        my_data,
        documents,
        orders,
        rights,
        news,
        contact,
        hooks,
        operations,
        moderation,
    ):
        app.register_blueprint(package.blueprint)
    if settings.demo and not settings.production:
        app.register_blueprint(demo.blueprint)
    register_commands(app)
    return app


def completed(settings: Settings) -> Settings:
    """The settings with secrets of the instance folder, outside production only."""
    if settings.production:
        return settings
    folder = settings.instance / "secrets"
    return dataclasses.replace(
        settings,
        secret_key=settings.secret_key or secrets.text_secret(folder, "session-key"),
        blind_index_key=settings.blind_index_key or secrets.text_secret(folder, "blind-index-key"),
    )


def _bind_extensions(app: Flask, settings: Settings) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = settings.rate_limit_storage or settings.mongodb_uri
    if not settings.rate_limit_storage:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "database_name": f"{settings.database}_limits",
            **connection.patience(settings.mongodb_uri),
        }
    limiter.init_app(app)
