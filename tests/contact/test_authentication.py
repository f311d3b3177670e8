"""Whose word counts for who sent a mail: that of our own mail server alone (P12)."""

from __future__ import annotations

import dataclasses
import io
import os

import pytest
from flask import Flask

from alko.contact import ingest
from alko.demo.factories import Factory
from alko.models.communication import Message
from alko.models.contact import Case, Intake
from alko.models.staff import StaffRole
from tests.contact import corpus
from tests.portal import Portal

OURS = "mx.alkocars.com"
PASSED = [
    f"{OURS}; dmarc=pass header.from=mail.example",
    f"{OURS} 1; spf=fail smtp.mailfrom=x.example; dmarc=pass (p=none) header.from=mail.example",
    f"{OURS}; dkim=pass header.i=@mail.example header.d=mail.example header.s=one",
    f"{OURS}; spf=pass smtp.mailfrom=ana@mail.example",
    f"{OURS.upper()};\n\tDMARC=Pass header.from=Mail.Example",
]
NOT_PASSED = [
    "",
    f"{OURS}; none",
    f"{OURS}; dmarc=fail header.from=mail.example",
    f"{OURS}; dmarc=pass header.from=eve.example",
    f"{OURS}; dmarc=pass",
    f"{OURS}; dkim=pass header.d=eve.example",
    f"{OURS}; dkim=pass header.d=notmail.example",
    f"{OURS}; spf=pass smtp.mailfrom=ana@mail.example.eve.example",
    f'{OURS}; spf=fail reason="; dmarc=pass header.from=mail.example"',
    f"{OURS}; spf=fail (; dmarc=pass header.from=mail.example)",
    f"{OURS}; spf=fail (a (b) \\) ; dmarc=pass header.from=mail.example)",
    f"{OURS}.eve.example; dmarc=pass header.from=mail.example",
    "mx.eve.example; dmarc=pass header.from=mail.example",
    f"{OURS}; x-dmarc=pass header.from=mail.example",
]


def take_in(app: Flask, data: bytes, authserv_id: str = OURS) -> Intake:
    settings = dataclasses.replace(app.config["ALKO"], mail_authserv_id=authserv_id)
    with app.app_context():
        return ingest.take_in(io.BytesIO(data), settings)


def signed(*results: str, **more: str) -> bytes:
    lines = "".join(f"Authentication-Results: {one}\n" for one in results if one)
    return lines.encode() + corpus.mail(**more)


def newest() -> Message:
    found: Message = Message.objects.order_by("-recorded_at", "-id").exclude("sealed").first()
    return found


@pytest.mark.promise("P12")
@pytest.mark.parametrize("results", PASSED)
def test_our_mail_server_vouches_for_a_sender(app: Flask, results: str) -> None:
    assert take_in(app, signed(results)) is Intake.OPENED
    assert newest().sender_verified


@pytest.mark.promise("P12")
@pytest.mark.parametrize("results", NOT_PASSED)
def test_nobody_elses_word_counts(app: Flask, results: str) -> None:
    assert take_in(app, signed(results)) is Intake.OPENED
    assert not newest().sender_verified


def test_only_the_topmost_of_our_results_counts(app: Flask) -> None:
    take_in(app, signed(f"{OURS}; dmarc=fail header.from=mail.example", PASSED[0]))
    assert not newest().sender_verified
    take_in(app, signed("filter.alkocars.com; x=pass", PASSED[0]))
    assert newest().sender_verified


def test_without_the_setting_nobody_is_verified(app: Flask) -> None:
    take_in(app, signed(PASSED[0]), authserv_id="")
    assert not newest().sender_verified


@pytest.mark.promise("P12")
def test_staff_see_which_message_nobody_vouched_for(app: Flask, factory: Factory) -> None:
    sender = f"ana-{os.urandom(4).hex()}@mail.example"
    take_in(app, signed(PASSED[0], sender=sender))
    case = Case.objects.order_by("-recorded_at", "-id").exclude("sealed").first()
    answer = signed(sender=sender, subject=f"Re: {case.reference}")
    assert take_in(app, answer) is Intake.REPLIED
    with app.app_context():
        name = f"{os.urandom(4).hex()}@alkocars.com"
        member = factory.staff_member(StaffRole.AGENT, name, "Arno Agent", "JBSWY3DPEHPK3PXP")
    desk = Portal(app).enter_staff(member.pk)
    desk.get(f"/staff/messages/{case.reference}")
    page = desk.submit(f"/staff/messages/{case.reference}/take")
    first, second = page.soup.select("li.message .message-meta")
    assert "Sender not verified" not in first.get_text()
    assert "Sender not verified" in second.get_text()
