"""What the policy says because the inventory says so (sections 2, 3, 5 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from alko.policy.blocks import Item, Row
from alko.privacy.inventory import ALL_CATEGORIES, Category, Field, Group, Kind
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.rights.catalogue import RIGHTS
from alko.privacy.vocabulary import BASES, ERASURES, PURPOSES, RECIPIENTS, Purpose

CLIENTS_CATEGORIES = tuple(c for c in ALL_CATEGORIES if c.group is not Group.STAFF)
"""The policy is addressed to clients; the accounts of staff are no part of it."""


def holdings(group: Group) -> tuple[Item, ...]:
    """What is held in one part of section 2: each category with all of its fields."""
    return tuple(
        Item(c.label, c.summary, _unique(f.label for f in c.fields if f.kind is not Kind.INTERNAL))
        for c in CLIENTS_CATEGORIES
        if c.group is group
    )


def purposes() -> tuple[Row, ...]:
    """Section 3: each purpose with the categories that serve it, and their lawful bases."""
    return tuple(
        Row(
            explained.name,
            (
                (explained.text,),
                _categories_where(_serves(purpose)),
                _unique(
                    BASES[c.basis_of(f)].name for c, f in _fields() if purpose in c.purposes_of(f)
                ),
            ),
        )
        for purpose, explained in PURPOSES.items()
    )


def recipients() -> tuple[Row, ...]:
    """Section 3: each recipient with the only fields it may be given (P9)."""
    return tuple(
        Row(
            name,
            (
                _unique(
                    f.label for c, f in _fields() if f.shown and recipient in c.recipients_of(f)
                ),
            ),
        )
        for recipient, name in RECIPIENTS.items()
    )


def retention_rules() -> tuple[Row, ...]:
    """Section 5: a row per rule, with what it covers and what happens in the end (P19, P24)."""
    return tuple(
        Row(
            rule.name,
            (
                (rule.period,),
                (rule.why,),
                _categories_where(_kept_by(retention)),
                _unique(
                    ERASURES[c.erasure_of(f)]
                    for c, f in _fields()
                    if c.retention_of(f) is retention
                ),
            ),
        )
        for retention, rule in RULES.items()
        if retention not in (Retention.STAFF, Retention.OVERSIGHT)
    )


def rights() -> tuple[Item, ...]:
    """Section 6: the six rights, with their limits and their place in the law."""
    return tuple(Item(r.name, r.text, limits=r.limits, source=r.article) for r in RIGHTS.values())


def _serves(purpose: Purpose) -> Callable[[Category, Field], bool]:
    return lambda c, f: purpose in c.purposes_of(f)


def _kept_by(retention: Retention) -> Callable[[Category, Field], bool]:
    return lambda c, f: c.retention_of(f) is retention


def _fields() -> Iterable[tuple[Category, Field]]:
    return ((c, f) for c in CLIENTS_CATEGORIES for f in c.fields)


def _categories_where(condition: Callable[[Category, Field], bool]) -> tuple[str, ...]:
    return _unique(c.label for c, f in _fields() if condition(c, f))


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
