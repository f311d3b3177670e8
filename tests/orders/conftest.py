"""Clients with one order each, at a chosen point of its way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.demo.stories import DEPARTED, Purchase, purchase
from alko.vault.access import vault_of
from tests.portal import Portal

DAYS_AT_SEA = 15


@dataclasses.dataclass
class Buyer:
    """A client with one purchase, and a browser in which they are signed in."""

    person: Person
    bought: Purchase
    portal: Portal

    @property
    def number(self) -> str:
        return str(self.bought.order.number)

    @property
    def path(self) -> str:
        return f"/orders/{self.number}"


Buying = Callable[..., Buyer]


@pytest.fixture
def buying(app: Flask) -> Buying:
    """Make a client whose order is so many days old (101: fifteen days at sea)."""

    def make(days: float = DEPARTED + DAYS_AT_SEA, *, cancelled: bool = False) -> Buyer:
        with app.app_context():
            factory = Factory(f"buyer {days}", vault=vault_of(app.config["ALKO"]))
            person = factory.client(f"buyer-{days}")
            ordered_at = factory.now - timedelta(days=days)
            bought = purchase(factory, person, ordered_at, cancelled=cancelled)
        return Buyer(person, bought, Portal(app).enter(person.id))

    return make


@pytest.fixture
def at_sea(buying: Buying) -> Buyer:
    return buying()
