"""What is a colleague's case stays closed: every route, every action, every fragment (P12, P16).

All addresses of the staff's surface are asked for with the true references of a client whose work
items belong to somebody else. Nothing of the client may be in any answer, and nothing may change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

import alko.models as models
from alko.database.records import Record
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.models.staff import StaffRole
from alko.privacy.door import assignments, grounds
from alko.privacy.door.access import Actor
from alko.vault.access import vault_of
from tests.portal import Page, Portal
from tests.staffing import at_the_desk
from tests.web.addresses import Address, of_staff

pytestmark = pytest.mark.promise("P12", "P16")
WRITTEN_BY_TRYING = {"LedgerEntry", "LedgerCheckpoint", "Override", "Mail"}
"""What an attempt may leave behind: its own trace."""
ITEMS = {"reference", "number", "record"}
"""The parts of an address that name a work item."""


@pytest.fixture(scope="module")
def somebody(app: Flask) -> Everything:
    made = everything_about(Factory("a colleague's", vault=vault_of(app.config["ALKO"])))
    colleague = Actor.staff(ObjectId(), StaffRole.OFFICER)
    for reference in references(made.person.id):
        assignments.take(colleague, reference)
    return made


def references(client: ObjectId) -> Iterator[str]:
    """Every work item of the client."""
    for prefix, work in grounds.WORK.items():
        for one in getattr(models, work.model).raw().find({"client": client}, {work.field: 1}):
            value = str(one[work.field])
            yield value if work.field != "_id" else f"{prefix}/{value}"


def paths(one: Address, client: ObjectId) -> Iterator[str]:
    """The address with true values in its variable parts: one for each work item.

    Where no part varies by item, one of each kind stands for all as the case that is claimed.
    """
    varying = ITEMS & one.rule.arguments
    of_kinds = {grounds.prefix(each): each for each in references(client)}
    for reference in references(client) if varying else of_kinds.values():
        name = reference.rpartition("/")[2]
        values = dict.fromkeys(("reference", "number", "record"), name)
        path = one.with_values(**values, client=str(client))
        yield f"{path}?case={reference}"


def stored(client: ObjectId) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for model in models.ALL:
        if issubclass(model, Record) and model.__name__ not in WRITTEN_BY_TRYING:
            found[model.__name__] = list(model.raw().find({"client": client}).sort("_id", 1))
    return found


def unmistakable(somebody: Everything) -> list[str]:
    """Beginnings of sealed texts that occur nowhere else, up to what HTML would escape."""
    found = [text.partition(",")[0] for text in somebody.plaintext() if text.startswith("Ünïque")]
    assert len(found) > 30
    return found


def closed(page: Page, plaintext: list[str], path: str) -> None:
    assert page.status in (200, 204, 303, 400, 403, 404, 409, 422), (path, page)
    text = page.data.decode("utf-8", "replace")
    assert not [value for value in plaintext if value in text], path


@pytest.mark.parametrize("role", StaffRole)
def test_nothing_of_it_is_shown(app: Flask, somebody: Everything, role: StaffRole) -> None:
    portal = at_the_desk(app, role)
    plaintext = unmistakable(somebody)
    for one in of_staff(app, "GET"):
        for path in sorted(set(paths(one, somebody.person.id))):
            for page in (portal.get(path, follow=False), portal.htmx(path)):
                closed(page, plaintext, path)
                if role is StaffRole.AGENT and ITEMS & one.rule.arguments:
                    assert page.status in (403, 404), (path, page)


def test_nothing_of_it_is_changed_by_an_agent(app: Flask, somebody: Everything) -> None:
    portal = at_the_desk(app, StaffRole.AGENT)
    portal.get("/staff")
    plaintext, before = unmistakable(somebody), stored(somebody.person.id)
    for one in of_staff(app, "POST"):
        for path in sorted(set(paths(one, somebody.person.id))):
            page = portal.post(path, fields_of(portal, path), follow=False)
            closed(page, plaintext, path)
            if ITEMS & one.rule.arguments:
                assert page.status in (403, 404), (path, page)
    assert stored(somebody.person.id) == before


def fields_of(portal: Portal, path: str) -> dict[str, str]:
    """Something in every field that the staff's forms may have."""
    names = ("reason", "note", "body", "message", "text", "months", "state", "case", "to", "on")
    return {"csrf_token": portal.csrf_token(), **dict.fromkeys(names, "1")}
