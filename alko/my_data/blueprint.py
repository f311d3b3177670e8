"""The blueprint, and how its routes open the client's dossier."""

from __future__ import annotations

from flask import Blueprint
from flask_login import current_user

from alko.privacy.accountability.events import Event
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose

blueprint = Blueprint("my_data", __name__, url_prefix="/my-data")


def open_dossier(slugs: list[str], event: Event, details: dict[str, str] | None = None) -> Dossier:
    """The signed-in client's own dossier, opened for their right of access (GDPR Art. 15)."""
    return Dossier.open(
        current_user.client,
        current_user.actor,
        Purpose.LEGAL,
        categories=slugs,
        event=event,
        details=details,
    )


from alko.my_data import copy_routes, routes  # noqa: E402, F401
