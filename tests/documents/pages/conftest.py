"""A buyer with papers to send, and their browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.documents.pages.buyer import Buyer, a_buyer
from tests.portal import Portal


@pytest.fixture
def buyer(app: Flask) -> Iterator[Buyer]:
    with app.app_context():
        yield a_buyer(app)


@pytest.fixture
def client(app: Flask, buyer: Buyer) -> Portal:
    return Portal(app).enter(buyer.person.id)
