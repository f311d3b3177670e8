"""What looks over every page sees what it should."""

from __future__ import annotations

import pytest

from tests import page_lint


@pytest.mark.parametrize(
    ("html", "fine"),
    [
        ('<p><time datetime="2026-05">May 2026</time></p>', True),
        ("<p><time>when the car is here</time></p>", False),
    ],
)
def test_a_time_says_which(html: str, fine: bool) -> None:
    assert (page_lint.problems(html, "localhost", fragment=True) == []) is fine
