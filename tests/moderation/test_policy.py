"""The policy's desk: write, compare, publish, see who was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.mail import campaigns
from alko.models import Alert, Campaign, Client, Mail, PolicyDraft, PolicyVersion
from alko.models.client import Credentials
from alko.models.profile import Contact
from alko.policy import review, store
from alko.privacy.identity import accounts
from tests.audience import without
from tests.portal import Portal

NOW = datetime.now(UTC)
VERSION = f"{NOW:%Y-%m}"


@pytest.fixture
def clean(app: Flask) -> Iterator[ObjectId]:
    """One client, and no version but the first."""
    with without(Client, {"status": "active"}):
        Mail.raw().delete_many({})
        client = ObjectId()
        accounts.open_account(
            client,
            Credentials(password_hash="x"),
            Contact(email=f"{client}@example.test"),
            opened_at=NOW - timedelta(days=3),
        )
        reviewed = store.current().reviewed_on
        yield client
        PolicyVersion.objects(version__ne=store.FIRST_VERSION).delete()
        PolicyVersion.objects(version=store.FIRST_VERSION).update(set__reviewed_on=reviewed)
        for model in (Campaign, PolicyDraft, Alert):
            model.objects.delete()
        Mail.raw().delete_many({})


@pytest.mark.promise("P36", "P37")
def test_from_the_draft_to_the_evidence(clean: ObjectId, officer: Portal, app: Flask) -> None:
    officer.get("/staff/policy/draft")
    wrong = officer.submit(version="2020-01", summary="", introduction="# No title of mine")
    assert wrong.status == 422
    assert len(wrong.errors) == 3
    assert "# No title of mine" in wrong.html, "nothing typed is lost"

    compared = officer.submit(
        version=VERSION, summary="We say it shorter.", introduction="We sell <cars>, 5% cheaper."
    )
    assert compared.address == "/staff/policy/compare"
    assert "We sell <cars>, 5% cheaper." in compared.text_of("#changes")
    version = officer.submit("/staff/policy/publish")
    assert version.address == f"/staff/policy/versions/{VERSION}"
    assert "No mail was written yet" in version.main

    campaigns.advance()
    fragment = officer.htmx(version.address)
    assert str(clean) in fragment.text and "1 of 1 clients" in fragment.text
    assert f"{clean}@example.test" not in officer.get(version.address).html
    assert "We sell <cars>, 5% cheaper." in Portal(app).get("/privacy").main
    assert "Our privacy policy" not in officer.get("/staff/mail").main


def test_what_somebody_else_changed_meanwhile_is_neither_overwritten_nor_published(
    clean: ObjectId, officer: Portal
) -> None:
    officer.get("/staff/policy/draft")
    other = officer.again()
    other.get("/staff/policy/draft")
    officer.submit(version=VERSION, summary="First.", introduction="First.")
    late = other.submit(version=VERSION, summary="Second.", introduction="Second words.")
    assert late.status == 422 and "Second words." in late.html
    seen = officer.get("/staff/policy/compare")
    other.get("/staff/policy/draft")
    other.submit(version=VERSION, summary="Second.", introduction="Second words.")
    officer.page = seen
    refused = officer.submit("/staff/policy/publish")
    assert refused.status == 409 and "Second words." in refused.text_of("#changes")
    assert store.current().version == store.FIRST_VERSION
    assert officer.submit("/staff/policy/discard").address == "/staff/policy"
    assert PolicyDraft.objects.count() == 0


@pytest.mark.promise("P37")
def test_reviewed_without_a_change(clean: ObjectId, officer: Portal) -> None:
    review.watch(NOW)
    assert "A review is due" in officer.get("/staff/policy").main
    assert officer.submit("/staff/policy/review").status == 422
    page = officer.submit("/staff/policy/review", confirmed=True)
    assert "A review is due" not in page.main
    assert Alert.objects.get().acknowledged_at is not None
