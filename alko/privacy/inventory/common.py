"""Entries that every model shares."""

from __future__ import annotations

from alko.privacy.inventory.types import Field, Kind
from alko.words import N_


def housekeeping(recorded: str = N_("Recorded on")) -> tuple[Field, ...]:
    """Entries for the fields of alko.database.records.Record; ``recorded`` labels the time."""
    return (
        Field(path="id", label=N_("Record number"), kind=Kind.INTERNAL),
        Field(path="client", label=N_("Your client number"), kind=Kind.INTERNAL),
        Field(path="recorded_at", label=recorded, kind=Kind.MOMENT),
        Field(path="erase_after", label=N_("Erased after"), kind=Kind.INTERNAL),
        Field(path="hold_until", label=N_("Legal hold until"), kind=Kind.INTERNAL),
    )


def sealed_housekeeping(recorded: str = N_("Recorded on")) -> tuple[Field, ...]:
    """The same for sealed records."""
    return (
        *housekeeping(recorded),
        Field(path="revision", label=N_("Revision"), kind=Kind.INTERNAL),
        Field(path="kept_by", label=N_("Number of the erasure that left it"), kind=Kind.INTERNAL),
        Field(path="changed_at", label=N_("Last changed on"), kind=Kind.INTERNAL),
    )
