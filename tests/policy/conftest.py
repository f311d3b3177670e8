"""People who visit the policy pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from flask import Flask

from alko.models.client import Credentials
from alko.models.profile import Contact
from alko.privacy.identity import accounts, passwords
from tests.portal import Portal

PASSWORD = "a harbour crane at dusk"

Visit = tuple[ObjectId, Portal]


@pytest.fixture
def visit(app: Flask) -> Callable[..., Visit]:
    """Open an account (some time ago, if told) and sign in as its owner."""

    def make(opened_at: datetime | None = None) -> Visit:
        client = ObjectId()
        email = f"{client}@example.test"
        accounts.open_account(
            client,
            Credentials(password_hash=passwords.hash_password(PASSWORD)),
            Contact(email=email),
            opened_at=opened_at or datetime.now(UTC),
        )
        portal = Portal(app)
        portal.sign_in(email, PASSWORD)
        return client, portal

    return make
