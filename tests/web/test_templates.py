"""Templates hold nothing that no page uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates"
TEXTS = {
    path.relative_to(FOLDER).as_posix(): re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    for path in sorted(FOLDER.rglob("*.html"))
}
FRAMES = {"page.html", "moderation/base.html"}
"""They import for every page that extends them."""
CODE = "\n".join(path.read_text() for path in (ROOT / "alko").rglob("*.py"))


def named(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/]){re.escape(word)}\b")


def test_every_macro_is_called() -> None:
    whole = "\n".join(TEXTS.values())
    macros = set(re.findall(r"macro (\w+)\(", whole))
    assert len(macros) > 40
    calls = re.sub(r"macro \w+\(", "", whole)
    assert sorted(one for one in macros if not re.search(rf"\b{one}\(", calls)) == []


def test_every_icon_is_drawn_somewhere() -> None:
    drawn = TEXTS["components/icons.html"]
    rest = CODE + "".join(text for text in TEXTS.values() if text != drawn)
    icons = re.findall(r'^  "([a-z-]+)":', drawn, re.M)
    assert len(icons) > 10
    assert [one for one in icons if f'"{one}"' not in rest] == []


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - FRAMES))
def test_what_a_template_imports_it_uses(name: str) -> None:
    text = TEXTS[name]
    imported = re.findall(r'import "[^"]+" as (\w+)', text)
    imported += re.findall(r'from "[^"]+" import (\w+)', text)
    rest = re.sub(r"\{%-?\s*(import|from) [^%]*%\}", "", text)
    assert [one for one in imported if not named(one).search(rest)] == []


def test_pages_have_one_of_the_frames() -> None:
    bare = {name for name, text in TEXTS.items() if 'extends "base.html"' in text}
    assert bare == FRAMES
