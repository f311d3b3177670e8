"""Clients with records in every category, and their browsers."""

from __future__ import annotations

import pytest
from flask import Flask

from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.vault.access import vault_of
from tests.portal import Portal


def made(app: Flask, seed: str) -> Everything:
    with app.app_context():
        return everything_about(Factory(seed, vault=vault_of(app.config["ALKO"])))


@pytest.fixture(scope="module")
def someone(app: Flask) -> Everything:
    """A client whom a module's tests share: they look, and leave the records as they are."""
    return made(app, "someone")


@pytest.fixture(scope="module")
def somebody_else(app: Flask) -> Everything:
    return made(app, "somebody else")


@pytest.fixture
def own(app: Flask) -> Everything:
    """A client of this test alone, for tests that change or destroy."""
    return made(app, "own")


@pytest.fixture
def client(app: Flask, someone: Everything) -> Portal:
    return Portal(app).enter(someone.person.id)
