"""Papers as the desk shows them, and what of the client's data each kind must match."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.models.document import PaperKind
from alko.moderation.documents.reading import View, Waiting
from alko.moderation.handing import whose
from alko.privacy import wording
from alko.privacy.door.dossier import Dossier, NoSuchRecord, Row
from alko.privacy.door.showing import Showing, ShownRecord
from alko.privacy.inventory import category
from alko.vault.inspection.types import PDF
from alko.web.downloads import PREVIEWED
from alko.words import N_

VIEWS: dict[View, str] = {
    View.ALL: N_("All that wait"),
    View.NOBODY: N_("Nobody's yet"),
    View.MINE: N_("Mine"),
}
_PERSON = (
    "full_name",
    "birth_date",
    "nationality",
    "identification_kind",
    "identification_number",
)
_ADDRESS = ("street", "city", "postal_code", "country")
MATCHED: dict[str, dict[str, tuple[str, ...]]] = {
    "identity": {"identity": _PERSON},
    "driving_licence": {"identity": ("full_name", "birth_date")},
    "residence": {"identity": ("full_name",), "contact": _ADDRESS},
    "financial": {"identity": ("full_name",)},
}
"""For each kind of paper the details, by category, that it is compared with; only they show."""
KINDS = tuple(PaperKind)


def paper_kind(code: str) -> PaperKind | None:
    """The kind of that code, None where none is asked for; ValueError."""
    return PaperKind(code) if code else None


def address(view: View, kind: PaperKind | None, number: int = 1) -> str:
    asked: dict[str, Any] = {}
    if view is not View.ALL:
        asked["view"] = view.value
    if kind:
        asked["kind"] = kind.value
    if number > 1:
        asked["page"] = number
    return url_for("moderation.papers", **asked)


def filters(view: View, kind: PaperKind | None) -> list[tuple[str, list[Any]]]:
    """The groups of links above the list: label, and for each link text, address, current."""
    kinds: list[Any] = [(gettext("All kinds"), address(view, None), kind is None)]
    kinds += [(code(one.value), address(view, one), one is kind) for one in KINDS]
    views = [(gettext(name), address(one, kind), one is view) for one, name in VIEWS.items()]
    return [(gettext("Who has it"), views), (gettext("Kind of document"), kinds)]


def lines(rows: Iterable[Waiting], member: ObjectId) -> list[dict[str, Any]]:
    return [
        {
            "url": url_for("moderation.paper_page", record=row.id),
            **head(row, member),
        }
        for row in rows
    ]


def head(row: Waiting, member: ObjectId) -> dict[str, Any]:
    """What every member may see of a paper."""
    return {
        "id": str(row.id),
        "kind": code(row.kind),
        "received": wording.moment(row.received_at, get_locale()),
        "size": wording.size(row.size, get_locale()),
        "holder": whose(row.holder, member),
        "revision": row.revision,
    }


def opens(kind: str) -> dict[str, tuple[str, ...]]:
    """What is opened besides the paper and its order."""
    return MATCHED[kind]


def inside(
    dossier: Dossier, waiting: Waiting, revealed: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The paper and what it must match, from an open dossier."""
    row = dossier.row("documents", waiting.id)
    return {
        "readable": row.readable,
        "name": row.values["filename"] or gettext("Erased"),
        "media_type": row.values["media_type"] or "",
        "picture": row.readable and row.values["media_type"] in (*PREVIEWED, PDF),
        "pdf": row.values["media_type"] == PDF,
        "order": _order(dossier, waiting),
        "matched": _matched(dossier, waiting.kind, revealed),
    }


def _order(dossier: Dossier, waiting: Waiting) -> list[tuple[str, Any]]:
    if waiting.order is None:
        return []
    try:
        row: Row = dossier.row("orders", waiting.order)
    except NoSuchRecord:
        return []
    car = " ".join(str(row.values[name]) for name in ("make", "model") if row.values[name])
    return [
        (gettext("Order"), row.values["number"]),
        (gettext("Car"), car),
        (gettext("State"), code(row.values["status"])),
        (gettext("Ordered on"), wording.day(row.recorded_at, get_locale())),
    ]


def _matched(
    dossier: Dossier, kind: str, revealed: tuple[str, str] | None
) -> list[tuple[str, list[ShownRecord]]]:
    showing = Showing(gettext, get_locale())
    found = []
    for slug, names in MATCHED[kind].items():
        chosen = category(slug)
        records = showing.records(chosen, list(dossier.rows(slug)), None, revealed)
        found.append((slug, [_narrowed(one, names) for one in records]))
    return found


def _narrowed(record: ShownRecord, names: tuple[str, ...]) -> ShownRecord:
    fields = [dataclasses.replace(f, details=[]) for f in record.fields if f.name in names]
    return dataclasses.replace(record, fields=fields)


def code(value: str) -> str:
    return wording.code(value, gettext)
