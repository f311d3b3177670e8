"""How the client's own pages show a dossier: see alko/privacy/door/showing.py."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.door.dossier import Page
from alko.privacy.door.showing import Showing
from alko.privacy.oversight import breaches
from alko.web import paging
from alko.web.paging import Pager


def showing() -> Showing:
    """How things are shown in this request."""
    return Showing(gettext, get_locale())


def pager(slug: str, page: Page) -> Pager:
    """The pages of a category; their addresses keep the list still while one pages in it."""
    until = paging.pin(page)
    if slug == "activity":
        return Pager(page, lambda n: url_for("my_data.activity", page=n, until=until))
    return Pager(page, lambda n: url_for("my_data.category", slug=slug, page=n, until=until))


def told_breaches(client: ObjectId) -> list[dict[str, str]]:
    """What the client is told of breaches that reached their data, the newest first."""
    return [
        {"reference": one.reference, "told_on": day(one.told_at), "statement": one.statement}
        for one in breaches.told(client)
    ]


def day(moment: datetime) -> str:
    return wording.day(moment, get_locale())
