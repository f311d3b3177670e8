"""The JSON Schema (2020-12) of data.json, derived from the inventory (promise P29)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alko.privacy.inventory import Category, Field, Kind

_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.MOMENT: {"type": ["string", "null"], "format": "date-time"},
    Kind.DATE: {"type": ["string", "null"]},
    Kind.MONEY: {"type": ["integer", "null"], "description": "minor units of the currency"},
    Kind.BYTES: {"type": ["integer", "null"], "minimum": 0},
    Kind.NUMBER: {"type": ["integer", "null"]},
    Kind.FLAG: {"type": ["boolean", "null"]},
}
_TEXT: dict[str, Any] = {"type": ["string", "null"]}


def build(categories: Mapping[str, Category], version: int) -> dict[str, Any]:
    """The schema of a copy with any of these categories; nothing else may be in it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ALKO Cars: copy of personal data",
        "type": "object",
        "required": ["schema_version", "client", "made_at", "since", "inventory", "categories"],
        "additionalProperties": False,
        "properties": {
            "schema_version": {"const": version},
            "client": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
            "made_at": {"type": "string", "format": "date-time"},
            "since": {
                "description": "null: everything; otherwise from when on, null for all of it",
                "type": ["object", "null"],
                "propertyNames": {"enum": list(categories)},
                "additionalProperties": {"type": ["string", "null"], "format": "date-time"},
            },
            "inventory": {
                "type": "object",
                "propertyNames": {"enum": list(categories)},
                "additionalProperties": _about(),
            },
            "categories": {
                "type": "object",
                "additionalProperties": False,
                "properties": {slug: _records(one) for slug, one in categories.items()},
            },
        },
    }


def _about() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    one = {"type": "string"}
    properties = {
        "label": one,
        "purposes": texts,
        "lawful_basis": one,
        "source": one,
        "recipients": texts,
        "retention": one,
        "held_but_not_shown": texts,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _records(chosen: Category) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
        "erase_after": {"type": ["string", "null"], "format": "date-time"},
        "readable": {"type": "boolean"},
        **{field.name: _field(chosen, field) for field in chosen.shown_fields},
    }
    item = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"title": chosen.label, "type": "array", "items": item}


def _field(chosen: Category, field: Field) -> dict[str, Any]:
    if field.kind is Kind.LIST:
        return {"title": field.label, **_list(chosen, field)}
    return {"title": field.label, **_TYPES.get(field.kind, _TEXT)}


def _list(chosen: Category, field: Field) -> dict[str, Any]:
    parts = chosen.items_of(field)
    if not parts:
        return {"type": ["array", "object", "null"]}
    item = {
        "type": "object",
        "properties": {p.name.rpartition(".")[2]: _field(chosen, p) for p in parts},
        "additionalProperties": False,
    }
    return {"type": ["array", "null"], "items": item}
