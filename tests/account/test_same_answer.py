"""Nobody learns from the portal whether somebody has an account.

The answer is the same, and so is the work: the commands the database sees, and the hashes computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from argon2 import PasswordHasher

from alko.demo.factories import Person
from alko.privacy.identity import passwords
from tests import counting
from tests.account.conftest import NEW_PASSWORD, new_address
from tests.portal import Page, Portal


@dataclass
class Hashing:
    """argon2 itself, and a tally of what was asked of it."""

    real: PasswordHasher
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        def call(*args: str) -> Any:
            self.calls.append(name)
            return getattr(self.real, name)(*args)

        return call


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    tally = Hashing(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", tally)
    return tally  # type: ignore[return-value]


def sent(portal: Portal, path: str, **fields: str) -> tuple[Page, list[str]]:
    """The answer to a form, and what the database was asked."""
    portal.get(path)
    with counting.commands() as seen:
        page = portal.submit(path, **fields)
    return page, counting.names(seen)


def same(
    portal: Portal, hashing: Hashing, path: str, known: dict[str, str], unknown: dict[str, str]
) -> list[str]:
    """Send both and compare; once before, so that both find warm what this process remembers."""
    for fields in (known, unknown):
        sent(portal, path, **fields)
    hashing.calls.clear()
    page, asked = sent(portal, path, **known)
    hashed, hashing.calls = hashing.calls, []
    other_page, other_asked = sent(portal, path, **unknown)
    assert asked == other_asked
    assert hashed == hashing.calls
    assert hashed or "password" not in known
    assert (page.status, page.address) == (other_page.status, other_page.address)
    typed = (known["email"], unknown["email"])
    token = page.soup.select_one("input[name=csrf_token]")
    other_token = other_page.soup.select_one("input[name=csrf_token]")
    assert without(page, typed, token) == without(other_page, typed, other_token)
    assert {*page.headers.keys()} == {*other_page.headers.keys()}
    return asked


def without(page: Page, typed: tuple[str, ...], token: Any) -> str:
    html = page.html.replace(str(token["value"]), "token") if token else page.html
    for address in typed:
        html = html.replace(address, "address")
    return html


def test_registering(portal: Portal, person: Person, hashing: Hashing) -> None:
    known = {"email": person.contact.email, "password": NEW_PASSWORD}
    asked = same(portal, hashing, "/account/register", known, known | {"email": new_address()})
    assert "insert registrations" in asked
    assert "insert mails" in asked


def test_signing_in(portal: Portal, person: Person, hashing: Hashing) -> None:
    known = {"email": person.contact.email, "password": NEW_PASSWORD}
    asked = same(portal, hashing, "/account/sign-in", known, known | {"email": new_address()})
    assert "find clients" in asked
    assert "insert ledger" in asked


def test_forgotten_password(portal: Portal, person: Person, hashing: Hashing) -> None:
    known = {"email": person.contact.email}
    asked = same(portal, hashing, "/account/forgotten-password", known, {"email": new_address()})
    assert "insert mails" in asked
