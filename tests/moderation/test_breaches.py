"""The register's desk: a breach from its entry to its end, in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.mail import campaigns
from alko.models import Breach, BreachNotice, BreachStatement, Campaign, Mail
from alko.models.client import Credentials
from alko.models.oversight import BreachDetails
from alko.models.profile import Contact
from alko.models.staff import StaffRole
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.oversight import breaches
from alko.privacy.vocabulary import Purpose
from tests.portal import Portal

pytestmark = pytest.mark.promise("P17")
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def field(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


@pytest.fixture
def thief(app: Flask) -> Iterator[tuple[ObjectId, ObjectId]]:
    """A member of staff, and a client whose orders they opened."""
    member, client = ObjectId(), ObjectId()
    contact = Contact(email=f"{client}@example.test")
    accounts.open_account(client, Credentials(password_hash="x"), contact)
    actor = Actor.staff(member, StaffRole.AGENT)
    ledger.append(
        client, Event.CATEGORY_SHOWN, actor, Purpose.SERVICE, categories=["orders"], at=NOW
    )
    yield member, client
    for model in (Breach, BreachNotice, BreachStatement, Campaign):
        model.objects.delete()
    Mail.raw().delete_many({"client": client})


def test_from_the_entry_to_the_end(
    app: Flask, officer: Portal, thief: tuple[ObjectId, ObjectId]
) -> None:
    member, client = thief
    assert "No breach is open" in officer.get("/staff/breaches").main
    officer.get("/staff/breaches/new")
    typed = {
        "discovered_at": field(NOW - 71 * HOUR),
        "began_at": field(NOW - 90 * HOUR),
        "ended_at": field(NOW + HOUR),
        "member": str(member),
        "categories": ["orders"],
    }
    wrong = officer.submit(**{**typed, "happened": "", "member": "Renske Okonjo"})
    assert wrong.status == 422 and len(wrong.errors) == 2
    assert "Renske Okonjo" in wrong.html, "nothing typed is lost"
    page = officer.submit(**{**typed, "happened": "Renske Okonjo sold a list of orders."})
    reference = page.h1.split()[-1]
    assert "Renske Okonjo sold a list of orders." in page.main
    assert "must be told within 1 hour" in page.main or "minute" in page.main
    assert "Tell 1 client" in page.main

    at = f"/staff/breaches/{reference}"
    refused = officer.submit(f"{at}/close")
    assert refused.status == 422 and "authority" in refused.errors[0]
    page = officer.submit(f"{at}/authority", told_at=field(NOW), told_words="By form, 17/2026.")
    assert "The authority was told in time" in page.main
    words = "Somebody who worked here read your orders."
    page = officer.submit(f"{at}/clients", statement=words)
    assert "Told on" in page.text_of("#clients")
    campaigns.advance()
    assert "1 of 1 clients" in officer.htmx(at).text
    assert words in Portal(app).enter(client).get("/my-data/breaches").main

    officer.get(f"{at}/edit")
    officer.submit(measures="Access was ended, the list was bought back.")
    page = officer.submit(f"{at}/close")
    assert "Closed on" in page.main
    assert not page.soup.select("main form"), "a closed entry stays as it is"
    assert reference not in officer.get("/staff/breaches").main
    assert reference in officer.get("/staff/breaches?state=all").main


def test_the_first_page_says_until_when_the_authority_must_be_told(
    officer: Portal, administrator: Portal, thief: tuple[ObjectId, ObjectId]
) -> None:
    actor = Actor.staff(ObjectId(), StaffRole.OFFICER)
    scope = breaches.Scope(began_at=NOW - HOUR, ended_at=NOW)
    known = "it is not noted that the authority was told"
    assert known not in officer.get("/staff").main
    reference = breaches.enter(actor, NOW - HOUR, scope, BreachDetails(happened="A list."))
    assert f"{NOW - HOUR + timedelta(hours=72):%H:%M} UTC" in officer.get("/staff").main
    assert known not in administrator.get("/staff").main
    breaches.tell_authority(actor, reference, NOW, "")
    assert known not in officer.get("/staff").main
