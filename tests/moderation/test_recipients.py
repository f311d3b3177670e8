"""The desk of the recipients: agreements entered and ended, disclosures recorded (P9, P10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models.disclosure import Disclosure
from alko.models.recipient import Agreement, RecipientNotice
from alko.models.staff import StaffRole
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor
from alko.privacy.rights import restriction
from alko.privacy.sharing import recipients
from tests.portal import Page, Portal
from tests.staffing import at_the_desk, member_of_staff

pytestmark = pytest.mark.promise("P9", "P10")
TODAY = datetime.now(UTC).date()


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


def enter(officer: Portal, company: str, **changed: str) -> Page:
    officer.get("/staff/recipients/new")
    typed = {
        "recipient": "payment_processor",
        "company": company,
        "contact": "",
        "reference": "A-1",
        "signed_on": TODAY.isoformat(),
        "expires_on": (TODAY + timedelta(days=400)).isoformat(),
    }
    return officer.submit("/staff/recipients/new", **{**typed, **changed})


def row(page: Page, company: str) -> str:
    found = [row for row in page.soup.select("tr") if company in row.get_text()]
    return " ".join(found[0].get_text(" ").split()) if found else ""


def test_an_agreement_is_entered_renewed_and_ended(officer: Portal) -> None:
    company = f"Pay & Co {ObjectId()}"
    page = enter(officer, company)
    assert "In force" in row(page, company)
    assert "payments.amount" not in page.html
    assert "Payments: Amount" in page.main
    assert "Identification number" not in page.main
    assert enter(officer, company).errors == ["An agreement with this reference is there already."]
    made = Agreement.objects.get(company=company)
    form = officer.get(f"/staff/recipients/new?renew={made.pk}").form("/staff/recipients/new")
    assert form.data["company"] == company
    officer.get(f"/staff/recipients/{made.pk}/end")
    page = officer.submit(f"/staff/recipients/{made.pk}/end")
    assert f"Ended on {TODAY.day}" in row(page, company)
    assert officer.get(f"/staff/recipients/{ObjectId()}/end").status == 404


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"company": ""}, "Enter the company's name"),
        ({"expires_on": (TODAY - timedelta(days=1)).isoformat()}, "must not be before the first"),
        ({"contact": "nowhere"}, "right form"),
    ],
)
def test_what_cannot_be_is_named(officer: Portal, changed: dict[str, str], error: str) -> None:
    company = f"Pay & Co {ObjectId()}"
    page = enter(officer, changed.pop("company", company), **changed)
    assert page.status == 422
    assert any(error in one for one in page.errors), page.errors
    assert Agreement.objects(company=company).count() == 0


def record(officer: Portal, case: str, agreement: Agreement, **changed: object) -> Page:
    officer.get("/staff/recipients/disclose")
    typed = {
        "agreement": str(agreement.pk),
        "data": ["payments.amount", "identity.full_name"],
        "occasion": "To take the balance.",
    }
    return officer.submit("/staff/recipients/disclose", **{"case": case, **typed, **changed})


def test_a_disclosure_by_hand_needs_the_case_and_reaches_the_client(
    app: Flask, person: Person
) -> None:
    member = member_of_staff(StaffRole.OFFICER)
    officer = at_the_desk(app, StaffRole.OFFICER, member)
    bound = Factory().agreement()
    order = Factory().order(person.id)
    page = record(officer, order.number, bound)
    assert page.status == 422
    assert "no order assigned to you" in page.errors[0]
    assert page.form("/staff/recipients/disclose").data["occasion"] == "To take the balance."
    assignments.take(Actor.staff(member, StaffRole.OFFICER), order.number)
    assert record(officer, order.number, bound, data=[]).status == 422
    assert Disclosure.objects(client=person.id).count() == 0
    assert "Recorded" in record(officer, order.number, bound).text
    client = Portal(app).enter(person.id)
    assert "To take the balance." in client.get("/my-data/disclosures").main
    assert f"order {order.number}" in client.get("/my-data/activity").main
    restriction.restrict(person.id, Actor.client(person.id), "accuracy", "It is wrong.")
    assert "restricted" in record(officer, order.number, bound).errors[0]
    assert Disclosure.objects(client=person.id).count() == 1
    notice = RecipientNotice.objects.get(client=person.id)
    page = officer.get("/staff/recipients")
    assert notice.references[0] in page.text_of("#notices")
    assert person.identity.full_name not in page.html
    officer.submit(f"/staff/recipients/notices/{notice.pk}/told")
    assert "Its use was restricted" in client.get("/my-data/disclosures").main
    assert RecipientNotice.objects.get(client=person.id).told_at is not None


def test_of_two_processors_the_one_that_got_the_data_is_named_and_must_be_bound(
    app: Flask, person: Person
) -> None:
    member = member_of_staff(StaffRole.OFFICER)
    officer = at_the_desk(app, StaffRole.OFFICER, member)
    number = ObjectId()
    first, second = (
        Factory().agreement(company=f"{name} Pay {number}", reference=f"{name}-{number}")
        for name in ("First", "Second")
    )
    order = Factory().order(person.id)
    assignments.take(Actor.staff(member, StaffRole.OFFICER), order.number)
    Agreement.objects(id=first.pk).update_one(expires_on=datetime.now(UTC) - timedelta(days=2))

    shown = officer.get("/staff/recipients/disclose").main
    assert second.reference in shown and first.reference not in shown
    typed = {"case": order.number, "data": "payments.amount", "occasion": "To take the balance."}
    page = officer.post("/staff/recipients/disclose", {**typed, "agreement": str(first.pk)})
    assert (page.status, page.errors) == (
        422,
        ["This agreement is not in force: nothing may be passed on under it."],
    )
    assert Disclosure.objects(client=person.id).count() == 0

    assert "Recorded" in record(officer, order.number, second).text
    assert Disclosure.objects.get(client=person.id).agreement == second.pk
    told = Portal(app).enter(person.id).get("/my-data/disclosures").main
    assert second.company in told and first.company not in told
    for one in (first, second):
        recipients.end(Actor.staff(member, StaffRole.OFFICER), one.pk)


def test_without_any_agreement_the_form_says_so_and_keeps_what_was_typed(officer: Portal) -> None:
    bound = Agreement.objects(code="payment_processor", ended_at=None)
    paused = [one.pk for one in bound]
    bound.update(set__ended_at=datetime.now(UTC))
    try:
        assert "No agreement is in force" in officer.get("/staff/recipients/disclose").main
        for named in ({}, {"agreement": str(ObjectId())}):
            typed = {"case": "AC-2026-1", "occasion": "To take it.", "data": "payments.amount"}
            page = officer.post("/staff/recipients/disclose", {**typed, **named})
            assert page.status == 422 and "No agreement is in force" in page.main
            assert page.form("/staff/recipients/disclose").data["occasion"] == "To take it."
    finally:
        Agreement.objects(id__in=paused).update(unset__ended_at=True)
