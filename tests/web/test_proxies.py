"""Behind a proxy that is not set all visitors look alike: the operator is told."""

from __future__ import annotations

import dataclasses
import logging

import pytest
from flask import Flask

from alko import create_app
from alko.database import connection
from alko.web.proxies import WARNING
from tests.portal import Portal

SOMEBODY = "203.0.113.77"


def visited(app: Flask, trusted_proxies: int, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is logged while somebody visits a few pages through a proxy."""
    settings = app.config["ALKO"]
    portal = Portal(create_app(dataclasses.replace(settings, trusted_proxies=trusted_proxies)))
    with caplog.at_level(logging.DEBUG):
        portal.get("/account/sign-in")
        before = list(caplog.messages)
        for _ in range(3):
            portal.get("/account/sign-in", X_Forwarded_For=SOMEBODY)
    connection.connect(settings)
    assert WARNING not in before
    return caplog.messages


def test_a_proxy_that_is_not_set_is_named_once_and_no_address(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    said = visited(app, 0, caplog)
    assert said.count(WARNING) == 1
    assert not [line for line in said if SOMEBODY in line]


def test_a_proxy_that_is_set_is_no_cause_to_warn(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    assert WARNING not in visited(app, 1, caplog)
