"""Correction: at once or after review, old and new as history, recipients told (P27)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.account import operations as account
from alko.demo.factories import Factory, Person
from alko.mail import delivery, folder, messages
from alko.models.client import Client
from alko.models.communication import Mail
from alko.models.document import PaperRecord
from alko.models.profile import ContactRecord, IdentityRecord
from alko.models.recipient import RecipientNotice
from alko.models.request import DataRequest
from alko.models.staff import StaffRole
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.identity import accounts
from alko.privacy.rights import choices, new_address, rectification, requests, suppression
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.requests import StepRefused
from alko.privacy.sharing import disclosures, telling
from alko.privacy.vocabulary import Purpose, Recipient
from tests.account.conftest import link_in
from tests.account.conftest import new_address as fresh_address
from tests.portal import Page, Portal
from tests.vault.inspection.making import png

pytestmark = pytest.mark.promise("P27")


@pytest.fixture
def got_the_name(app: Flask, person: Person) -> Iterator[str]:
    """The reference under which a processor got the client's name and city."""
    Factory().agreement(reference="for corrections", company="Demo Payments")
    made = disclosures.disclose(
        person.id,
        Actor.client(person.id),
        Recipient.PAYMENT_PROCESSOR,
        ("identity.full_name", "contact.city"),
        Purpose.FINANCE,
        "To take a payment.",
    )
    yield str(made.reference)


def held(person: Person) -> dict[str, str]:
    return rectification.read(person.id, Actor.client(person.id))


def correct(client: Portal, field: str, **values: str) -> Page:
    """Type, see it once more, confirm."""
    client.get(f"/rights/correction/{field}")
    page = client.submit(f"/rights/correction/{field}", **values)
    assert page.h1 == "Check your answers", page.errors
    return client.submit(f"/rights/correction/{field}", button="confirmed")


def officer(person: Person, reference: str) -> Actor:
    """An officer to whom the request is assigned."""
    member = ObjectId()
    DataRequest.objects(reference=reference).update_one(set__assigned_to=member)
    return Actor.staff(member, StaffRole.OFFICER, reference)


def filed(client: Portal, **values: str) -> str:
    """The reference of a correction of the name that waits for review."""
    page = correct(client, "full_name", **{"full_name": "Zoë Ångström", **values})
    return page.address.rpartition("/")[2]


def told(reference: str) -> list[Any]:
    return list(RecipientNotice.objects(references=reference))


def test_every_correctable_detail_leads_to_its_form(client: Portal, person: Person) -> None:
    for slug, fields in (("identity", rectification.IDENTITY), ("contact", rectification.CONTACT)):
        links = client.get(f"/my-data/{slug}").links
        assert [link for link in links if "/correction/" in link] == [
            f"/rights/correction/{name}" for name in fields
        ]
    page = client.get("/rights/correction")
    for name in (*rectification.IDENTITY, *rectification.CONTACT):
        assert f"/rights/correction/{name}" in page.links
        assert client.get(f"/rights/correction/{name}").status == 200
    assert client.get("/rights/correction/seq").status == 404


def test_contact_changes_at_once_and_the_former_value_is_kept(
    client: Portal, person: Person, got_the_name: str
) -> None:
    client.get("/rights/correction/city")
    page = client.submit("/rights/correction/city", city="Ystad")
    assert person.contact.city in page.text_of(".table")
    assert "Ystad" in page.text_of(".table")
    assert held(person)["city"] == person.contact.city
    page = client.submit("/rights/correction/city", button="confirmed")
    assert page.address == "/my-data/contact"
    assert held(person)["city"] == "Ystad"
    (request,) = DataRequest.objects(client=person.id)
    page = client.get(f"/rights/requests/{request.reference}")
    assert "Done" in page.main
    row = page.text_of("#changes tbody")
    assert row == f"City {person.contact.city} Ystad You"
    (notice,) = told(got_the_name)
    assert notice.data == ["contact.city"]


def test_a_phone_number_is_found_again_after_it_changed(client: Portal, person: Person) -> None:
    correct(client, "phone", phone="+46 70 174 06 05")
    record = ContactRecord.objects.get(client=person.id)
    assert record.phone_index == accounts.index_of("phone", "+46701740605")
    assert held(person)["phone"] == "+46701740605"


def test_who_somebody_is_changes_when_a_person_approved_it(
    app: Flask, client: Portal, person: Person, got_the_name: str
) -> None:
    before = person.identity.full_name
    reference = filed(client, words="I married.")
    page = client.get(f"/rights/requests/{reference}")
    assert page.text_of("#changes tbody") == f"Full name {before} Zoë Ångström Not changed"
    assert "I married." in page.main
    assert held(person)["full_name"] == before
    assert told(got_the_name) == []
    actor = officer(person, reference)
    for _ in range(2):  # pressed twice, or once more after a crash
        try:
            rectification.approve(person.id, actor, reference)
        except StepRefused:
            continue
    assert held(person)["full_name"] == "Zoë Ångström"
    page = client.get(f"/rights/requests/{reference}")
    assert "ALKO privacy officer" in page.text_of("#changes tbody")
    (notice,) = told(got_the_name)
    assert (notice.about, notice.data) == ("corrected", ["identity.full_name"])
    telling.send_due()  # no address: somebody tells them
    assert telling.told_by_hand(actor, notice.pk)
    shown = client.get("/my-data/disclosures").main
    assert "The data was corrected" in shown
    assert Mail.objects(client=person.id, kind="request_news").count() == 1


def test_it_stays_as_it_was_when_a_person_refused_it(client: Portal, person: Person) -> None:
    reference = filed(client)
    actor = officer(person, reference)
    with pytest.raises(StepRefused):
        rectification.refuse(person.id, actor, reference, " ")
    rectification.refuse(person.id, actor, reference, "The passport shows the former name.")
    assert held(person)["full_name"] == person.identity.full_name
    assert "The passport shows the former name." in client.get(f"/rights/requests/{reference}").main
    with pytest.raises(StepRefused):
        rectification.approve(person.id, actor, reference)


@pytest.mark.promise("P16")
def test_nobody_approves_what_is_not_assigned_to_them(client: Portal, person: Person) -> None:
    reference = filed(client)
    stranger = Actor.staff(ObjectId(), StaffRole.OFFICER, reference)
    with pytest.raises(AccessDenied):
        rectification.approve(person.id, stranger, reference)
    assert held(person)["full_name"] == person.identity.full_name


def test_a_correction_is_not_built_on_a_value_that_changed_meanwhile(
    client: Portal, person: Person
) -> None:
    first = filed(client)
    me = Actor.client(person.id)
    (change,) = requests.read(person.id, me, first)[1].changes
    second = requests.file(person.id, me, Right.CORRECTION, changes=[change]).reference
    rectification.approve(person.id, officer(person, first), first)
    IdentityRecord.objects.get(client=person.id)
    later = filed(client, full_name="Third Name")
    rectification.approve(person.id, officer(person, later), later)
    with pytest.raises((rectification.ValueChanged, StepRefused)):
        rectification.approve(person.id, officer(person, second), second)
    assert held(person)["full_name"] == "Third Name"


def test_a_new_correction_takes_the_place_of_an_open_one(client: Portal, person: Person) -> None:
    first = filed(client)
    page = client.get("/rights/correction/full_name")
    assert f"/rights/requests/{first}" in page.links
    second = filed(client, full_name="Another Name")
    assert second in client.get(f"/rights/requests/{first}").text_of("#steps")
    assert requests.open_references(person.id, Right.CORRECTION) == [second]


def test_a_crash_between_leaves_nothing_half(
    client: Portal, person: Person, got_the_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value, the request and the notices change together, or none of them."""
    reference = filed(client)
    actor = officer(person, reference)

    def killed(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(rectification, "_tell", killed)
    with pytest.raises(SystemExit):
        rectification.approve(person.id, actor, reference)
    monkeypatch.undo()
    assert held(person)["full_name"] == person.identity.full_name
    assert told(got_the_name) == []
    rectification.approve(person.id, actor, reference)
    assert held(person)["full_name"] == "Zoë Ångström"
    assert len(told(got_the_name)) == 1


def test_evidence_is_sealed_and_goes_after_the_answer(client: Portal, person: Person) -> None:
    reference = filed(client)
    client.get(f"/rights/requests/{reference}")
    path = f"/rights/requests/{reference}/evidence"
    page = client.submit(path, file=(io.BytesIO(b"not a paper"), "x.exe"))
    assert page.status == 422
    page = client.submit(path, file=(io.BytesIO(png()), "certificate.png"))
    assert "certificate.png" in page.text_of("#evidence")
    rectification.refuse(person.id, officer(person, reference), reference, "Not legible.")
    (paper,) = PaperRecord.objects(client=person.id)
    assert paper.erase_after - datetime.now(UTC) < timedelta(days=30, minutes=1)
    assert "certificate.png" in client.get(f"/rights/requests/{reference}").text_of("#evidence")
    assert "certificate.png" in client.get("/documents").main


@pytest.mark.promise("P4")
def test_sensitive_values_are_masked_until_revealed(client: Portal, person: Person) -> None:
    page = correct(client, "birth_date", birth_date="1980-02-28")
    assert "28 Feb 1980" not in page.text_of("#changes")
    reference = page.address.rpartition("/")[2]
    page = client.submit(f"/rights/requests/{reference}/reveal")
    assert "28 Feb 1980" in page.text_of("#changes")
    assert "A masked value was revealed" in client.get("/my-data/activity").main


def ask(client: Portal, person: Person, email: str) -> Page:
    client.get("/account/email")
    return client.submit("/account/email", email=email, password=person.password)


def letters(app: Flask, address: str) -> list[Any]:
    settings = app.config["ALKO"]
    with app.app_context():
        delivery.flush(settings, messages.render)
    found = [folder.read(settings.mailbox, name) for name in folder.names(settings.mailbox)]
    return [mail for mail in found if mail is not None and mail["To"] == address]


def test_a_new_address_counts_once_its_owner_confirmed_it(
    app: Flask, client: Portal, person: Person
) -> None:
    new = fresh_address()
    client.get("/account/email")
    assert client.submit("/account/email", email=new, password="wrong").status == 422
    ask(client, person, new)
    assert new in client.get("/my-data/contact").main
    assert held(person)["email"] == person.contact.email
    (mail,) = letters(app, new)
    anybody = Portal(app)
    anybody.get(link_in(mail))
    assert held(person)["email"] == person.contact.email  # following a link is no confirmation
    anybody.submit()
    assert held(person)["email"] == new
    assert account.check_password(new, person.password)
    assert account.check_password(person.contact.email, person.password) is None
    assert [one["Subject"] for one in letters(app, person.contact.email)] == [
        "Your email address was changed"
    ]
    (request,) = DataRequest.objects(client=person.id)
    page = client.get(f"/rights/requests/{request.reference}")
    assert page.text_of("#changes tbody") == f"Email address {person.contact.email} {new} You"
    assert anybody.get(link_in(mail)).status == 200
    assert anybody.submit().status == 404  # it works once


def test_the_former_address_is_told_of_each_change(
    app: Flask, client: Portal, person: Person
) -> None:
    """Whoever takes an account over may change the address to and fro."""
    old, new = person.contact.email, fresh_address()
    for there in (new, old, new):
        ask(client, person, there)
        subject = "Confirm your new email address"
        newest = next(mail for mail in letters(app, there) if mail["Subject"] == subject)
        client.get(link_in(newest))
        client.submit()
        assert held(person)["email"] == there
    told = [m["Subject"] for m in letters(app, old)].count("Your email address was changed")
    assert told == 2


@pytest.mark.promise("P23")
def test_a_new_address_that_had_unsubscribed_gets_no_marketing_and_no_page_says_so(
    app: Flask, client: Portal, person: Person
) -> None:
    choices.decide(person.id, Actor.client(person.id), "marketing", True)
    new = fresh_address()
    suppression.add(suppression.hash_of(accounts.email_index(new)))
    ask(client, person, new)
    (mail,) = letters(app, new)
    anybody = Portal(app)
    anybody.get(link_in(mail))
    anybody.submit()
    assert held(person)["email"] == new
    assert not choices.granted(person.id, "marketing")
    assert suppression.covers(accounts.email_index(new))
    assert "A new address that had unsubscribed" in client.get("/my-data/consents").main


def test_a_taken_address_is_told_to_nobody_but_its_owner(
    app: Flask, client: Portal, person: Person
) -> None:
    other = Factory().client()
    page = ask(client, person, other.contact.email)
    assert page.h1 == "Look into your mailbox"
    (mail,) = letters(app, other.contact.email)
    portal = Portal(app)
    portal.get(link_in(mail))
    assert portal.submit().status == 404
    assert held(person)["email"] == person.contact.email
    assert letters(app, person.contact.email) == []
    indexes = {one.email_index for one in Client.objects(id__in=[person.id, other.id])}
    assert len(indexes) == 2


@pytest.mark.promise("P19")
def test_an_address_that_nobody_confirmed_is_forgotten(
    app: Flask, client: Portal, person: Person
) -> None:
    new = fresh_address()
    ask(client, person, new)
    new_address.forget_unconfirmed(datetime.now(UTC) + timedelta(hours=47))
    assert new in client.get("/my-data/contact").main
    assert new_address.forget_unconfirmed(datetime.now(UTC) + timedelta(hours=49)) >= 1
    assert new not in client.get("/my-data/contact").main
    portal = Portal(app)
    portal.get(link_in(letters(app, new)[0]))
    assert portal.submit().status == 404
