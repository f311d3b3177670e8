"""Entries of the ledger and alerts as the desk shows them: ids and codes in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.accountability.ledger_search import Found
from alko.privacy.accountability.verification import Progress
from alko.privacy.door.dossier import Row
from alko.privacy.inventory import BY_SLUG, CATEGORIES
from alko.words import N_

DETAILS: dict[str, str] = {
    "reference": N_("Reference"),
    "kind": N_("Kind"),
    "version": N_("Version"),
    "significant": N_("Significant"),
    "by": N_("By"),
    "found": N_("Found"),
    "field": N_("Detail"),
    "fields": N_("Details"),
    "record": N_("Record"),
    "right": N_("Right"),
    "state": N_("State"),
    "choice": N_("Choice"),
    "granted": N_("Allowed"),
    "alert": N_("Alert"),
    "outcome": N_("Outcome"),
    "chains": N_("Chains"),
    "role": N_("Role"),
    "ground": N_("Ground"),
    "channel": N_("Channel"),
    "member": N_("Staff number"),
}
"""The names of details in words; one that is missing stands as it is."""


def entry(found: Found) -> dict[str, Any]:
    return {
        "when": _moment(found.at),
        "datetime": found.at.isoformat(),
        "who": gettext("The client") if found.actor == "client" else _code(found.actor),
        "member": str(found.member) if found.member else "",
        "member_url": address(member=str(found.member)) if found.member else "",
        "what": _code(found.event),
        "data": _data(found.categories),
        "purpose": _code(found.purpose),
        "details": [
            (gettext(DETAILS.get(name, name)), _detail(value), _detail_address(name, value))
            for name, value in sorted(found.details.items())
            if value not in ("", [], None)
        ],
        "chain": str(found.chain),
        "chain_url": address(chain=str(found.chain)),
        "seq": found.seq,
        "hash": found.hash[:12],
    }


def _data(categories: list[str]) -> str:
    known = [slug for slug in categories if slug in BY_SLUG]
    if set(known) >= CATEGORIES.keys():
        return gettext("all of the dossier")
    return ", ".join(gettext(BY_SLUG[slug].label) for slug in known)


def _detail(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return _code(str(value))


def _detail_address(name: str, value: Any) -> str:
    if name == "reference":
        return address(reference=str(value))
    if name == "alert" and ObjectId.is_valid(str(value)):
        return url_for("moderation.alert_page", record=value)
    return ""


def _code(code: str) -> str:
    return wording.code(code, gettext)


def alert(row: Row) -> dict[str, Any]:
    values = row.values
    member, about = values.get("member"), values.get("about")
    by = values.get("acknowledged_by")
    return {
        "id": str(row.id),
        "url": url_for("moderation.alert_page", record=row.id),
        "kind": wording.code(str(values["kind"]), gettext),
        "seen": _moment(row.recorded_at),
        "member": str(member) if member else "",
        "member_url": address(member=str(member)) if member else "",
        "about": str(about) if about else "",
        "about_url": address(chain=str(about)) if about else "",
        "count": values.get("count"),
        "acknowledged": _moment(values["acknowledged_at"]) if values["acknowledged_at"] else "",
        "by": str(by) if by else "",
        "outcome": wording.code(str(values["outcome"]), gettext) if values["outcome"] else "",
        "note": values.get("note") or "",
        "by_themselves": bool(by) and by == member,
    }


def walk(found: Progress) -> dict[str, Any]:
    return {
        "begun": _moment(found.begun_at),
        "finished": _moment(found.finished_at) if found.finished_at else "",
        "chains": max(found.chains, found.done),
        "done": found.done,
        "entries": found.entries,
        "broken": found.broken,
        "named": [(str(one), address(chain=str(one))) for one in found.named],
    }


def address(**filters: str) -> str:
    """The ledger's page, narrowed by these filters."""
    given: dict[str, Any] = {name: value for name, value in filters.items() if value}
    return url_for("moderation.ledger", **given)


def _moment(moment: datetime) -> str:
    return wording.moment(moment, get_locale())
