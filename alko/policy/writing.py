"""The sections that people write, as text in a form: paragraphs apart, and marks for the others.

``## `` begins a subheading and ``Our decision: `` a decision; everything else is a paragraph.
"""

from __future__ import annotations

from collections.abc import Iterable

from alko.policy.blocks import Block, Decision, Paragraph, Subheading

SUBHEADING = "## "
DECISION = "Our decision: "


class WritingRefused(ValueError):
    """The text cannot be a section; the message says why, for the person who wrote it."""


def as_text(blocks: Iterable[Block]) -> str:
    """The blocks as a person writes them; the inverse of parsed()."""
    return "\n\n".join(_marked(block) for block in blocks)


def _marked(block: Block) -> str:
    match block:
        case Subheading(text):
            return SUBHEADING + text
        case Decision(text):
            return DECISION + text
        case Paragraph(text):
            return text
    raise TypeError(f"a {block.kind} is not written by people")


def parsed(text: str) -> tuple[Block, ...]:
    """The blocks of a text; WritingRefused for one that is empty or marked otherwise."""
    paragraphs = [" ".join(part.split()) for part in _apart(text)]
    if not paragraphs:
        raise WritingRefused("a section needs at least one paragraph")
    return tuple(_block(paragraph) for paragraph in paragraphs)


def _apart(text: str) -> list[str]:
    """Paragraphs are divided by lines that are empty."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]


def _block(paragraph: str) -> Block:
    if paragraph.startswith(SUBHEADING):
        return Subheading(paragraph.removeprefix(SUBHEADING))
    if paragraph.startswith("#"):
        # A line that begins with one sign is a section's title in the published text.
        raise WritingRefused("only “## ” and a space begin a subheading; titles cannot be changed")
    if paragraph.startswith(DECISION):
        return Decision(paragraph.removeprefix(DECISION))
    return Paragraph(paragraph)
