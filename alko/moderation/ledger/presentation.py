"""Entries of the ledger and alerts as the desk shows them: ids and codes in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.dossier import Row
from alko.privacy.inventory import BY_SLUG
from alko.privacy.ledger_search import Found
from alko.privacy.verification import Progress


def entry(found: Found) -> dict[str, Any]:
    return {
        "when": _moment(found.at),
        "datetime": found.at.isoformat(),
        "who": wording.code(found.actor, gettext),
        "member": str(found.member) if found.member else "",
        "member_url": address(member=str(found.member)) if found.member else "",
        "what": wording.code(found.event, gettext),
        "data": ", ".join(gettext(BY_SLUG[s].label) for s in found.categories if s in BY_SLUG),
        "purpose": wording.code(found.purpose, gettext),
        "details": [
            (name, _detail(value), address(reference=str(value)) if name == "reference" else "")
            for name, value in sorted(found.details.items())
        ],
        "chain": str(found.chain),
        "chain_url": address(chain=str(found.chain)),
        "seq": found.seq,
        "hash": found.hash[:12],
    }


def _detail(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return wording.code(str(value), gettext)


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
