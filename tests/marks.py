"""What to look for where a client's values must not be."""

from __future__ import annotations

from alko.demo.everything import Everything


def marks(everything: Everything) -> list[str]:
    """The unmistakable beginning of each text that was sealed.

    Only the beginning: the rest has quotes and brackets, which stand escaped in a page or a file,
    so that looking for the whole would find nothing even where it is.
    """
    found = [text.partition(",")[0] for text in everything.plaintext() if text.startswith("Ünïque")]
    assert len(found) > 40
    return found
