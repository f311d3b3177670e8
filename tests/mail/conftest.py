"""A real mail server on the loopback interface, and clients to write to."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko.mail import delivery, messages, outage
from alko.mail.delivery import Result
from alko.models.client import Credentials
from alko.models.communication import Mail
from alko.models.profile import Contact
from alko.privacy.identity.accounts import open_account
from config import Settings
from tests.mail.server import MailServer

NewClient = Callable[[], tuple[ObjectId, str]]
Flush = Callable[..., Result]


@pytest.fixture
def empty_outbox(app: Flask) -> None:
    """What other tests wrote must not be sent by these."""
    Mail.raw().delete_many({})
    outage.over()


@pytest.fixture
def new_client(app: Flask) -> NewClient:
    """Opens an account; returns its id and address."""

    def make() -> tuple[ObjectId, str]:
        client = ObjectId()
        address = f"reader-{client}@example.com"
        open_account(client, Credentials(password_hash="x"), Contact(email=address))
        return client, address

    return make


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def mail_settings(app: Flask, mail_server: MailServer) -> Settings:
    settings: Settings = app.config["ALKO"]
    return dataclasses.replace(settings, smtp_url=mail_server.url)


@pytest.fixture
def flush(app: Flask, mail_settings: Settings, empty_outbox: None) -> Flush:
    """Sends what is due to the mail server, as the worker does."""

    def send(settings: Settings = mail_settings) -> Result:
        with app.app_context():
            return delivery.flush(settings, messages.render)

    return send


@pytest.fixture
def folder_settings(app: Flask, tmp_path: Path) -> Settings:
    return dataclasses.replace(app.config["ALKO"], smtp_url="", instance=tmp_path)


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
