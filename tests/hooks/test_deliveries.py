"""What carriers may tell us, and what becomes of it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient

from alko.database.records import unsealed
from alko.models.communication import Mail
from alko.models.document import PaperKind, PaperRecord
from alko.models.transaction import Delivery, Invoice, Order, Payment
from alko.privacy import deliveries
from alko.privacy.lifecycle import retention
from alko.sales import operations
from tests.hooks.carrier import SECRET, report, signed
from tests.hooks.conftest import Send
from tests.orders.conftest import Buyer

REST = ("arrived", "customs", "registration", "ready", "delivered")


def shipment(buyer: Buyer) -> str:
    return str(buyer.bought.delivery.reference)  # type: ignore[union-attr]


def stored(buyer: Buyer) -> Any:
    return Delivery.objects.get(id=buyer.bought.delivery.pk)  # type: ignore[union-attr]


def mails(buyer: Buyer) -> list[str]:
    return [one.kind for one in Mail.objects(client=buyer.person.id)]


def test_news_moves_the_order_on(send: Send, at_sea: Buyer) -> None:
    answer = send(report(shipment(at_sea), "e1", "arrived"))
    assert (answer.status_code, answer.json) == (200, {"report": "noted"})
    state = deliveries.state_of(unsealed(stored(at_sea)).events)
    assert deliveries.Milestone.ARRIVED in state.reached
    assert list(stored(at_sea).pending) == []
    page = at_sea.portal.get(at_sea.path)
    assert "Arrived" in page.text_of("#tracking-news")


def test_the_same_report_again_changes_nothing(send: Send, at_sea: Buyer) -> None:
    news = report(shipment(at_sea), "e1", "arrived")
    send(news)
    before = stored(at_sea)
    answer = send(news)
    assert (answer.status_code, answer.json) == (200, {"report": "known"})
    assert stored(at_sea).to_mongo() == before.to_mongo()


def test_shuffled_and_repeated_reports_end_alike(send: Send, at_sea: Buyer) -> None:
    chance = random.Random(4)  # noqa: S311 - only shuffles
    news = [report(shipment(at_sea), f"e{n}", name) for n, name in enumerate(REST)]
    sent = news * 2
    chance.shuffle(sent)
    assert {send(one).status_code for one in sent} == {200}
    state = deliveries.state_of(unsealed(stored(at_sea)).events)
    assert set(state.reached) == set(deliveries.Milestone)
    order = Order.objects.get(id=at_sea.bought.order.pk)
    assert order.status == "delivered"


def test_one_id_for_two_reports_is_a_conflict(send: Send, at_sea: Buyer) -> None:
    send(report(shipment(at_sea), "e1", "arrived"))
    assert send(report(shipment(at_sea), "e1", "customs")).status_code == 409


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "x" * 40},
        {"age": timedelta(minutes=6)},
        {"age": -timedelta(minutes=6)},
        {"carrier": "nobody"},
    ],
    ids=str,
)
def test_what_is_not_signed_here_and_now_is_refused(
    send: Send, at_sea: Buyer, how: dict[str, Any]
) -> None:
    before = stored(at_sea)
    assert send(report(shipment(at_sea), "e1", "delivered"), **how).status_code == 401
    assert stored(at_sea).revision == before.revision


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "v1,", "²", "9" * 400, "v1,AAAA v1,====", "é"])
def test_broken_headers_are_refused(
    caller: FlaskClient, at_sea: Buyer, name: str, value: str | None
) -> None:
    body, headers = signed(report(shipment(at_sea), "e1", "arrived"))
    headers[name] = value or ""
    path = f"/hooks/deliveries/{at_sea.bought.delivery.carrier_code}"  # type: ignore[union-attr]
    assert caller.post(path, data=body, headers=headers).status_code == 401


def test_a_changed_body_is_refused(caller: FlaskClient, at_sea: Buyer) -> None:
    body, headers = signed(report(shipment(at_sea), "e1", "arrived"))
    path = f"/hooks/deliveries/{at_sea.bought.delivery.carrier_code}"  # type: ignore[union-attr]
    changed = body.replace(b"arrived", b"customs")
    assert caller.post(path, data=changed, headers=headers).status_code == 401


def test_two_secrets_hold_while_one_is_replaced(app: Flask, send: Send, at_sea: Buyer) -> None:
    assert app.config["ALKO"].carriers["northsea"] == ("Zr4w" * 11, SECRET)
    for secret in app.config["ALKO"].carriers["northsea"]:
        answer = send(report("SH-UNKNOWN", "e1", "arrived"), carrier="northsea", secret=secret)
        assert answer.status_code == 404


def test_a_carrier_reports_on_its_own_shipments_only(send: Send, at_sea: Buyer) -> None:
    own = at_sea.bought.delivery.carrier_code  # type: ignore[union-attr]
    other = next(name for name in ("meridian", "northsea", "pelican") if name != own)
    answer = send(report(shipment(at_sea), "e1", "arrived"), carrier=other)
    assert answer.status_code == 404
    assert at_sea.number not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"milestone": "sunk"},
        {"at": "2026-02-30"},
        {"at": "tomorrow"},
        {"at": (datetime.now(UTC) + timedelta(days=9)).date().isoformat()},
        {"at": "9999-12-31", "done": False},
        {"done": "yes"},
        {"reported_at": "2026-01-01T00:00:00"},
        {"reported_at": "2099-01-01T00:00:00+00:00"},
        {"place": "x" * 121},
        {"place": "a\0b"},
        {"delay_reason": ["storm"]},
        {"shipment": {"$gt": ""}},
        {"event": "../x"},
        {"extra": 1},
    ],
    ids=str,
)
def test_malformed_reports_are_refused_without_a_quote(
    send: Send, at_sea: Buyer, changes: dict[str, Any]
) -> None:
    answer = send({**report(shipment(at_sea), "e1", "arrived"), **changes}, message="e1")
    assert answer.status_code == 422
    assert answer.json and "error" in answer.json
    for value in changes.values():
        assert str(value) not in answer.json["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 10_000, b'"x"'])
def test_what_is_no_report_is_refused(send: Send, body: bytes) -> None:
    assert send(body, message="e1").status_code == 422


def test_a_body_without_end_is_cut_off(send: Send) -> None:
    assert send(b" " * 20_000, message="e1").status_code == 413


def test_the_signed_id_is_the_events_id(send: Send, at_sea: Buyer) -> None:
    assert send(report(shipment(at_sea), "e1", "arrived"), message="e2").status_code == 422


def test_a_flood_is_held_back(app: Flask, at_sea: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    object.__setattr__(app.config["ALKO"], "rate_hook", "2 per minute")
    caller, path = app.test_client(), "/hooks/deliveries/meridian"
    answers = [
        caller.post(path, environ_base={"REMOTE_ADDR": "192.0.2.77"}).status_code for _ in range(3)
    ]
    assert answers == [401, 401, 429]


class TestMail:
    def test_only_of_the_steps_that_were_chosen(self, send: Send, at_sea: Buyer) -> None:
        operations.choose_mails(at_sea.person.id, at_sea.number, ["voyage"])
        send(report(shipment(at_sea), "e1", "arrived"))
        assert mails(at_sea) == ["delivery_update"]
        send(report(shipment(at_sea), "e2", "customs"))
        send(report(shipment(at_sea), "e3", "arrived", place="corrected"))
        assert mails(at_sea) == ["delivery_update"]

    @pytest.mark.promise("P14")
    def test_it_holds_a_link_and_nothing_else(self, send: Send, at_sea: Buyer) -> None:
        send(report(shipment(at_sea), "e1", "ready"))
        (mail,) = Mail.objects(client=at_sea.person.id)
        assert unsealed(mail).context == {"link": f"{at_sea.path}/tracking"}

    def test_the_choice_is_made_on_the_page(self, at_sea: Buyer) -> None:
        page = at_sea.portal.get(at_sea.path)
        form = f"{at_sea.path}/mails"
        page = at_sea.portal.submit(form, mails=["voyage", "formalities"])
        assert page.status == 200
        chosen = [str(one["value"]) for one in page.soup.select("input[name=mails][checked]")]
        assert chosen == ["voyage", "formalities"]
        assert at_sea.portal.post(form, {"mails": "everything"}).status == 422


@pytest.mark.promise("P21", "P22")
class TestClosing:
    def everything(self, buyer: Buyer) -> list[Any]:
        of_order = {"order": buyer.bought.order.pk}
        receipts = PaperRecord.objects(**of_order, kind=PaperKind.FINANCIAL.value)
        records = [Order.objects.get(id=buyer.bought.order.pk), *Payment.objects(**of_order)]
        return [*records, *Invoice.objects(**of_order), *Delivery.objects(**of_order), *receipts]

    def check(self, buyer: Buyer, day: datetime) -> None:
        for record in self.everything(buyer):
            assert record.closed_year == day.year
            assert record.erase_after == retention.transactions_end(day)
            assert unsealed(record)
            assert record.key_name().endswith(f"/ledger/{day.year}")
        order = self.everything(buyer)[0]
        assert (order.status, order.closed_at) == ("delivered", day)
        assert list(stored(buyer).pending) == []

    def test_delivery_closes_the_order(self, send: Send, at_sea: Buyer) -> None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        assert send(report(shipment(at_sea), "e1", "delivered")).status_code == 200
        self.check(at_sea, today)

    def test_a_corrected_date_moves_everything_once_more(self, send: Send, at_sea: Buyer) -> None:
        ordered_at = datetime.now(UTC) - timedelta(days=400)
        Order.raw().update_one(
            {"_id": at_sea.bought.order.pk}, {"$set": {"recorded_at": ordered_at}}
        )
        send(report(shipment(at_sea), "e1", "delivered"))
        last_year = datetime(datetime.now(UTC).year - 1, 12, 31, tzinfo=UTC)
        send(report(shipment(at_sea), "e2", "delivered", at=last_year.date().isoformat()))
        self.check(at_sea, last_year)

    def test_a_day_before_the_order_is_refused(self, send: Send, at_sea: Buyer) -> None:
        before = stored(at_sea).to_mongo()
        ordered_on = at_sea.bought.order.recorded_at.date()
        for days in (1, 366, 11 * 366):
            day = ordered_on - timedelta(days=days)
            answer = send(report(shipment(at_sea), "e1", "delivered", at=day.isoformat()))
            assert (answer.status_code, answer.json) == (
                422,
                {"error": "at: lies before the day of the order"},
            )
        assert stored(at_sea).to_mongo() == before
        assert Order.objects.get(id=at_sea.bought.order.pk).closed_at is None

    def test_a_car_may_be_built_before_and_delivered_on_the_day_of_the_order(
        self, send: Send, at_sea: Buyer
    ) -> None:
        ordered_at = at_sea.bought.order.recorded_at
        earlier = (ordered_at - timedelta(days=40)).date().isoformat()
        assert send(report(shipment(at_sea), "e1", "built", at=earlier)).status_code == 200
        same = ordered_at.date().isoformat()
        assert send(report(shipment(at_sea), "e2", "delivered", at=same)).status_code == 200
        self.check(at_sea, ordered_at)

    def test_an_order_entered_after_its_delivery_ends_when_it_was_entered(
        self, send: Send, at_sea: Buyer
    ) -> None:
        """Whatever way an old day came in, nothing is reckoned from before the order."""
        order = {"_id": at_sea.bought.order.pk}
        operations.close(
            at_sea.person.id, at_sea.bought.order.pk, datetime(2015, 11, 20, tzinfo=UTC)
        )
        self.check(at_sea, Order.raw().find_one(order)["recorded_at"])

    @pytest.mark.parametrize("writes", range(12))
    def test_a_crash_anywhere_is_made_good(
        self, send: Send, at_sea: Buyer, writes: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After so many records were moved; then the carrier sends the report again."""
        real, left = operations._move, [writes]

        def crashing(*args: Any) -> None:
            if left[0] == 0:
                raise RuntimeError("killed")
            left[0] -= 1
            real(*args)

        news = report(shipment(at_sea), "e1", "delivered")
        with monkeypatch.context() as patch:
            patch.setattr(operations, "_move", crashing)
            first = send(news).status_code
        if first != 200:
            assert list(stored(at_sea).pending)
            assert send(news).status_code == 200
        day = datetime.fromisoformat(news["at"]).replace(tzinfo=UTC)
        self.check(at_sea, day)
        assert mails(at_sea).count("delivery_update") == 1

    def test_the_worker_takes_over_what_was_left(
        self, send: Send, at_sea: Buyer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(operations, "follow_up", lambda _: None)
            send(report(shipment(at_sea), "e1", "delivered"))
        assert operations.follow_up_all() == 0, "somebody may still be at it"
        monkeypatch.setattr(operations, "ABANDONED", timedelta(seconds=-2))
        assert operations.follow_up_all() >= 1
        self.check(at_sea, stored(at_sea).delivered_at)


def test_no_answer_holds_anything_of_the_client(send: Send, at_sea: Buyer) -> None:
    person = at_sea.person
    answers = [
        send(report(shipment(at_sea), "e1", "arrived")),
        send(report(shipment(at_sea), "e1", "customs")),
        send(report("SH-NONE", "e2", "customs")),
        send(report(shipment(at_sea), "e3", "x")),
    ]
    for answer in answers:
        assert answer.is_json
        for secret in (str(person.id), person.identity.full_name, person.contact.email):
            assert secret not in json.dumps(answer.json)
    assert ObjectId.is_valid(str(person.id))
