"""Two clients with records in every category, so that every page has something to show."""

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


@pytest.fixture(scope="session")
def someone(app: Flask) -> Everything:
    return made(app, "someone")


@pytest.fixture(scope="session")
def somebody_else(app: Flask) -> Everything:
    return made(app, "somebody else")


@pytest.fixture(scope="session")
def signed_in_once(app: Flask, someone: Everything) -> Portal:
    portal = Portal(app)
    portal.sign_in(someone.person.contact.email, someone.person.password)
    return portal


@pytest.fixture
def client(signed_in_once: Portal) -> Portal:
    """The first client, signed in; tests share the session and must leave it as it is."""
    portal = signed_in_once.again()
    assert portal.get("/account/security").signed_in
    return portal
