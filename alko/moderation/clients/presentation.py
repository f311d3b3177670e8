"""From what is known about a client to what the templates show."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.models.staff import Override
from alko.moderation.clients import reading
from alko.moderation.work.routes import KINDS
from alko.privacy import wording
from alko.privacy.door import grounds
from alko.privacy.door.dossier import Overview
from alko.privacy.door.showing import Showing
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import erasure
from alko.privacy.lifecycle.holds import Hold
from alko.privacy.rights import restriction
from alko.privacy.vocabulary import PURPOSES


def showing() -> Showing:
    """How things are shown in this request."""
    return Showing(gettext, get_locale())


def day(moment: datetime) -> str:
    return wording.day(moment, get_locale())


def door(client: ObjectId, member: ObjectId) -> dict[str, Any]:
    """A client who was found: what exists, and by which case of one's own it opens."""
    work = reading.open_work(client, member)
    counts = Counter(item.kind for item in work)
    return {
        "number": str(client),
        "counts": [
            (gettext("Open: %(kind)s", kind=gettext(KINDS[kind][0])), counts[kind])
            for kind in grounds.WORK
        ],
        "work": work_table(client, work),
        "mine": sum(item.holder == "me" for item in work),
    }


def work_table(client: ObjectId, work: list[reading.Item]) -> list[dict[str, Any]]:
    """Who works on what of a client's; one's own items lead to what they open."""
    return [
        {
            "kind": gettext(KINDS[item.kind][0]),
            "reference": item.reference,
            "holder": item.holder,
            "since": day(item.since),
            "url": url_for("moderation.client_page", client=client, case=item.case)
            if item.holder == "me"
            else None,
        }
        for item in work
    ]


def cards(found: Overview, client: ObjectId, case: str) -> list[dict[str, Any]]:
    """One for each category that the ground opens, as the inventory lists them."""
    shown = showing()
    return [
        {
            "name": gettext(summary.category.label),
            "url": url_for("moderation.client_category", client=client, slug=slug, case=case),
            "count": summary.count,
            "why": ", ".join(gettext(PURPOSES[p].name) for p in summary.category.purposes),
            "until": shown.until(summary, found.account_ends)
            if summary.count
            else gettext("Nothing held"),
            "sensitive": bool(summary.category.masked_fields),
        }
        for slug in CATEGORIES
        if (summary := found.summaries.get(slug))
    ]


def standing(client: ObjectId) -> dict[str, Any]:
    """What everybody who works on this client must know: a restriction, an erasure under way."""
    restricted = restriction.standing(client)
    run = erasure.pending(client)
    return {
        "restricted": restricted and day(restricted.since),
        "restriction_ground": restricted and gettext(restriction.GROUNDS[restricted.ground]),
        "restriction_ends": restricted and restricted.ends and day(restricted.ends),
        "erased_on": run and day(run.execute_after),
    }


def time_left(override: Override) -> dict[str, Any]:
    """An override in force: when it ends, and in how many minutes."""
    left = max(1, round((override.until - datetime.now(UTC)).total_seconds() / 60))
    return {
        "case": override.reference,
        "minutes": left,
        "at": wording.moment(override.until, get_locale()),
    }


def holds(found: list[Hold], client: ObjectId) -> list[dict[str, Any]]:
    """Legal holds in force; their reasons are read through the dossier."""
    return [hold(one, client) for one in found]


def hold(one: Hold, client: ObjectId) -> dict[str, Any]:
    return {
        "covers": wording.code(one.covers, gettext) if one.record else gettext("Everything"),
        "record": one.record,
        "since": day(one.since),
        "until": day(one.until),
        "told": one.told,
        "url": url_for("moderation.hold_page", client=client, hold=one.id),
    }
