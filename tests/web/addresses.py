"""Every address of the portal, from its URL map: a route added tomorrow is tested as well."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId
from flask import Flask
from werkzeug.routing import Rule

from alko.privacy.door.permissions import Permission
from alko.web.access import Access, declared, permission_of

SAMPLES = {
    "token": "not-a-token",
    "sign_in": str(ObjectId()),
    "right": "access",
    "reference": "R-2026-NOBODY",
    "slug": "contact",
    "record": str(ObjectId()),
    "field": "phone",
    "version": "2024-01",
    "name": "nothing",
    "digest": "0" * 16,
    "number": "AC-2026-NOBODYS",
    "invoice": "IN-2026-NOBODYS",
    "carrier": "nobody",
    "client": str(ObjectId()),
    "hold": str(ObjectId()),
    "step": "message",
    "decision": "done",
    "member": str(ObjectId()),
}
"""A well-formed value for each variable part of an address."""


@dataclass(frozen=True)
class Address:
    """One route, with sample values in its variable parts."""

    rule: Rule
    path: str
    access: Access | None
    permission: Permission | None = None

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    @property
    def methods(self) -> set[str]:
        return set(self.rule.methods or ()) - {"HEAD", "OPTIONS"}

    def __str__(self) -> str:
        return self.rule.rule

    def with_values(self, **values: str) -> str:
        """The path with other values in its variable parts, percent-encoded as they must be."""
        return path_of(self.rule, {**SAMPLES, **values})


def path_of(rule: Rule, values: dict[str, str]) -> str:
    built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def addresses(app: Flask) -> list[Address]:
    """All routes, in order; KeyError for a variable part that has no sample yet."""
    with app.app_context():
        return sorted(
            (
                Address(
                    rule,
                    path_of(rule, SAMPLES),
                    declared(rule.endpoint),
                    permission_of(rule.endpoint),
                )
                for rule in app.url_map.iter_rules()
            ),
            key=str,
        )


def public(app: Flask, method: str) -> list[Address]:
    return [one for one in answering(app, method) if one.access is Access.PUBLIC]


def guarded(app: Flask, method: str) -> list[Address]:
    """What clients must sign in for."""
    return [one for one in answering(app, method) if one.access in (Access.CLIENT, Access.FRESH)]


def of_staff(app: Flask, method: str) -> list[Address]:
    return [one for one in answering(app, method) if one.access is Access.STAFF]


def answering(app: Flask, method: str) -> list[Address]:
    return [one for one in addresses(app) if method in one.methods]
