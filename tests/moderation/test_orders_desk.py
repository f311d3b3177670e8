"""The desk for orders: payments counted once, news of the delivery, and nobody else's order."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models.activity import LedgerEntry
from alko.models.communication import Mail
from alko.models.document import PaperKind, PaperRecord
from alko.models.staff import StaffRole
from alko.models.transaction import Delivery, Invoice, Order, Payment
from alko.privacy.lifecycle.retention import transactions_end
from alko.sales import operations, placing
from alko.sales.payments import Outdated, details, minor_units, record
from alko.vault.access import vault_of
from tests.counting import commands
from tests.hooks.carrier import SECRET, report, signed
from tests.portal import Portal
from tests.staffing import at_the_desk, working_on

pytestmark = pytest.mark.promise("P12", "P16")
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return Factory("buys").client("buys")


@pytest.fixture
def number(person: Person) -> str:
    return str(Factory(str(ObjectId())).order(person.id).number)


def events(client: ObjectId) -> list[str]:
    return [one["event"] for one in LedgerEntry.raw().find({"client": client}).sort("seq", 1)]


def taken(portal: Portal, number: str) -> str:
    path = f"/staff/orders/{number}"
    portal.get(path)
    portal.submit(f"{path}/take")
    return path


@pytest.mark.parametrize(
    ("written", "cents"),
    [("12500.00", 1250000), ("12,500.05", 1250005), ("12 500,00", 1250000), ("0.50", 50)],
)
def test_an_amount_is_read_exactly(written: str, cents: int) -> None:
    assert minor_units(written) == cents


@pytest.mark.parametrize(
    "written", ["1.234", "12", "-1.00", "1,23,4.00", "1e3", "1.234.50", "", "٣.00", "1,000,00"]
)
def test_an_amount_that_could_be_two_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="cents"):
        minor_units(written)


def test_a_payment_counts_once(app: Flask, agent: Portal, person: Person, number: str) -> None:
    path = taken(agent, number)
    page = agent.submit(f"{path}/payments", amount="1.234", paid_on=TODAY, payer="Somebody Else")
    assert page.status == 422 and "Somebody Else" in page.html
    page = agent.submit(f"{path}/payments", amount="999999999.00")
    assert page.status == 422 and "more than what is left" in page.errors[0]
    agent.get(path)
    sent = dict(agent.page.form(f"{path}/payments").data)  # type: ignore[union-attr]
    sent |= {"amount": "1,250.00", "paid_on": TODAY, "payer": "Somebody Else"}
    assert "The payment is recorded" in agent.post(f"{path}/payments", sent).text
    assert "It was recorded already" in agent.post(f"{path}/payments", sent).text
    order = Order.objects(number=number).exclude("sealed").get()
    assert Payment.raw().count_documents({"order": order.pk}) == 1
    assert events(person.id).count("payment.recorded") == 1
    assert "1,250.00" in Portal(app).enter(person.id).get(f"/orders/{number}").main


@pytest.mark.promise("P22")
def test_of_two_payments_at_once_one_is_looked_at_again(person: Person, number: str) -> None:
    order = Order.objects.get(number=number)
    agent = working_on(number, StaffRole.AGENT)
    paid = details(100, "EUR", "bank_transfer", "Somebody")
    first, second, now = ObjectId(), ObjectId(), datetime.now(UTC)
    seen = order.reload().revision
    assert record(agent, person.id, order.pk, first, paid, now, seen=seen)
    assert not record(agent, person.id, order.pk, first, paid, now, seen=seen)
    with pytest.raises(Outdated):
        record(agent, person.id, order.pk, second, paid, now, seen=seen)
    assert Payment.objects(order=order.pk).count() == 1
    assert record(agent, person.id, order.pk, second, paid, now, seen=order.reload().revision)


def test_news_of_the_delivery_reach_the_client_and_the_last_closes_the_order(
    app: Flask, agent: Portal, person: Person, number: str
) -> None:
    path = taken(agent, number)
    page = agent.submit(f"{path}/news", milestone="at_sea", day="2999-01-01", done="yes")
    assert page.status == 422
    page = agent.submit(f"{path}/news", day=TODAY, place="Ulsan")
    assert "It is noted" in page.text and "Ulsan" in page.main
    client = Portal(app).enter(person.id)
    assert "Ulsan" in client.get(f"/orders/{number}/tracking").main
    agent.get(path)
    sent = dict(agent.page.form(f"{path}/news").data)  # type: ignore[union-attr]
    sent |= {"milestone": "delivered", "day": TODAY, "done": "yes"}
    assert "It is noted" in agent.post(f"{path}/news", sent).text
    assert "noted already" in agent.post(f"{path}/news", sent).text
    assert agent.post(f"{path}/news", {**sent, "place": "Elsewhere"}).status == 422
    order = Order.objects(number=number).exclude("sealed").get()
    assert order.status == "delivered" and order.closed_at is not None
    assert Delivery.raw().count_documents({"order": order.pk}) == 1


@pytest.mark.promise("P21")
def test_no_car_is_delivered_before_it_was_ordered(agent: Portal, number: str) -> None:
    """The year mistyped by ten: what was typed stays in the form, and nothing is destroyed."""
    path = taken(agent, number)
    order = Order.objects(number=number).exclude("sealed").get()
    long_ago = (order.recorded_at - timedelta(days=3653)).date().isoformat()
    page = agent.submit(
        f"{path}/news", milestone="delivered", day=long_ago, done="yes", place="Bremen"
    )
    assert page.status == 422 and "no car is delivered before" in page.errors[0]
    assert long_ago in page.html and "Bremen" in page.html
    assert Order.objects(number=number).exclude("sealed").get().status == "ordered"
    assert not Delivery.raw().count_documents({"order": order.pk})
    day = order.recorded_at.date().isoformat()
    assert "It is noted" in agent.submit(f"{path}/news", day=day).text
    closed = Order.objects(number=number).exclude("sealed").get()
    assert closed.status == "delivered"
    assert closed.erase_after == transactions_end(order.recorded_at) > datetime.now(UTC)


def test_a_step_answers_htmx_with_the_orders_part_of_the_page(agent: Portal, number: str) -> None:
    """What was said goes along, and is not said again on the next page."""
    path = taken(agent, number)
    sent = dict(agent.page.form(f"{path}/news").data)  # type: ignore[union-attr]
    refused = agent.htmx(f"{path}/news", "POST", sent)
    assert refused.status == 422 and refused.errors and "<html" not in refused.html
    sent |= {"milestone": "at_port", "day": TODAY, "place": "Ulsan", "done": "yes"}
    part = agent.htmx(f"{path}/news", "POST", sent)
    assert part.status == 200 and "<html" not in part.html
    assert "It is noted" in part.text_of('[hx-swap-oob="innerHTML:#messages"]')
    assert "Ulsan" in part.text_of("#order")
    assert "It is noted" not in agent.get(path).text


def test_a_colleagues_order_stays_closed(
    app: Flask, agent: Portal, person: Person, number: str
) -> None:
    path = taken(agent, number)
    order = Order.objects(number=number).exclude("sealed").get()
    colleague = at_the_desk(app, StaffRole.AGENT)
    assert "A colleague has this order" in colleague.get(path).main
    before = len(events(person.id))
    form = {"token": str(ObjectId()), "amount": "1.00", "paid_on": TODAY, "payer": "X"}
    form |= {"milestone": "built", "day": TODAY, "done": "yes", "method": "card"}
    for action in ("payments", "news"):
        assert colleague.post(f"{path}/{action}", form).status == 403, action
    colleague.post(f"{path}/take")
    colleague.post(f"{path}/put-back")
    assert len(events(person.id)) == before
    assert not Delivery.raw().count_documents({"order": order.pk})
    with commands() as seen:
        assert agent.get("/staff/orders?view=mine").status == 200
    assert len([one for one in seen if one["ns"].endswith(".orders")]) == 2


def test_an_order_has_one_invoice_that_its_holder_opens(
    app: Flask, agent: Portal, person: Person, number: str
) -> None:
    path = taken(agent, number)
    page = agent.submit(f"{path}/invoices", further="Sea transport", tax="x")
    assert page.status == 422 and len(page.errors) >= 2 and "Sea transport" in page.html
    sent = {"further": "Sea transport", "further_amount": "1,100.00", "tax": "0.50"}
    assert "The invoice is issued" in agent.post(f"{path}/invoices", sent).text
    assert "has its invoice already" in agent.post(f"{path}/invoices", sent).text
    order = Order.objects(number=number).exclude("sealed").get()
    (invoice,) = Invoice.raw().find({"order": order.pk})
    address = f"{path}/invoices/{invoice['number']}.pdf"
    assert address in agent.get(path).links
    file = agent.get(address)
    assert file.content_type == "application/pdf" and file.data.startswith(b"%PDF")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert events(person.id)[-2:] == ["dossier.shown", "invoice.opened"]
    assert events(person.id).count("invoice.issued") == 1
    assert str(invoice["number"]) in Portal(app).enter(person.id).get(f"/orders/{number}").main
    colleague = at_the_desk(app, StaffRole.AGENT)
    assert colleague.get(address).status == 403
    assert colleague.post(f"{path}/invoices", sent).status == 403


@pytest.mark.promise("P21", "P22")
def test_a_cancelled_order_ends_with_a_reason_that_the_client_reads(
    app: Flask, agent: Portal, person: Person
) -> None:
    factory = Factory(str(ObjectId()), vault=vault_of(app.config["ALKO"]))
    order = factory.order(person.id)
    paper = factory.paper(person.id, PaperKind.RESIDENCE, b"%PDF-1.7", "passport.pdf", order=order)
    path = taken(agent, str(order.number))
    colleague = at_the_desk(app, StaffRole.AGENT)
    assert colleague.get(f"{path}/cancel").status == 403
    assert colleague.post(f"{path}/cancel", {"reason": "Mine"}).status == 403
    agent.get(f"{path}/cancel")
    assert agent.submit(f"{path}/cancel", reason=" ").status == 422
    sent = dict(agent.page.form(f"{path}/cancel").data)  # type: ignore[union-attr]
    sent["reason"] = "The maker stopped this colour."
    crash = mock.patch.object(operations, "close", side_effect=RuntimeError)
    with crash, pytest.raises(AssertionError, match="fault of the portal"):
        agent.post(f"{path}/cancel", sent)
    page = agent.post(f"{path}/cancel", sent)
    assert "cancelled already" in page.text and "The maker stopped" in page.main
    done = Order.raw().find_one({"_id": order.pk})
    assert (done["status"], done["closed_year"]) == ("cancelled", done["closed_at"].year)
    ends = PaperRecord.raw().find_one({"_id": paper.pk})["erase_after"]
    assert ends == done["closed_at"] + timedelta(days=30)
    assert events(person.id).count("order.cancelled") == 1
    mails = {"client": person.id, "kind": "order_cancelled"}
    assert Mail.raw().count_documents(mails) == 1
    operations.close(person.id, order.pk, datetime.now(UTC))
    client = Portal(app).enter(person.id).get(f"/orders/{order.number}")
    assert "The maker stopped this colour." in client.main
    assert "This order was cancelled" in client.main


def test_an_officer_gives_an_order_to_a_colleague(
    app: Flask, agent: Portal, officer: Portal, members: dict[StaffRole, ObjectId], number: str
) -> None:
    path = taken(agent, number)
    assert agent.get(f"{path}/give").status == 403
    officer.get(f"{path}/give")
    page = officer.submit(f"{path}/give", to=str(members[StaffRole.OFFICER]))
    assert "It was given on" in page.text and "Vehicle identification" in page.main
    assert "A colleague has this order" in agent.get(path).main


def test_a_crash_before_the_mail_leaves_it_to_the_worker(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = Factory(str(ObjectId()))
    person = factory.client("orders by telephone")
    agent = working_on(factory.order(person.id).number, StaffRole.AGENT)
    token = ObjectId()
    car = placing.details(
        make="Fiat", model="Panda", model_year=2026, colour="Red", vin="", price=1, currency="EUR"
    )
    with monkeypatch.context() as broken, pytest.raises(SystemExit):
        broken.setattr(placing, "notify", mock.Mock(side_effect=SystemExit))
        placing.place(agent, person.id, token, car)
    mails = {"client": person.id, "event": f"order/{token}/placed"}
    assert Mail.raw().count_documents(mails) == 0
    assert placing.tell_all() == 1
    assert placing.tell_all() == 0
    assert Mail.raw().count_documents(mails) == 1


def test_an_order_entered_for_a_client_is_theirs_once(
    app: Flask, agent: Portal, person: Person, number: str
) -> None:
    taken(agent, number)
    page = agent.get(f"/staff/clients/{person.id}?case={number}")
    form = f"/staff/clients/{person.id}/orders/new"
    assert f"{form}?case={number}" in page.links
    agent.get(f"{form}?case={number}")
    wrong = {"make": "Fiat", "model": "Panda 4x4", "colour": "Red", "model_year": "1066"}
    page = agent.submit(form, **wrong, vin="TOO-SHORT", price="1.234")
    assert page.status == 422 and len(page.errors) == 3 and "Panda 4x4" in page.html
    sent = dict(agent.page.form(form).data)  # type: ignore[union-attr]
    sent |= {"model_year": "2026", "vin": "1m8gdm9axkp042788", "price": "15,300.00"}
    page = agent.post(form, sent)
    assert page.address == agent.post(form, sent).address
    assert "1M8GDM9AXKP042788" in page.main and "15,300.00" in page.main
    assert Order.raw().count_documents({"_id": ObjectId(sent["token"])}) == 1
    assert events(person.id).count("order.placed") == 1
    placing.tell_all()
    mails = {"client": person.id, "kind": "order_placed"}
    assert Mail.raw().count_documents(mails) == 1, "however often the form is sent"
    client = Portal(app).enter(person.id)
    assert "Fiat Panda 4x4" in client.get("/orders").main
    stranger = Factory(str(ObjectId())).client("another buyer")
    assert agent.get(f"/staff/clients/{stranger.id}/orders/new?case={number}").status == 403
    del sent["csrf_token"]
    assert at_the_desk(app, StaffRole.AGENT).post(form, sent).status == 403


def test_a_carriers_report_finds_the_delivery_that_staff_entered(
    app: Flask, agent: Portal, person: Person, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carriers = json.dumps({"meridian": SECRET})
    settings = dataclasses.replace(app.config["ALKO"], carrier_secrets=carriers)
    monkeypatch.setitem(app.config, "ALKO", settings)
    path = taken(agent, number)
    agent.get(f"{path}/shipment")
    page = agent.submit(f"{path}/shipment", from_code="busan", reference="MER-1")
    assert page.status == 422
    assert {"Enter the carrier", "Enter the name of the port as well"} < set(page.errors)
    assert "BUSAN" in page.html and "MER-1" in page.html
    shipment = f"MER-{ObjectId()}"
    page = agent.submit(
        f"{path}/shipment",
        carrier="Meridian Lines",
        vessel="Meridian Star",
        from_port="Ulsan",
        from_code="krusn",
        to_port="Bremerhaven",
        to_code="DEBRV",
        carrier_code="meridian",
        reference=shipment,
    )
    assert "Meridian Star" in page.main and "Ulsan → Bremerhaven" in page.main
    content, headers = signed(report(shipment, str(ObjectId()), "arrived"))
    told = app.test_client().post("/hooks/deliveries/meridian", data=content, headers=headers)
    assert told.status_code == 200
    tracking = Portal(app).enter(person.id).get(f"/orders/{number}/tracking")
    assert "Meridian Star" in tracking.html and "Bremerhaven" in tracking.main
    assert tracking.soup.select_one("svg") is not None

    other = str(Factory(str(ObjectId())).order(person.id).number)
    path = taken(agent, other)
    agent.get(f"{path}/shipment")
    same = {"carrier": "Meridian", "carrier_code": "meridian", "reference": shipment}
    page = agent.submit(f"{path}/shipment", **same)
    assert page.errors == ["Another order has this number of the carrier."]
    assert "Meridian" in agent.submit(f"{path}/shipment", carrier_code="", reference="").main
