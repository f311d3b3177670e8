"""The first page of the staff's surface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, url_for
from flask_babel import get_locale, gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.work import reading
from alko.privacy import wording
from alko.privacy.permissions import Permission
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render
from alko.words import N_

KINDS = {
    "R": (N_("Request"), "moderation.request_page", "reference"),
    "C": (N_("Message"), "moderation.message_page", "reference"),
    "AC": (N_("Order"), "moderation.order_page", "number"),
    "paper": (N_("Paper"), "moderation.paper_page", "record"),
}
"""For each kind of work its name, and the page it is done on."""


@blueprint.get("")
@staff(Permission.WORK)
def today() -> Response:
    """What the member has in hand; an administrator has no cases."""
    now = datetime.now(UTC)
    return render(
        "moderation/work/today.html",
        items=[
            {
                "kind": gettext(KINDS[item.kind][0]),
                "url": _address(item),
                "reference": item.reference,
                "since": wording.day(item.since, get_locale()),
                "left": (item.due_at - now) // timedelta(days=1) if item.due_at else None,
            }
            for item in reading.mine(current_member.id)
        ],
    )


def _address(item: reading.Item) -> str:
    _, endpoint, name = KINDS[item.kind]
    values: dict[str, Any] = {name: item.reference}
    return url_for(endpoint, **values)
