"""What is around every page of the staff's surface: its own navigation, by permission."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.door.permissions import Permission
from alko.web import members, pages
from alko.web.pages import Link
from alko.words import N_

DESKS: tuple[tuple[str, str, Permission], ...] = (
    (N_("Today"), "moderation.today", Permission.WORK),
    (N_("Requests"), "moderation.request_queue", Permission.REQUESTS),
    (N_("Messages"), "moderation.messages", Permission.MESSAGES),
    (N_("Documents"), "moderation.papers", Permission.DOCUMENTS),
    (N_("Orders"), "moderation.orders", Permission.ORDERS),
    (N_("Clients"), "moderation.clients", Permission.SEARCH),
    (N_("Policy"), "moderation.policy", Permission.POLICY),
    (N_("Ledger"), "moderation.ledger", Permission.LEDGER),
    (N_("Breaches"), "moderation.breaches", Permission.BREACHES),
    (N_("Mail"), "moderation.mail", Permission.MAIL),
    (N_("Recipients"), "moderation.recipients_page", Permission.RECIPIENTS),
    (N_("Reports"), "moderation.reports", Permission.REPORTS),
    (N_("Team"), "moderation.team", Permission.TEAM),
    (N_("Settings"), "moderation.settings", Permission.SETTINGS),
)
"""Name, endpoint and permission of each desk, in the order of the navigation."""
VISITORS_PAGES = ((N_("Sign in"), "moderation.sign_in"), (N_("The clients' portal"), "home.index"))


def frame() -> dict[str, Any]:
    """In place of the clients' frame, for everything under /staff."""
    member = members.find()
    navigation = (
        [_desk(name, endpoint) for name, endpoint, needed in DESKS if member.may(needed)]
        if member
        else [
            Link(gettext(name), url_for(endpoint), endpoint == request.endpoint)
            for name, endpoint in VISITORS_PAGES
        ]
    )
    return {
        "get_locale": get_locale,
        "surface": "staff",
        "brand_url": url_for("moderation.today"),
        "brand_name": gettext("Staff area"),
        "navigation": navigation,
        "account_navigation": [],
        "signed_in": member is not None,
        "signed_in_as": wording.code(member.role.value, gettext) if member else "",
        "sign_out_url": url_for("moderation.sign_out"),
        "site_notices": [],
        "footer_text": gettext("What is opened here is written where the client reads it."),
        "may": member.may if member else _nothing,
        "Permission": Permission,
    }


def _nothing(_: Permission) -> bool:
    return False


def _desk(name: str, endpoint: str) -> Link:
    """A desk is marked as the current one on all of its pages."""
    address = url_for(endpoint)
    inside = request.path == address or (
        endpoint != "moderation.today" and request.path.startswith(f"{address}/")
    )
    return Link(gettext(name), address, inside)


pages.FRAMES["/staff"] = frame
