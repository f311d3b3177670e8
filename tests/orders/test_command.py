"""``orders note``: staff tell what they know; the client reads who, and why."""

from __future__ import annotations

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.accounts import TOTP_SECRET
from alko.demo.factories import Factory
from alko.models.activity import LedgerEntry
from alko.models.staff import StaffRole
from tests.orders.conftest import Buyer, Buying

REASON = "The port of Le Havre called about the arrival."


def noted(app: Flask, number: str, staff: str, reason: str = REASON) -> tuple[int, str]:
    words = ["orders", "note", number, "arrived", "--staff", staff, "--reason", reason]
    result = app.test_cli_runner().invoke(args=[*words, "--place", "Le Havre"])
    return result.exit_code, result.output


@pytest.fixture
def buyer(buying: Buying) -> Buyer:
    return buying()


def member(role: StaffRole) -> str:
    email = f"{ObjectId()}@staff.example"
    Factory().staff_member(role, email, "Somebody", TOTP_SECRET)
    return email


@pytest.mark.promise("P16", "P17")
def test_an_officers_news_reach_the_page_and_the_reason_the_client(
    app: Flask, buyer: Buyer
) -> None:
    assert noted(app, buyer.number, member(StaffRole.OFFICER)) == (
        0,
        f"Noted: arrived of {buyer.number}.\n",
    )
    assert "Arrived" in buyer.portal.get(f"{buyer.path}/tracking").text
    entry = LedgerEntry.objects(client=buyer.person.id, actor="staff:officer").first()
    assert entry is not None
    assert REASON in buyer.portal.get("/my-data/activity").text


@pytest.mark.parametrize(
    ("role", "reason", "number"),
    [
        (StaffRole.AGENT, REASON, None),
        (StaffRole.OFFICER, "short", None),
        (StaffRole.OFFICER, REASON, "AC-1999-NOBODY"),
    ],
)
def test_what_is_refused_leaves_no_entry(
    app: Flask, buyer: Buyer, role: StaffRole, reason: str, number: str | None
) -> None:
    before = LedgerEntry.objects(client=buyer.person.id).count()
    code, output = noted(app, number or buyer.number, member(role), reason)
    assert code == 1
    assert output.startswith("Error: ")
    assert LedgerEntry.objects(client=buyer.person.id).count() == before


def test_nobody_is_no_staff(app: Flask, buyer: Buyer) -> None:
    assert noted(app, buyer.number, "nobody@staff.example")[0] == 1
