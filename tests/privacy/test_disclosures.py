"""Recipients: only under an agreement, only what they may get, and the client sees it (P8-P10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.mail import delivery, folder, messages
from alko.models.disclosure import Disclosure
from alko.models.recipient import RECIPIENTS, Agreement, RecipientNotice
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import restriction
from alko.privacy.sharing import disclosures, recipients, telling
from alko.privacy.sharing.disclosures import NotAllowed
from alko.privacy.sharing.recipients import NoAgreement
from alko.privacy.vocabulary import Purpose, Recipient
from alko.vault.access import vault_of
from tests.portal import Portal

pytestmark = [pytest.mark.usefixtures("app")]
NAME_AND_AMOUNT = ("identity.full_name", "payments.amount")
OCCASION = "To take the balance of your order by card."


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def agreement(app: Flask) -> Iterator[Agreement]:
    """The only one with a payment processor, for this test."""
    others = Agreement.objects(code=Recipient.PAYMENT_PROCESSOR.value, ended_at=None)
    paused = [one.pk for one in others]
    others.update(set__ended_at=datetime.now(UTC))
    number = ObjectId()
    made = Factory().agreement(
        company=f"Pay & Co {number}", reference=f"DPA-{number}", contact=f"{number}@pay.example"
    )
    yield made
    over = {"signed_on": made.signed_on, "expires_on": made.expires_on}
    Agreement.objects(id=made.pk).update_one(**over, ended_at=datetime.now(UTC))
    Agreement.objects(id__in=paused).update(ended_at=None)


def pass_on(
    person: Person, data: tuple[str, ...] = NAME_AND_AMOUNT, under: ObjectId | None = None
) -> Disclosure:
    me = Actor.client(person.id)
    return disclosures.disclose(
        person.id, me, Recipient.PAYMENT_PROCESSOR, data, Purpose.FINANCE, OCCASION, under=under
    )


def recorded(person: Person) -> int:
    told = {"client": person.id, "event": Event.DISCLOSED.value}
    entries = sum(entry["event"] == told["event"] for entry in ledger.entries(person.id))
    assert Disclosure.raw().count_documents({"client": person.id}) == entries
    return entries


@pytest.mark.promise("P9")
def test_the_client_sees_each_disclosure(app: Flask, person: Person, agreement: Agreement) -> None:
    made = pass_on(person)
    portal = Portal(app).enter(person.id)
    page = portal.get("/my-data/disclosures")
    for shown in (
        made.reference,
        "Payment processor",
        agreement.company,
        agreement.reference,
        "Identity: Full name",
        "Payments: Amount",
        OCCASION,
    ):
        assert shown in page.main, shown
    said = portal.get("/my-data/activity").main
    assert "Data was passed to a recipient outside ALKO: Payment processor" in said
    assert "(Full name, Amount)" in said
    plan = portal.get("/rights/deletion").text_of("#others")
    assert f"{agreement.company} (Payment processor) got data of yours" in plan


@pytest.mark.promise("P10")
def test_without_an_unexpired_agreement_nothing_is_disclosed(
    person: Person, agreement: Agreement
) -> None:
    now = datetime.now(UTC)
    for change in (
        {"expires_on": now - timedelta(days=1, hours=1)},
        {"signed_on": now + timedelta(hours=1)},
        {"ended_at": now},
    ):
        Agreement.objects(id=agreement.pk).update_one(
            **{
                "signed_on": now - timedelta(days=9),
                "expires_on": now + timedelta(days=9),
                "ended_at": None,
                **change,
            }
        )
        with pytest.raises(NoAgreement):
            pass_on(person)
    assert recorded(person) == 0
    # It holds until the end of its last day.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    Agreement.objects(id=agreement.pk).update_one(expires_on=today, ended_at=None)
    pass_on(person)
    assert recorded(person) == 1


@pytest.mark.promise("P9")
def test_only_what_is_on_the_list_may_be_disclosed(person: Person, agreement: Agreement) -> None:
    for beyond in ("identity.identification_number", "contact.email", "documents.vault_key", "x"):
        with pytest.raises(NotAllowed) as refused:
            pass_on(person, ("identity.full_name", beyond))
        assert refused.value.data == [beyond]
    assert recorded(person) == 0
    listed = recipients.allowed(Recipient.CLOUD_STORAGE)
    assert "documents.vault_key" in listed
    assert not {"documents.filename", "documents.vault_identity", "documents.sha256"} & listed


@pytest.mark.promise("P10")
def test_what_is_named_is_what_binds(person: Person, agreement: Agreement) -> None:
    """Two processors: the longer agreement of one allows nothing under the other's."""
    now = datetime.now(UTC)
    longer = Factory().agreement(
        company=f"Other {agreement.pk}", expires_on=now + timedelta(days=4000)
    )
    try:
        made = pass_on(person, under=agreement.pk)
        assert made.agreement == agreement.pk
        Agreement.objects(id=agreement.pk).update_one(expires_on=now - timedelta(days=2))
        with pytest.raises(NoAgreement):
            pass_on(person, under=agreement.pk)
        assert pass_on(person, under=longer.pk).agreement == longer.pk
        assert recorded(person) == 2
    finally:
        Agreement.objects(id=longer.pk).update_one(set__ended_at=now)


@pytest.mark.promise("P10")
def test_what_the_portal_sends_by_itself_goes_under_the_agreement_signed_last(
    person: Person, agreement: Agreement
) -> None:
    now = datetime.now(UTC)
    former = Factory().agreement(
        company=f"Former {agreement.pk}",
        signed_on=agreement.signed_on - timedelta(days=1),
        expires_on=now + timedelta(days=4000),
    )
    try:
        assert pass_on(person).agreement == agreement.pk
    finally:
        Agreement.objects(id=former.pk).update_one(set__ended_at=now)


@pytest.mark.promise("P9")
def test_what_cannot_be_logged_is_not_disclosed(
    person: Person, agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> int:
        raise LedgerUnavailable

    monkeypatch.setattr(ledger, "append", fails)
    with pytest.raises(LedgerUnavailable):
        pass_on(person)
    monkeypatch.undo()
    assert recorded(person) == 0


@pytest.mark.promise("P8")
def test_no_kind_of_recipient_is_for_marketing() -> None:
    """Data leaves through a recipient of the inventory only, and for one of the six purposes."""
    assert set(RECIPIENTS) == {one.value for one in Recipient}
    assert set(RECIPIENTS) == {"payment_processor", "cloud_storage"}
    for one in Recipient:
        for detail in recipients.allowed(one):
            assert detail.partition(".")[0] not in ("consents", "usage", "messages", "activity")


@pytest.mark.promise("P31")
def test_who_got_data_is_told_of_a_restriction(
    app: Flask, person: Person, agreement: Agreement
) -> None:
    made = pass_on(person)
    restriction.restrict(person.id, Actor.client(person.id), "accuracy", "My name is wrong.")
    telling.send_due()
    assert telling.send_due() == 0
    page = Portal(app).get(link_to(app, agreement.contact))
    assert made.reference in page.main
    assert "only store it until we tell you" in page.main
    assert person.identity.full_name not in page.html
    shown = Portal(app).enter(person.id).get("/my-data/disclosures").main
    assert "Its use was restricted" in shown
    restriction.lift(person.id, Actor.client(person.id))
    assert RecipientNotice.objects(client=person.id, about="restriction_lifted").count() == 1


@pytest.mark.promise("P9", "P28")
def test_who_got_data_is_told_of_the_erasure(
    app: Flask, person: Person, agreement: Agreement
) -> None:
    made = pass_on(person)
    run = erasure.schedule(person.id, Actor.client(person.id), at_once=True)
    done = erasure.execute(run, vault_of(app.config["ALKO"]).remove)
    assert Disclosure.raw().count_documents({"client": person.id}) == 0
    expected = {"recipient": "payment_processor", "company": agreement.company, "how": "notice"}
    assert done.receipt["recipients"] == [expected]
    telling.send_due()
    company = Portal(app)
    page = company.get(link_to(app, agreement.contact))
    assert made.reference in page.main
    assert "Please erase it as well" in page.main
    page = company.submit()
    assert "It was confirmed on" in page.main
    assert company.get(page.address[:-1] + "x").status == 404
    receipt = Portal(app).get(f"/rights/receipts/{erasure.tokened(done)}")
    assert f"{agreement.company} (Payment processor)" in receipt.main
    kept = RecipientNotice.objects(occasion=f"erasure/{run}").get()
    assert str(person.id) not in repr(kept.to_mongo().to_dict())


def link_to(app: Flask, address: str) -> str:
    settings = app.config["ALKO"]
    with app.app_context():
        delivery.flush(settings, messages.render)
    found = [folder.read(settings.mailbox, name) for name in folder.names(settings.mailbox)]
    (mail,) = [mail for mail in found if mail is not None and mail["To"] == address]
    part = mail.get_body(("plain",))
    assert part is not None
    links = re.findall(r"http://localhost(/rights/notices/\S+)", str(part.get_content()))
    return str(links[0])


@pytest.mark.promise("P10")
def test_the_register_refuses_what_cannot_be(person: Person) -> None:
    officer = Actor("staff", ObjectId(), "officer")
    day = datetime.now(UTC).date()
    company = f"Company {officer.id}"
    made = recipients.enter(officer, Recipient.CLOUD_STORAGE, company, "A-1", day, day)
    assert recipients.is_in_force(made, datetime.now(UTC))
    for reference, last in (("A-1", day), ("A-2", day - timedelta(days=1))):
        with pytest.raises(recipients.AgreementRefused):
            recipients.enter(officer, Recipient.CLOUD_STORAGE, company, reference, day, last)
    assert recipients.end(officer, made.pk)
    assert not recipients.end(officer, made.pk)
    assert officer.id is not None
    events = [one["event"] for one in ledger.entries(officer.id)]
    assert events.count(Event.AGREEMENT_ENDED.value) == 1
    made.delete()
