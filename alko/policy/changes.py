"""What changed from one version of the policy to the next, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

SIMILAR = 0.6
"""Two paragraphs count as one that was reworded if the shorter shares this part of its words."""
HEADING = "# "


class Change(StrEnum):
    SAME = "same"
    INSERTED = "inserted"
    DELETED = "deleted"


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph and what happened to them."""

    change: Change
    text: str


@dataclass(frozen=True)
class ChangedParagraph:
    """A paragraph in which something changed, and the section it stands in."""

    section: str
    is_heading: bool
    pieces: tuple[Piece, ...]


def compare(before: list[str], after: list[str]) -> list[ChangedParagraph]:
    """The paragraphs that differ, in reading order; empty for equal texts."""
    found: list[ChangedParagraph] = []
    section = ""
    for old, new in _paired(before, after):
        line = new if new is not None else old or ""
        if line.startswith(HEADING):
            section = line.removeprefix(HEADING)
        if old != new:
            heading = line.startswith(HEADING)
            found.append(ChangedParagraph(section, heading, _pieces(old, new)))
    return found


def _paired(before: list[str], after: list[str]) -> Iterator[tuple[str | None, str | None]]:
    """Paragraphs side by side; None where one side has none."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(before[i1:i2], after[j1:j2], strict=True)
        else:
            yield from _most_similar(before[i1:i2], after[j1:j2])


def _most_similar(old: list[str], new: list[str]) -> Iterator[tuple[str | None, str | None]]:
    """Pairs reworded paragraphs in order; what has no counterpart stands alone, deleted first."""
    start = 0
    added: list[str] = []
    for paragraph in new:
        found = (i for i in range(start, len(old)) if _alike(old[i], paragraph))
        match = next(found, None)
        if match is None:
            added.append(paragraph)
            continue
        yield from _alone(old[start:match], added)
        yield old[match], paragraph
        start, added = match + 1, []
    yield from _alone(old[start:], added)


def _alone(removed: list[str], added: list[str]) -> Iterator[tuple[str | None, str | None]]:
    yield from ((paragraph, None) for paragraph in removed)
    yield from ((None, paragraph) for paragraph in added)


def _alike(old: str, new: str) -> bool:
    if old.startswith(HEADING) != new.startswith(HEADING):
        return False
    before, after = old.split(), new.split()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks())
    return shared >= SIMILAR * min(len(before), len(after))


def _pieces(old: str | None, new: str | None) -> tuple[Piece, ...]:
    if old is None or new is None:
        change = Change.INSERTED if old is None else Change.DELETED
        return (Piece(change, (new or old or "").removeprefix(HEADING)),)
    return tuple(_words(old.removeprefix(HEADING), new.removeprefix(HEADING)))


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _tokens(old), _tokens(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(before[i1:i2]))
            continue
        if i2 > i1:
            yield Piece(Change.DELETED, "".join(before[i1:i2]))
        if j2 > j1:
            yield Piece(Change.INSERTED, "".join(after[j1:j2]))


def _tokens(text: str) -> list[str]:
    """Words with the space before them, so that a change never splits a word."""
    return re.findall(r"\s*\S+", text)
