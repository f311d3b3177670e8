"""The published news. Their text is the operator's; it is about no person."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mongoengine import NotUniqueError

from alko.mail import campaigns
from alko.mail.kinds import MailKind
from alko.models.housekeeping import NewsItem

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
LONGEST_NAME = 60
SHOWN_AT_MOST = 50


class NameTaken(Exception):
    """There is news of this name; what was published and mailed does not change."""


class NoSuchNews(LookupError):
    """Nothing was published under this name."""


def publish(name: str, title: str, text: str) -> NewsItem:
    """Publish news: a title, and paragraphs with empty lines between. NameTaken, ValueError."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValueError("a name is of small letters, digits and hyphens, such as winter-2026")
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    paragraphs = [part for part in paragraphs if part]
    if not title.strip() or not paragraphs:
        raise ValueError("news has a title and a text")
    item = NewsItem(
        name=name, title=title.strip(), paragraphs=paragraphs, published_at=datetime.now(UTC)
    )
    try:
        return item.save(force_insert=True)
    except NotUniqueError:
        raise NameTaken(name) from None


def newest() -> list[NewsItem]:
    """The newest news, newest first."""
    return list(NewsItem.objects.order_by("-published_at")[:SHOWN_AT_MOST])


def find(name: str) -> NewsItem:
    """NoSuchNews where nothing has this name."""
    found: NewsItem | None = NewsItem.objects(name=name).first()
    if found is None:
        raise NoSuchNews(name)
    return found


def mail(name: str) -> str:
    """Have the link mailed to all who want it, once each; returns the campaign's event. NoSuchNews.

    A second call changes nothing.
    """
    item, event = find(name), f"news/{name}"
    link = f"/news/{item.name}"
    campaigns.begin(event, MailKind.NEWS, link, datetime.now(UTC), campaigns.READERS)
    return event
