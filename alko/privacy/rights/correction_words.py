"""Corrections as pages show them: old and new side by side, for the client and for staff (P27)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from babel import Locale

from alko.models.request import Change
from alko.privacy import wording
from alko.privacy.inventory import CATEGORIES
from alko.privacy.rights import rectification
from alko.privacy.wording import Translate


@dataclass(frozen=True)
class ShownChange:
    """One detail; its values are masked where they are sensitive and not revealed (P4)."""

    field: str
    label: str
    old: str
    new: str
    old_masked: bool
    new_masked: bool
    by: str
    """Who changed it; empty while nobody has."""


def shown(
    changes: Iterable[Change],
    translate: Translate,
    locale: Locale,
    revealed: Collection[str] = (),
    *,
    typed: bool = False,
    client: str = "",
) -> list[ShownChange]:
    """The changes in words; sensitive values masked but those of the ``revealed`` details.

    With ``typed`` the new values were typed a moment ago, so that masking them would hide nothing.
    ``client`` is how the client is called where somebody else reads it.
    """
    found = []
    for change in changes:
        field = CATEGORIES[rectification.slug_of(change.field)].field(change.field)
        hidden = field.sensitive and change.field not in revealed
        masks = (hidden and bool(change.old), hidden and bool(change.new) and not typed)
        old, new = (
            wording.masked(field, value)
            if mask
            else wording.in_words(field, value, {}, translate, locale)
            for value, mask in zip((change.old, change.new), masks, strict=True)
        )
        by = wording.code(change.by, translate) if change.by else ""
        if client and change.by == "client":
            by = client
        found.append(ShownChange(change.field, translate(field.label), old, new, *masks, by))
    return found
