"""Cases, and the people on both sides of them."""

from __future__ import annotations

import os

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.vault import Vault
from alko.vault.access import vault_of


@pytest.fixture
def vault(app: Flask) -> Vault:
    return vault_of(app.config["ALKO"])


@pytest.fixture
def factory(app: Flask, vault: Vault) -> Factory:
    return Factory(seed=int.from_bytes(os.urandom(4)), vault=vault)


@pytest.fixture
def person(factory: Factory) -> Person:
    return factory.client()
