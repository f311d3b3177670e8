"""From rows of a dossier to what pages show: words, masks, and what the law has people know of it.

The client's pages and the staff's share it, so that a value is masked in both alike (P4). Whoever
shows gives the translation and the locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale

from alko.privacy import wording
from alko.privacy.accountability.events import EVENTS, Event
from alko.privacy.door.dossier import Row, Summary, erase_date
from alko.privacy.inventory import CATEGORIES, Category, Field, Kind
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.vocabulary import BASES, ERASURES, PURPOSES, RECIPIENTS, SOURCES, Purpose
from alko.privacy.wording import Translate
from alko.words import N_

Details = list[tuple[str, str]]


@dataclass(frozen=True)
class ShownField:
    """One value with all that the law has the client know about it."""

    name: str
    label: str
    text: str
    items: list[list[tuple[str, str]]]
    masked: bool
    details: Details
    correctable: bool


@dataclass(frozen=True)
class ShownRecord:
    id: str
    title: str
    readable: bool
    erased: str
    fields: list[ShownField]


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
"""The field that names a record of a category; others are named by their moment."""


@dataclass(frozen=True)
class Showing:
    """How things are shown to one reader."""

    translate: Translate
    locale: Locale

    def records(
        self,
        chosen: Category,
        rows: list[Row],
        account_ends: datetime | None,
        revealed: tuple[str, str] | None = None,
    ) -> list[ShownRecord]:
        """The rows of one page; sensitive values are masked unless ``revealed`` (record, field)."""
        explained = self.explanations(chosen) if chosen.slug in SINGLE else {}
        return [
            ShownRecord(
                id=str(row.id),
                title=self._title(chosen, row),
                readable=row.readable,
                erased=self._erased(chosen, row, account_ends),
                fields=[
                    self._shown(chosen, field, row, explained.get(field.name, []), revealed)
                    for field in chosen.shown_fields
                    if chosen.slug in SINGLE or row.values.get(field.name) not in (None, "", [])
                ],
            )
            for row in rows
        ]

    def field_details(self, chosen: Category, field: Field) -> Details:
        """Purpose, basis, source, recipients, retention and erasure of a field, in words."""
        say = self.translate
        recipients = [say(RECIPIENTS[one]) for one in chosen.recipients_of(field)]
        rule = RULES[chosen.retention_of(field)]
        basis = BASES[chosen.basis_of(field)]
        purposes = ", ".join(say(PURPOSES[p].name) for p in chosen.purposes_of(field))
        return [
            (say(N_("Purpose")), purposes),
            (say(N_("Lawful basis")), f"{say(basis.name)} ({say(basis.text)})"),
            (say(N_("Source")), say(SOURCES[chosen.source_of(field)])),
            (
                say(N_("Recipients")),
                ", ".join(recipients) or say(N_("Nobody outside ALKO Cars")),
            ),
            (say(N_("Kept")), say(rule.period)),
            (say(N_("On erasure")), say(ERASURES[chosen.erasure_of(field)])),
        ]

    def explanations(self, chosen: Category) -> dict[str, Details]:
        """For each shown field what field_details() says of it."""
        return {field.name: self.field_details(chosen, field) for field in chosen.shown_fields}

    def explanation_table(self, chosen: Category) -> list[tuple[str, Details]]:
        """The same as rows of a table: said once where a category holds many records."""
        if chosen.slug in SINGLE:
            return []
        return [
            (self.translate(f.label), self.field_details(chosen, f)) for f in chosen.shown_fields
        ]

    def until(self, summary: Summary, account_ends: datetime | None) -> str:
        """Until when a category is held, in words that read well after "until"."""
        parts = [self.dates(summary)] if summary.erase_first else []
        if summary.open_ended:
            parts.append(self._event(summary.category.retention, account_ends))
        return "; ".join(parts)

    def dates(self, summary: Summary) -> str:
        """The first and the last day on which something of a category is erased."""
        first = self.day(summary.erase_first or summary.erase_last)  # type: ignore[arg-type]
        last = self.day(summary.erase_last) if summary.erase_last else first
        return first if first == last else f"{first} – {last}"

    def activities(self, rows: list[Row]) -> list[Activity]:
        """Ledger entries in plain words."""
        return [self._activity(row) for row in rows]

    def in_words(self, field: Field, value: Any, siblings: Mapping[str, Any]) -> str:
        return wording.in_words(field, value, siblings, self.translate, self.locale)

    def day(self, moment: datetime) -> str:
        return wording.day(moment, self.locale)

    def _shown(
        self,
        chosen: Category,
        field: Field,
        row: Row,
        details: Details,
        revealed: tuple[str, str] | None,
    ) -> ShownField:
        value = row.values.get(field.name)
        items: list[list[tuple[str, str]]] = []
        text = ""
        if field.kind is Kind.LIST and isinstance(value, list):
            items = [self._item(chosen, field, item, row) for item in value]
        else:
            text = self.in_words(field, value, row.values)
        hidden = field.sensitive and bool(text) and revealed != (str(row.id), field.name)
        return ShownField(
            name=field.name,
            label=self.translate(field.label),
            text=wording.masked(field, str(value)) if hidden else text,
            items=items,
            masked=hidden,
            details=details,
            correctable=field.correctable,
        )

    def _item(self, chosen: Category, field: Field, item: Any, row: Row) -> list[tuple[str, str]]:
        if not isinstance(item, dict):
            return [("", wording.code(str(item), self.translate))]
        return [
            (
                self.translate(part.label),
                self._item_text(part, item.get(part.name.rpartition(".")[2]), row),
            )
            for part in chosen.items_of(field)
        ]

    def _item_text(self, part: Field, value: Any, row: Row) -> str:
        """Sensitive values inside a list stay masked here; the copy has them (P4)."""
        text = self.in_words(part, value, row.values)
        return wording.masked(part, str(value)) if part.sensitive and text else text

    def _title(self, chosen: Category, row: Row) -> str:
        name = TITLES.get(chosen.slug)
        if name and row.values.get(name):
            return self.in_words(chosen.field(name), row.values[name], row.values)
        if chosen.slug in SINGLE:
            return self.translate(chosen.label)
        return wording.moment(row.recorded_at, self.locale)

    def _erased(self, chosen: Category, row: Row, account_ends: datetime | None) -> str:
        when = erase_date(chosen, row.erase_after, account_ends)
        if when is None:
            return self.translate(RULES[chosen.retention].until)
        return self._unless_used(when) if row.erase_after is None else self.day(when)

    def _event(self, rule: Retention, account_ends: datetime | None) -> str:
        """What must happen before the end of a record without a date."""
        if account_ends is None or rule not in (Retention.ACCOUNT, Retention.MARKETING):
            return self.translate(RULES[rule].until)
        return self._unless_used(account_ends)

    def _unless_used(self, when: datetime) -> str:
        return self.translate(N_("%(day)s, if you do not sign in before")) % {"day": self.day(when)}

    def _activity(self, row: Row) -> Activity:
        values = row.values
        event = EVENTS.get(values["event"]) if values["event"] in Event._value2member_map_ else None
        named = [
            self.translate(CATEGORIES[slug].label)
            for slug in values["categories"] or []
            if slug in CATEGORIES
        ]
        sentence = self.translate(event.sentence) if event else str(values["event"])
        what = sentence
        if named and len(named) < len(CATEGORIES):
            what = f"{what}: {', '.join(named)}"
        details = values["details"] or {}
        if kind := details.get("kind") or details.get("recipient"):
            what = f"{sentence if event else ''}: {wording.code(kind, self.translate)}"
        if changed := details.get("fields") or details.get("field"):
            what = f"{what} ({self._field_names(values['categories'] or [], changed)})"
        if "event" in details:
            what = f"{sentence}: {self._earlier(details)}"
        actor = str(values["actor"])
        kinds = {"client": "you", "staff": "staff"}
        return Activity(
            seq=values["seq"],
            when=wording.moment(row.recorded_at, self.locale),
            datetime=row.recorded_at.isoformat(),
            who=wording.code(actor, self.translate),
            actor=kinds.get(actor.partition(":")[0], "system"),
            what=what,
            purpose=self.translate(PURPOSES[Purpose(values["purpose"])].name),
            reason=values.get("reason") or "",
        )

    def _earlier(self, details: Mapping[str, Any]) -> str:
        """What happened to a case before it joined this dossier: what, who and when."""
        what = wording.code(details["event"], self.translate)
        who = wording.code(details["actor"], self.translate)
        return f"{what} ({who}, {self.day(datetime.fromisoformat(details['on']))})"

    def _field_names(self, slugs: list[str], changed: Any) -> str:
        names = [changed] if isinstance(changed, str) else list(changed)
        labels = {f.name: f.label for s in slugs if s in CATEGORIES for f in CATEGORIES[s].fields}
        return ", ".join(self.translate(labels.get(name, name)) for name in names)
