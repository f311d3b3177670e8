"""From rows of a dossier to what the templates show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.dossier import Page, Row, erase_date
from alko.privacy.events import EVENTS, Event
from alko.privacy.inventory import CATEGORIES, Category, Field, Kind
from alko.privacy.retention import RULES
from alko.privacy.vocabulary import BASES, ERASURES, PURPOSES, RECIPIENTS, SOURCES, Purpose
from alko.web.paging import Pager


@dataclass(frozen=True)
class ShownField:
    """One value with all that the law has the client know about it."""

    name: str
    label: str
    text: str
    items: list[list[tuple[str, str]]]
    masked: bool
    details: list[tuple[str, str]]


@dataclass(frozen=True)
class ShownRecord:
    id: str
    title: str
    readable: bool
    erased: str
    fields: list[ShownField]


def until_number(page: Page) -> int:
    """The moment that pins a list, in milliseconds, as its addresses carry it."""
    return math.ceil(page.until.timestamp() * 1000)


def pager(slug: str, page: Page) -> Pager:
    """The pages of a category; their addresses keep the list still while one pages in it."""
    until = until_number(page)
    if slug == "activity":
        return Pager(page, lambda n: url_for("my_data.activity", page=n, until=until))
    return Pager(page, lambda n: url_for("my_data.category", slug=slug, page=n, until=until))


def day(moment: datetime) -> str:
    return wording.day(moment, get_locale())


def field_details(chosen: Category, field: Field) -> list[tuple[str, str]]:
    """Purpose, basis, source, recipients, retention and erasure of a field, in words."""
    recipients = [gettext(RECIPIENTS[one]) for one in chosen.recipients_of(field)]
    rule = RULES[chosen.retention_of(field)]
    basis = BASES[chosen.basis_of(field)]
    return [
        (
            gettext("Purpose"),
            ", ".join(gettext(PURPOSES[p].name) for p in chosen.purposes_of(field)),
        ),
        (gettext("Lawful basis"), f"{gettext(basis.name)} ({gettext(basis.text)})"),
        (gettext("Source"), gettext(SOURCES[chosen.source_of(field)])),
        (gettext("Recipients"), ", ".join(recipients) or gettext("Nobody outside ALKO Cars")),
        (gettext("Kept"), gettext(rule.period)),
        (gettext("On erasure"), gettext(ERASURES[chosen.erasure_of(field)])),
    ]


def records(
    chosen: Category,
    rows: list[Row],
    account_ends: datetime | None,
    revealed: tuple[str, str] | None = None,
) -> list[ShownRecord]:
    """The rows of one page; sensitive values are masked unless ``revealed`` (record, field)."""
    explained = explanations(chosen) if chosen.slug in SINGLE else {}
    return [
        ShownRecord(
            id=str(row.id),
            title=_title(chosen, row),
            readable=row.readable,
            erased=_erased(chosen, row, account_ends),
            fields=[
                _shown(chosen, field, row, explained.get(field.name, []), revealed)
                for field in chosen.shown_fields
                if chosen.slug in SINGLE or row.values.get(field.name) not in (None, "", [])
            ],
        )
        for row in rows
    ]


def _shown(
    chosen: Category,
    field: Field,
    row: Row,
    details: list[tuple[str, str]],
    revealed: tuple[str, str] | None,
) -> ShownField:
    value = row.values.get(field.name)
    items: list[list[tuple[str, str]]] = []
    text = ""
    if field.kind is Kind.LIST and isinstance(value, list):
        items = [_item(chosen, field, item, row) for item in value]
    else:
        text = in_words(field, value, row.values)
    hidden = field.sensitive and bool(text) and revealed != (str(row.id), field.name)
    return ShownField(
        name=field.name,
        label=gettext(field.label),
        text=wording.masked(field, str(value)) if hidden else text,
        items=items,
        masked=hidden,
        details=details,
    )


def _item(chosen: Category, field: Field, item: Any, row: Row) -> list[tuple[str, str]]:
    if not isinstance(item, dict):
        return [("", wording.code(str(item), gettext))]
    return [
        (gettext(part.label), _item_text(part, item.get(part.name.rpartition(".")[2]), row))
        for part in chosen.items_of(field)
    ]


def _item_text(part: Field, value: Any, row: Row) -> str:
    """Sensitive values inside a list stay masked here; the copy has them (P4)."""
    text = in_words(part, value, row.values)
    return wording.masked(part, str(value)) if part.sensitive and text else text


def in_words(field: Field, value: Any, siblings: Any) -> str:
    return wording.in_words(field, value, siblings, gettext, get_locale())


def explanations(chosen: Category) -> dict[str, list[tuple[str, str]]]:
    """For each shown field what field_details() says of it."""
    return {field.name: field_details(chosen, field) for field in chosen.shown_fields}


def explanation_table(chosen: Category) -> list[tuple[str, list[tuple[str, str]]]]:
    """The same as rows of a table: said once where a category holds many records."""
    if chosen.slug in SINGLE:
        return []
    return [(gettext(f.label), field_details(chosen, f)) for f in chosen.shown_fields]


SINGLE = ("identity", "contact", "account")
"""Categories of one record, which explain each value where it stands."""

TITLES = {
    "documents": "filename",
    "orders": "number",
    "invoices": "number",
    "messages": "subject",
    "mails": "kind",
    "notices": "version",
    "consents": "choice",
    "requests": "reference",
    "holds": "covers",
    "disclosures": "recipient",
    "usage": "page",
}


def _title(chosen: Category, row: Row) -> str:
    name = TITLES.get(chosen.slug)
    if name and row.values.get(name):
        return in_words(chosen.field(name), row.values[name], row.values)
    if chosen.slug in ("identity", "contact", "account"):
        return gettext(chosen.label)
    return wording.moment(row.recorded_at, get_locale())


def _erased(chosen: Category, row: Row, account_ends: datetime | None) -> str:
    when = erase_date(chosen, row.erase_after, account_ends)
    if when is None:
        return gettext(RULES[chosen.retention].until)
    if row.erase_after is None:
        return gettext("%(day)s, if you do not sign in before", day=day(when))
    return day(when)


@dataclass(frozen=True)
class Activity:
    """One ledger entry in plain words."""

    seq: int
    when: str
    datetime: str
    who: str
    actor: str
    what: str
    purpose: str
    reason: str


def activities(rows: list[Row]) -> list[Activity]:
    return [_activity(row) for row in rows]


def _activity(row: Row) -> Activity:
    values = row.values
    event = EVENTS.get(values["event"]) if values["event"] in Event._value2member_map_ else None
    what = gettext(event.sentence) if event else str(values["event"])
    named = [gettext(CATEGORIES[s].label) for s in values["categories"] or [] if s in CATEGORIES]
    if named and len(named) < len(CATEGORIES):
        what = f"{what}: {', '.join(named)}"
    details = values["details"] or {}
    kind = details.get("kind") or details.get("recipient")
    if kind:
        what = f"{gettext(event.sentence) if event else ''}: {wording.code(kind, gettext)}"
    changed = details.get("fields") or details.get("field")
    if changed:
        what = f"{what} ({_field_names(values['categories'] or [], changed)})"
    actor = str(values["actor"])
    kinds = {"client": "you", "staff": "staff"}
    return Activity(
        seq=values["seq"],
        when=wording.moment(row.recorded_at, get_locale()),
        datetime=row.recorded_at.isoformat(),
        who=wording.code(actor, gettext),
        actor=kinds.get(actor.partition(":")[0], "system"),
        what=what,
        purpose=gettext(PURPOSES[Purpose(values["purpose"])].name),
        reason=values.get("reason") or "",
    )


def _field_names(slugs: list[str], changed: Any) -> str:
    names = [changed] if isinstance(changed, str) else list(changed)
    labels = {f.name: f.label for s in slugs if s in CATEGORIES for f in CATEGORIES[s].fields}
    return ", ".join(gettext(labels.get(name, name)) for name in names)
