"""How the portal is set up: to be read, and changed only where the server is run."""

from __future__ import annotations

from flask import Response

from alko.extensions import alko_settings
from alko.moderation.blueprint import blueprint
from alko.moderation.settings import reading
from alko.privacy.door.permissions import Permission
from alko.web.access import staff
from alko.web.pages import render


@blueprint.get("/settings")
@staff(Permission.SETTINGS)
def settings() -> Response:
    found = alko_settings()
    return render(
        "moderation/settings/index.html",
        controller=reading.controller(found.controller),
        in_use=reading.in_use(found),
        limits=reading.limits(found),
        versions=reading.versions(),
    )
