"""What the documentation names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [path for folder in ("alko", "bench", "tests") for path in (ROOT / folder).rglob("*.py")]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
TOPS = [ROOT, *(ROOT / folder for folder in ("alko", "templates", "static"))]
NAMED = re.compile(r"(?<![\w/.<>-])(?:[\w-]+/)+[\w.-]+\.(?:py|md|html|css|js|txt|png|toml)\b")


def docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_every_file_that_is_named_exists() -> None:
    """Paths are written from the top, the folder of their kind, or where the text is."""
    texts = [(page, page.read_text()) for page in PAGES]
    texts += [(path, text) for path in SOURCES for text in docstrings(path)]
    named = {(path, name) for path, text in texts for name in NAMED.findall(text)}
    assert len(named) > 30
    missing = sorted(
        f"{path.relative_to(ROOT)}: {name}"
        for path, name in named
        if not any((base / name).exists() for base in (*TOPS, path.parent))
    )
    assert missing == []
