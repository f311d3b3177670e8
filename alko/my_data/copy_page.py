"""index.html of the copy: everything in one page, readable without the internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from alko.privacy import wording
from alko.privacy.door.dossier import Row
from alko.privacy.inventory import Category, Field, Kind
from alko.privacy.rights.portability import WITH_FILES, Copy, about, document_name
from alko.privacy.wording import Translate
from alko.web.static import OWN
from alko.words import N_

BUFFERED_PIECES = 200
"""Pieces of the template joined before they leave; keeps the ZIP's chunks few."""


WIDE = ' class="wide"'
"""Text of several lines, such as the events of a delivery, gets the whole width."""

_Record = tuple[str, list[tuple[Markup, str]], str]
"""A record's number, its details in words, and the name of its file in the copy if it has one."""


@dataclass(frozen=True)
class _Section:
    slug: str
    label: str
    summary: str
    since: str
    """From when on, in words; empty where all of it is there."""
    about: dict[str, Any]
    records: Iterator[_Record]


def pages(copy: Copy) -> Iterator[bytes]:
    """The page's bytes, made while the records are read."""
    template = current_app.jinja_env.get_template("my_data/copy/index.html")
    words = cache(gettext)
    stream = template.stream(
        made_at=wording.moment(copy.made_at, get_locale()),
        language=str(get_locale()).replace("_", "-"),
        client=str(copy.dossier.client),
        changes=copy.since is not None,
        style=(OWN / "css" / "copy.css").read_text(),
        facts=facts,
        contents=[(one.slug, words(one.label)) for one in copy.categories],
        sections=(_section(copy, one, words) for one in copy.categories),
        _=words,
    )
    stream.enable_buffering(BUFFERED_PIECES)
    for piece in stream:
        yield piece.encode()


def facts(pairs: list[tuple[Markup, str]]) -> Markup:
    """A record's details as items of a definition list; in one piece, for there are thousands."""
    items = (
        f"<div{WIDE if chr(10) in text else ''}><dt>{label}</dt><dd>{escape(text)}</dd></div>"
        for label, text in pairs
    )
    return Markup("".join(items))  # noqa: S704 - every part was escaped


def _section(copy: Copy, chosen: Category, words: Translate) -> _Section:
    return _Section(
        slug=chosen.slug,
        label=words(chosen.label),
        summary=words(chosen.summary),
        since=wording.moment(copy.since[chosen.slug], get_locale())
        if copy.since and chosen.slug in copy.since
        else "",
        about={name: _translated(value, words) for name, value in about(chosen).items()},
        records=_records(copy, chosen, words),
    )


def _translated(value: str | list[str], words: Translate) -> str | list[str]:
    return [words(one) for one in value] if isinstance(value, list) else words(value)


def _records(copy: Copy, chosen: Category, words: Translate) -> Iterator[_Record]:
    locale = get_locale()
    fields = [(field, escape(words(field.label))) for field in chosen.shown_fields]
    for row in copy.rows(chosen.slug):
        pairs = [
            (label, text)
            for field, label in fields
            if (text := _text(chosen, field, row, words, locale))
        ]
        if not row.readable:
            pairs.append(
                (escape(words(N_("Erased"))), words(N_("The key of this record was destroyed.")))
            )
        kept = chosen.slug in WITH_FILES and not row.values.get("refusal")
        held_file = kept and row.readable
        yield str(row.id), pairs, document_name(row) if held_file else ""


def _text(chosen: Category, field: Field, row: Row, words: Translate, locale: Any) -> str:
    value = row.values.get(field.name)
    if field.kind is Kind.LIST and isinstance(value, list):
        return "\n".join(_item(chosen, field, item, row, words, locale) for item in value)
    return wording.in_words(field, value, row.values, words, locale)


def _item(
    chosen: Category, field: Field, item: Any, row: Row, words: Translate, locale: Any
) -> str:
    if not isinstance(item, dict):
        return str(item)
    parts = ((part, item.get(part.name.rpartition(".")[2])) for part in chosen.items_of(field))
    return " · ".join(
        f"{words(part.label)}: {text}"
        for part, value in parts
        if (text := wording.in_words(part, value, row.values, words, locale))
    )
