"""Clients who exercise their rights."""

from __future__ import annotations

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from tests.portal import Portal


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def client(app: Flask, person: Person) -> Portal:
    """Their browser; the password was given long ago."""
    return Portal(app).enter(person.id, fresh=False)
