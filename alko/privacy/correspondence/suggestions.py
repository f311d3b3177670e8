"""What the words of a message sound like: a right, an urgent matter (promises P33, P35).

Small lists instead of a model: whoever is told "it said 'a copy of my data'" can judge that.
A right is only suggested: a person confirms it.
"""

from __future__ import annotations

import re
import unicodedata

from alko.privacy.rights.catalogue import Right

PHRASES: dict[Right, tuple[str, ...]] = {
    Right.DELETION: (
        r"(delete|erase|remove|destroy|wipe) .{0,40}\b(data|account|information|details|profile|"
        r"file|me)\b",
        r"right to (be forgotten|erasure)",
        r"(article|art\.?) 17\b",
        r"close my account",
        r"deletion of my",
        r"forget (about )?me",
    ),
    Right.PORTABILITY: (
        r"portab",
        r"machine.?readable",
        r"(article|art\.?) 20\b",
        r"(transfer|send|move) .{0,30}data to (another|a different)",
    ),
    Right.CORRECTION: (
        r"(correct|rectify|fix|update|change) .{0,40}\b(name|address|phone|number|data|details|"
        r"information|birth|nationality|email)\b",
        r"(is|are) (wrong|incorrect|outdated|misspelt|misspelled|inaccurate)",
        r"rectification",
        r"(article|art\.?) 16\b",
    ),
    Right.RESTRICTION: (
        r"restrict",
        r"(article|art\.?) 18\b",
        r"(freeze|stop using|do not use) .{0,20}data",
    ),
    Right.OBJECTION: (
        r"\bobject(ion)? (to|against)\b",
        r"unsubscribe",
        r"opt.?out",
        r"(article|art\.?) 21\b",
        r"(stop|no more) .{0,20}(marketing|newsletter|advertis|profiling|mails|emails)",
    ),
    Right.ACCESS: (
        r"(copy|overview|export) of .{0,30}(data|information)",
        r"(what|which) .{0,20}(data|information) .{0,20}(hold|have|store|keep|process)",
        r"(subject )?access request",
        r"right of access",
        r"\b(dsar|sar)\b",
        r"(article|art\.?) 15\b",
    ),
}
"""Patterns by right; where several fit, the right that is listed first. English only so far."""

URGENT = re.compile(r"\b" + r"\s*".join("urgent") + r"\b")
LOOKED_AT = 4_000
"""Characters from the beginning: who asks for something says so there."""

_COMPILED = {
    right: re.compile("|".join(f"(?:{one})" for one in patterns))
    for right, patterns in PHRASES.items()
}


def right_in(text: str) -> Right | None:
    """The right that the words sound like, if any."""
    plain = " ".join(text[:LOOKED_AT].casefold().split())
    return next((right for right, found in _COMPILED.items() if found.search(plain)), None)


def sounds_urgent(subject: str) -> bool:
    """Whether a subject says that it is urgent, in any case and spacing (P35)."""
    plain = " ".join(unicodedata.normalize("NFKC", subject).casefold().split())
    return URGENT.search(plain) is not None
