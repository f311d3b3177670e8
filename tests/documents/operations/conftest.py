"""Papers as the operations see them, in either store."""

from __future__ import annotations

import pytest

from alko.demo.factories import Factory
from alko.documents import intents
from config import Settings
from tests.documents.operations.owner import Client


@pytest.fixture
def client(stored_settings: Settings, factory: Factory) -> Client:
    return Client.new(factory)


@pytest.fixture
def no_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails leaves everything as it lies, as after kill -9."""
    monkeypatch.setattr(intents, "abandon", lambda *_: None)
