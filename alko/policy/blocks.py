"""What the policy is made of. A block gives the lines that are published and what a page shows.

Texts are message ids: a page translates them, the published lines keep the source language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol


class Block(Protocol):
    """Something in a section; ``kind`` names the macro that shows it."""

    @property
    def kind(self) -> str: ...

    def lines(self) -> list[str]: ...


@dataclass(frozen=True)
class Paragraph:
    text: str
    kind: ClassVar[str] = "paragraph"

    def lines(self) -> list[str]:
        return [self.text]


@dataclass(frozen=True)
class Subheading:
    text: str
    kind: ClassVar[str] = "subheading"

    def lines(self) -> list[str]:
        return [f"{self.text}."]


@dataclass(frozen=True)
class Decision:
    """Where the policy is silent or ambiguous: what ALKO decided, marked as such."""

    text: str
    kind: ClassVar[str] = "decision"

    def lines(self) -> list[str]:
        return [f"Our decision: {self.text}"]


@dataclass(frozen=True)
class Item:
    """A term, its explanation, and what belongs to it."""

    term: str
    text: str
    parts: tuple[str, ...] = ()
    limits: str = ""
    source: str = ""

    def line(self) -> str:
        parts = f" This holds: {'; '.join(self.parts)}." if self.parts else ""
        limits = f" {self.limits}" if self.limits else ""
        source = f" ({self.source})" if self.source else ""
        return f"{self.term}: {_ended(self.text)}{parts}{limits}{source}"


@dataclass(frozen=True)
class Items:
    items: tuple[Item, ...]
    kind: ClassVar[str] = "items"

    def lines(self) -> list[str]:
        return [item.line() for item in self.items]


@dataclass(frozen=True)
class Row:
    """One row of a table: its header cell, and for each other column a list of texts."""

    header: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: ClassVar[str] = "table"

    def lines(self) -> list[str]:
        return [f"{self.caption}.", *(self._line(row) for row in self.rows)]

    def _line(self, row: Row) -> str:
        named = zip(self.columns[1:], row.cells, strict=True)
        return f"{row.header}. " + " ".join(
            f"{column}: {_ended('; '.join(texts))}" for column, texts in named if texts
        )


@dataclass(frozen=True)
class Section:
    """One of the seven sections; ``id`` is its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    def lines(self) -> list[str]:
        return [f"# {self.title}", *(line for block in self.blocks for line in block.lines())]


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
