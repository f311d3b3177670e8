"""The shape of the inventory: categories of data, and the fields in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Basis, Erasure, Purpose, Recipient, Source


class Group(StrEnum):
    """The parts of the policy's section 2, and what the portal holds for its own duties."""

    PERSONAL = "personal"
    DOCUMENTS = "documents"
    TRANSACTIONS = "transactions"
    TECHNICAL = "technical"
    ACCOUNTABILITY = "accountability"
    STAFF = "staff"


class Kind(StrEnum):
    """How a value is shown and written in an export."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    BYTES = "bytes"
    NUMBER = "number"
    FLAG = "flag"
    COUNTRY = "country"
    LIST = "list"
    SECRET = "secret"  # noqa: S105 - a kind of value, not a value
    """Never shown or exported, not even to the client: only whether it is set."""
    INTERNAL = "internal"
    """An operational reference without meaning outside the database: listed, not exported."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One stored field. What is None here is inherited from the category."""

    path: str
    """The model's field: ``status`` (clear) or ``sealed.full_name``, ``sealed.events.place``."""
    label: str
    kind: Kind = Kind.TEXT
    sensitive: bool = False
    """Masked on screen until revealed; each reveal is in the ledger (P4, P15)."""
    correctable: bool = False
    why: str = ""
    purposes: tuple[Purpose, ...] | None = None
    basis: Basis | None = None
    source: Source | None = None
    recipients: tuple[Recipient, ...] | None = None
    retention: Retention | None = None
    erasure: Erasure | None = None

    @cached_property
    def name(self) -> str:
        """The field's name in exports and on pages, for instance ``full_name``."""
        return self.path.removeprefix("sealed.")

    @cached_property
    def sealed(self) -> bool:
        return self.path.startswith("sealed.")

    @cached_property
    def nested_in(self) -> str | None:
        """The list this field is an item of, or None."""
        parent, dot, _ = self.name.rpartition(".")
        return parent if dot else None

    @cached_property
    def shown(self) -> bool:
        """Whether the client sees and exports the value itself."""
        return self.kind not in (Kind.SECRET, Kind.INTERNAL)


@dataclass(frozen=True, kw_only=True)
class Category:
    """One kind of record: one collection, one model, one page of "my data"."""

    slug: str
    label: str
    group: Group
    model: str
    """The model's class name (alko/models)."""
    summary: str
    purposes: tuple[Purpose, ...]
    basis: Basis
    source: Source
    retention: Retention
    fields: tuple[Field, ...]
    recipients: tuple[Recipient, ...] = ()
    erasure: Erasure = Erasure.DELETE
    of_client: bool = True
    """Whether a client's dossier holds it; not so before the account exists, and for staff."""
    shown_where: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Which of its records the dossier yields, by clear fields; empty: all of them."""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def shown_fields(self) -> tuple[Field, ...]:
        """Fields whose values the client sees, top level only."""
        return tuple(f for f in self.fields if f.shown and f.nested_in is None)

    @cached_property
    def masked_fields(self) -> frozenset[str]:
        """The names of the values that pages mask until one is revealed (P4)."""
        return frozenset(field.name for field in self.shown_fields if field.sensitive)

    def items_of(self, field: Field) -> tuple[Field, ...]:
        """The fields of one item of a list field."""
        return tuple(f for f in self.fields if f.nested_in == field.name)

    def purposes_of(self, field: Field) -> tuple[Purpose, ...]:
        return self.purposes if field.purposes is None else field.purposes

    def basis_of(self, field: Field) -> Basis:
        return field.basis or self.basis

    def source_of(self, field: Field) -> Source:
        return field.source or self.source

    def recipients_of(self, field: Field) -> tuple[Recipient, ...]:
        return self.recipients if field.recipients is None else field.recipients

    def retention_of(self, field: Field) -> Retention:
        return field.retention or self.retention

    def erasure_of(self, field: Field) -> Erasure:
        return field.erasure or self.erasure
