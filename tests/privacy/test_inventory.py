"""What is stored and what the inventory says are the same, field by field."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from mongoengine import Document

from alko import models
from alko.database.records import Record, SealedRecord, nested_type, type_hints
from alko.privacy.inventory import ALL_CATEGORIES, NOT_PERSONAL, Category, Field, Kind
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.vocabulary import BASES, PURPOSES, RECIPIENTS, SOURCES, Erasure, Purpose

MODELS = {model.__name__: model for model in models.ALL}
FIELDS = [(category, field) for category in ALL_CATEGORIES for field in category.fields]


def by_path(case: object) -> str:
    return case.slug if isinstance(case, Category) else getattr(case, "path", "")


def stored_paths(model: type[Document]) -> Iterator[str]:
    """Every field of a model: the clear ones, and those inside ``sealed``, items of lists too."""
    for name in model._fields:
        if name != "sealed":
            yield name
            continue
        personal: Any = model.Personal  # type: ignore[attr-defined]
        yield from (f"sealed.{path}" for path in inner_paths(personal))


def inner_paths(personal: type, prefix: str = "") -> Iterator[str]:
    for name, hint in type_hints(personal).items():
        yield f"{prefix}{name}"
        if inner := nested_type(hint):
            yield from inner_paths(inner, f"{prefix}{name}.")


def hint_of(category: Category, field: Field) -> Any:
    personal: Any = MODELS[category.model].Personal  # type: ignore[attr-defined]
    *parents, last = field.name.split(".")
    for parent in parents:
        personal = nested_type(type_hints(personal)[parent])
    return type_hints(personal)[last]


@pytest.mark.promise("P3")
@pytest.mark.parametrize("category", ALL_CATEGORIES, ids=by_path)
def test_every_stored_field_has_an_entry_and_every_entry_a_field(category: Category) -> None:
    listed = [field.path for field in category.fields]
    assert sorted(listed) == sorted(stored_paths(MODELS[category.model]))


@pytest.mark.promise("P3")
def test_every_collection_is_inventoried_or_holds_nothing_about_a_person() -> None:
    inventoried = [category.model for category in ALL_CATEGORIES]
    assert len(set(inventoried)) == len(inventoried), "one category per model"
    assert set(inventoried) | set(NOT_PERSONAL) == set(MODELS)
    assert not set(inventoried) & set(NOT_PERSONAL)


@pytest.mark.promise("P3", "P11")
@pytest.mark.parametrize("name", NOT_PERSONAL)
def test_what_is_not_personal_has_nothing_sealed(name: str) -> None:
    assert not issubclass(MODELS[name], SealedRecord)
    assert "sealed" not in MODELS[name]._fields
    assert NOT_PERSONAL[name], "the reason is part of the record"


@pytest.mark.promise("P3")
def test_no_model_escapes_the_list_of_collections() -> None:
    """A model that is defined but not listed would get no validator and no entry."""

    def concrete(base: type[Document]) -> Iterator[str]:
        for model in base.__subclasses__():
            if model.__module__.startswith("alko.") and not model._meta.get("abstract"):
                yield model.__name__
            yield from concrete(model)

    assert set(concrete(Document)) == set(MODELS)


@pytest.mark.promise("P15")
@pytest.mark.parametrize(("category", "field"), FIELDS, ids=by_path)
def test_sensitive_and_secret_values_are_sealed(category: Category, field: Field) -> None:
    if field.sensitive or field.kind is Kind.SECRET:
        assert field.sealed
    assert not (field.sensitive and field.kind is Kind.INTERNAL), "what is hidden needs no mask"


@pytest.mark.promise("P15")
def test_the_values_that_do_most_harm_are_sensitive() -> None:
    sensitive = {f"{category.slug}.{field.name}" for category, field in FIELDS if field.sensitive}
    assert sensitive >= {
        "identity.identification_number",
        "identity.birth_date",
        "payments.account_ending",
    }


@pytest.mark.promise("P11", "P15")
@pytest.mark.parametrize("category", ALL_CATEGORIES, ids=by_path)
def test_free_text_is_never_clear(category: Category) -> None:
    """Clear fields are ids, times, counts, flags, codes, hashes: nothing that a person typed."""
    references = {"number", "reference", "version", "policy_unread"}
    for field in category.fields:
        if not field.sealed and field.kind is Kind.TEXT:
            assert field.name in references, f"{category.slug}.{field.name} is clear text"


@pytest.mark.promise("P19")
@pytest.mark.parametrize(("category", "field"), FIELDS, ids=by_path)
def test_every_field_says_for_what_why_whence_and_how_long(
    category: Category, field: Field
) -> None:
    assert field.label
    purposes = category.purposes_of(field)
    assert purposes
    assert set(purposes) <= set(Purpose) == set(PURPOSES)
    assert category.basis_of(field) in BASES
    assert category.source_of(field) in SOURCES
    assert set(category.recipients_of(field)) <= set(RECIPIENTS)
    assert isinstance(category.erasure_of(field), Erasure)
    rule = RULES[category.retention_of(field)]
    assert rule.name
    assert rule.period
    assert rule.why


@pytest.mark.promise("P19")
def test_there_is_no_forever() -> None:
    assert set(RULES) == set(Retention)
    for rule in RULES.values():
        words = rule.period.lower()
        assert not {"forever", "indefinitely", "permanently"} & set(words.split())
        assert any(word in words for word in ("hours", "days", "months", "years", "while", "until"))


@pytest.mark.promise("P19")
@pytest.mark.parametrize("name", [category.model for category in ALL_CATEGORIES])
def test_every_record_can_carry_its_end(name: str) -> None:
    assert issubclass(MODELS[name], Record)
    assert "erase_after" in MODELS[name]._fields


@pytest.mark.parametrize(
    ("category", "field"), [case for case in FIELDS if case[1].sealed], ids=by_path
)
def test_a_field_is_shown_as_what_it_is(category: Category, field: Field) -> None:
    """The kind decides how pages and exports write a value: it must fit the stored type."""
    hint = hint_of(category, field)
    types = set(typing.get_args(hint)) if typing.get_origin(hint) else {hint}
    if field.kind in (Kind.MONEY, Kind.NUMBER, Kind.BYTES):
        assert int in types
    elif field.kind is Kind.FLAG:
        assert bool in types
    elif field.kind is Kind.LIST:
        assert typing.get_origin(hint) is list
        assert category.items_of(field)
    elif field.kind is not Kind.SECRET:
        assert str in types


def test_who_may_correct_is_said_for_what_the_client_gave() -> None:
    correctable = {f"{c.slug}.{f.name}" for c, f in FIELDS if f.correctable}
    assert all(slug.split(".")[0] in ("identity", "contact") for slug in correctable)
    for category, field in FIELDS:
        if field.correctable:
            assert field.why, f"{category.slug}.{field.name} is asked for without a reason"
