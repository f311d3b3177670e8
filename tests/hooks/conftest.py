"""A purchase at sea, and the carrier that may report on it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.hooks.carrier import SECRET, signed
from tests.orders.conftest import Buyer, at_sea, buying

__all__ = ["at_sea", "buying"]

Send = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def carriers(app: Flask) -> Iterator[None]:
    """All carriers of the demo know their secret; one of them has two."""
    before = app.config["ALKO"]
    both = ["Zr4w" * 11, SECRET]
    secrets = json.dumps({"meridian": SECRET, "northsea": both, "pelican": SECRET})
    app.config["ALKO"] = dataclasses.replace(before, carrier_secrets=secrets)
    yield
    app.config["ALKO"] = before


@pytest.fixture
def caller(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def send(caller: FlaskClient, at_sea: Buyer) -> Send:
    """Send a report as the carrier of the purchase."""

    def deliver(content: Any, carrier: str | None = None, **how: Any) -> TestResponse:
        body, headers = signed(content, **how)
        code = carrier or at_sea.bought.delivery.carrier_code  # type: ignore[union-attr]
        return caller.post(f"/hooks/deliveries/{code}", data=body, headers=headers)

    return deliver
