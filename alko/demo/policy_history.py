"""An earlier policy for the demo, so that there is something to compare with."""

from __future__ import annotations

from alko.policy import text

DECISION = "Our decision:"
OWN_DUTIES = "Records of our own duties."
NOT_YET_SAID = ("Usage data:", "Messages:", "Service improvement.", "Portability:", "Restriction:")
"""How paragraphs begin which the earlier text does not have."""
WORDED_OTHERWISE = (
    ("collect, use, store and protect your data", "collect, use and store your data"),
    ("driver's licence and related permits; proof of residence (utility bill, lease);", "licence;"),
    ("six purposes, and for no other", "five purposes"),
    ("is never sold, and never shared for marketing", "is never sold"),
    ("only as needed and under confidentiality agreements", "only as needed"),
    ("MongoDB, encrypted at rest;", "MongoDB;"),
    (" Sensitive data is encrypted in transit and at rest.", ""),
    ("have access, and every access is logged and monitored", "have access"),
    ("records for 7 years", "records for 10 years"),
    ("7 years from the end", "10 years from the end"),
    ("is securely deleted or anonymised", "is deleted"),
    ("You have six rights", "You have four rights"),
    ("within 30 days", "within 45 days"),
    ("by email or by a prominent notice on the site", "by email"),
)


def demo_earlier_lines() -> list[str]:
    """The text of the demo's version 2023-03, in the form of alko.policy.text.lines().

    It is made from the present text, so that a comparison shows some changes and not a new text.
    """
    return [_reworded(line) for line in _without_own_duties(text.lines()) if _was_said(line)]


def _without_own_duties(lines: list[str]) -> list[str]:
    first = lines.index(OWN_DUTIES)
    after = next(i for i in range(first, len(lines)) if lines[i].startswith("# "))
    return lines[:first] + lines[after:]


def _was_said(line: str) -> bool:
    return not line.startswith((DECISION, *NOT_YET_SAID))


def _reworded(line: str) -> str:
    for present, earlier in WORDED_OTHERWISE:
        line = line.replace(present, earlier)
    return line
