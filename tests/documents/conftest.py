"""The portal's vault in either store, empty for each test."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from alko.demo.factories import Factory
from alko.privacy.vocabulary import Recipient
from alko.vault.access import store_of
from alko.vault.stores import Store
from config import Settings
from tests.vault.cloudinary_server import CloudinaryServer


@pytest.fixture(scope="session")
def factory(app: Flask) -> Factory:
    return Factory("documents")


@pytest.fixture
def cloudinary() -> Iterator[CloudinaryServer]:
    with CloudinaryServer() as server:
        yield server


@pytest.fixture(params=["local", "cloudinary"])
def stored_settings(
    request: pytest.FixtureRequest, app: Flask, tmp_path: Path
) -> Iterator[Settings]:
    """The application's settings with an empty store, inside its context."""
    before: Settings = app.config["ALKO"]
    if request.param == "cloudinary":
        server: CloudinaryServer = request.getfixturevalue("cloudinary")
        Factory().agreement(Recipient.CLOUD_STORAGE, company="Cloudinary")
        settings = dataclasses.replace(
            before, cloudinary_url=server.url, cloudinary_upload_prefix=server.prefix
        )
    else:
        settings = dataclasses.replace(before, instance=tmp_path)
    app.config["ALKO"] = settings
    try:
        with app.app_context():
            yield settings
    finally:
        app.config["ALKO"] = before


@pytest.fixture
def store(stored_settings: Settings) -> Store:
    return store_of(stored_settings)
