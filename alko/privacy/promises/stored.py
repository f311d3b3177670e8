"""Which fields the models can store, in the inventory's words (P3)."""

from __future__ import annotations

from collections.abc import Iterator

import alko.models as models
from alko.database.records import Personal, Record, nested_type, type_hints
from alko.privacy.inventory import ALL_CATEGORIES, NOT_PERSONAL

SEALED = "sealed"


def stored_paths(model: type[Record]) -> set[str]:
    """Every field of a model, for instance ``status``, ``sealed.full_name``."""
    paths = set(model._fields) - {SEALED}
    if SEALED in model._fields:
        inside: type[Personal] = model.Personal
        paths |= set(_inside(inside, SEALED))
    return paths


def _inside(personal: type, prefix: str) -> Iterator[str]:
    for name, hint in type_hints(personal).items():
        path = f"{prefix}.{name}"
        yield path
        if inner := nested_type(hint):
            yield from _inside(inner, path)


def differences() -> list[str]:
    """What the models store without an entry, and entries of nothing that is stored."""
    entries = {category.model: category for category in ALL_CATEGORIES}
    found = []
    for model in models.ALL:
        name = model.__name__
        if name in NOT_PERSONAL:
            continue
        if name not in entries:
            found.append(f"{name} has no category")
            continue
        listed = {field.path for field in entries[name].fields}
        stored = stored_paths(model)
        found += [f"{name}.{path} has no entry" for path in sorted(stored - listed)]
        found += [f"{name}.{path} is listed, not stored" for path in sorted(listed - stored)]
    known = {model.__name__ for model in models.ALL}
    found += [f"{name} is listed, not stored" for name in sorted(entries.keys() - known)]
    return found
