"""A client whose keys are gone: their pages still answer, and nobody else notices."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from flask import Flask

from alko.database import connection
from alko.demo.everything import Everything
from alko.privacy.inventory import CATEGORIES
from tests.marks import marks
from tests.portal import Portal

pytestmark = pytest.mark.promise("P25")
PAGES = ["/", "/my-data", "/my-data/download", "/account/sessions", "/account/profile"] + [
    f"/my-data/{slug}" for slug in CATEGORIES
]
SEALED = ("identity", "contact", "documents", "orders", "payments", "messages", "sign-ins", "usage")


@pytest.fixture
def erased(app: Flask, own: Everything) -> Portal:
    """Signed in before their keys were destroyed by hand."""
    portal = Portal(app).enter(own.person.id)
    keyring = connection.current().keyring
    names = keyring.names(f"client/{own.person.id}/")
    assert len(names) >= 6
    assert keyring.destroy(names) == len(names)
    connection.connect(app.config["ALKO"])  # forgets the keys at once, not only within seconds
    return portal


def test_every_page_answers_and_shows_nothing_of_what_was_sealed(
    erased: Portal, own: Everything
) -> None:
    unmistakable = marks(own)
    for path in PAGES:
        page = erased.get(path)
        assert page.status in (200, 410), path
        for text in unmistakable:
            assert text not in page.html, path


def test_it_is_said_that_the_key_is_gone(erased: Portal) -> None:
    for slug in SEALED:
        page = erased.get(f"/my-data/{slug}")
        assert page.status == 200
        assert "The key of this record was destroyed" in page.main, slug


def test_a_reveal_reveals_nothing(erased: Portal, own: Everything) -> None:
    record = next(r for slug, r, _ in own.expected if slug == "identity")
    page = erased.post(f"/my-data/identity/{record}/birth_date/reveal")
    assert page.status == 200
    assert "destroyed" in page.main


def test_a_copy_can_still_be_taken_and_says_so(erased: Portal, own: Everything) -> None:
    erased.get("/my-data/download")
    page = erased.submit("/my-data/download")
    assert page.content_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(page.data))
    data = json.loads(archive.read("data.json"))
    for slug in SEALED:
        assert data["categories"][slug], slug
        readable = [one["readable"] for one in data["categories"][slug]]
        assert not any(readable), slug
    assert b"The key of this record was destroyed" in archive.read("index.html")
    for name in archive.namelist():
        content = archive.read(name)
        for text in marks(own):
            assert text.encode() not in content, (name, text)


def test_the_log_still_verifies(erased: Portal) -> None:
    """Its reasons are unreadable now; that entries exist and hang together is not."""
    page = erased.get("/my-data/activity?verify=all")
    assert "The log is complete and unaltered" in page.main


def test_nobody_else_is_affected(app: Flask, erased: Portal, someone: Everything) -> None:
    erased.get("/my-data")
    other = Portal(app).enter(someone.person.id)
    for path in PAGES:
        page = other.get(path)
        assert page.status == 200, path
        assert "destroyed" not in page.main, path
    assert someone.person.contact.email in other.get("/my-data/contact").main


def test_nobody_can_sign_in_there_and_nobody_learns_why(
    app: Flask, erased: Portal, own: Everything
) -> None:
    portal = Portal(app)
    portal.get("/account/sign-in")
    page = portal.submit(
        "/account/sign-in", email=own.person.contact.email, password=own.person.password
    )
    assert page.status == 422
    portal.get("/account/forgotten-password")
    page = portal.submit("/account/forgotten-password", email=own.person.contact.email)
    assert page.address == "/account/link-sent"
