"""Receipts: few an hour for one address, and none is lost by that (promises P33, P35)."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from alko.contact import ingest
from alko.models.communication import Mail
from alko.models.contact import Case, CaseChannel, CaseKind, Intake
from alko.privacy.correspondence import case_mails, cases
from alko.privacy.door.access import Actor, Job
from tests.contact import corpus
from tests.contact.letters import links
from tests.portal import Portal


@pytest.fixture
def sender() -> str:
    return f"loop-{os.urandom(4).hex()}@mail.example"


def flood(app: Flask, sender: str) -> None:
    for _ in range(case_mails.MOST_RECEIPTS + 2):
        take_in(app, corpus.mail(sender=sender))


def take_in(app: Flask, mail: bytes) -> None:
    with app.app_context():
        assert ingest.take_in(io.BytesIO(mail), app.config["ALKO"]) is Intake.OPENED


def hour_passes(sender: str) -> None:
    for mail in Mail.objects(about__exists=True):
        past = datetime.now(UTC) - timedelta(minutes=61)
        Case.raw().update_one(
            {"reference": mail.about, "acknowledged_at": {"$exists": True}},
            {"$set": {"acknowledged_at": past}},
        )


def test_one_address_is_sent_few_receipts_an_hour_and_the_others_later(
    app: Flask, sender: str
) -> None:
    flood(app, sender)
    case_mails.tell_all()
    assert len(links(sender)) == case_mails.MOST_RECEIPTS
    hour_passes(sender)
    case_mails.tell_all()
    case_mails.tell_all()
    assert len(links(sender)) == case_mails.MOST_RECEIPTS + 2


@pytest.mark.promise("P35")
def test_a_flood_does_not_keep_the_receipt_of_something_urgent(app: Flask, sender: str) -> None:
    flood(app, sender)
    urgent = corpus.mail(sender=sender, subject="URGENT - Privacy Request")
    take_in(app, urgent)
    case_mails.tell_all()
    case = Case.objects(urgent=True).order_by("-recorded_at").exclude("sealed").first()
    assert [one.kind for one in Mail.objects(about=case.reference)] == ["case_urgent"]


@pytest.mark.promise("P33")
def test_the_page_says_whether_the_link_was_sent(app: Flask, sender: str) -> None:
    assert "We sent a link" in sent(app, sender)
    flood(app, sender)
    page = sent(app, sender)
    assert "We sent a link" not in page
    assert "a little later" in page


def sent(app: Flask, sender: str) -> str:
    """What the receipt of a message by the form says."""
    portal = Portal(app)
    portal.get("/contact")
    portal.submit(name="Ana", email=sender, subject="Car", message="Where is it?")
    return portal.submit(button="confirmed").main


def test_the_same_form_again_mails_no_receipt_out_of_turn(app: Flask, sender: str) -> None:
    flood(app, sender)
    number = cases.number_of("form", sender)
    written = cases.Written(
        body="Hello", kind=CaseKind.GENERAL, channel=CaseChannel.FORM, email=sender
    )
    for _ in range(2):
        cases.open_case(Actor.job(Job.CASES), written, number=number)
    assert len(links(sender)) == case_mails.MOST_RECEIPTS
