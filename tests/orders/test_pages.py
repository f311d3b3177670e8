"""The pages of an order."""

from __future__ import annotations

import io
import json

import pypdf
import pytest
from flask import Flask

from alko.demo.stories import AT_PORT, HANDED_OVER, PRODUCTION
from alko.models.activity import LedgerEntry
from alko.orders import presentation
from alko.privacy.accountability.events import Event
from alko.privacy.accountability.ledger import LedgerUnavailable
from tests import counting
from tests.orders.conftest import Buyer, Buying
from tests.portal import Portal


def entries(buyer: Buyer) -> int:
    return LedgerEntry.objects(client=buyer.person.id).count()


def version_of(buyer: Buyer) -> str:
    link = buyer.portal.get(f"{buyer.path}/tracking").soup.select_one("[data-poll]")
    assert link
    return str(link["hx-get"])


def test_who_ordered_nothing_is_told_so(app: Flask, buying: Buying) -> None:
    with app.app_context():
        from alko.demo.factories import Factory

        person = Factory("no orders").client("no orders")
    page = Portal(app).enter(person.id).get("/orders")
    assert "No orders yet" in page.main


def test_the_list_leads_to_the_order(at_sea: Buyer) -> None:
    page = at_sea.portal.get("/orders")
    assert at_sea.path in page.links
    page = at_sea.portal.get(at_sea.path)
    assert page.h1 == f"{at_sea.bought.car.make} {at_sea.bought.car.model}"


def test_the_car_and_its_number(at_sea: Buyer) -> None:
    page = at_sea.portal.get(at_sea.path)
    for value in (at_sea.bought.car.colour, str(at_sea.bought.car.model_year)):
        assert value in page.main
    assert at_sea.bought.car.vin in page.main
    assert "check digit is right" in page.main


@pytest.mark.parametrize(
    ("vin", "tone"),
    [
        ("1M8GDM9AXKP042788", "success"),  # the published example of 49 CFR 565
        ("1M8GDM9A1KP042788", "neutral"),
        ("1M8GDM9AXKP04278", "warning"),
        ("1M8GDM9AXKP04278O", "warning"),
        ("not a number", "warning"),
    ],
)
def test_a_number_is_checked(app: Flask, vin: str, tone: str) -> None:
    with app.test_request_context():
        assert presentation.vin_check(vin)[0] == tone


def test_payments_stand_against_the_balance(buying: Buying) -> None:
    buyer = buying(PRODUCTION)
    page = buyer.portal.get(buyer.path)
    paid = sum(one_amount for one_amount in [buyer.bought.total // 5])
    assert f"€{paid / 100:,.2f}" in page.main
    assert f"€{(buyer.bought.total - paid) / 100:,.2f}" in page.main
    assert "Pay the balance" in page.main


def test_the_order_of_another_is_not_there(at_sea: Buyer, buying: Buying) -> None:
    other = buying(PRODUCTION)
    invoice = other.bought.invoice.number
    before = entries(other)
    for path in (
        other.path,
        f"{other.path}/tracking",
        f"{other.path}/invoices/{invoice}.pdf",
        f"{at_sea.path}/invoices/{invoice}.pdf",
    ):
        assert at_sea.portal.get(path).status == 404, path
    assert at_sea.portal.post(f"{other.path}/mails", {"mails": "voyage"}).status == 404
    assert entries(other) == before


@pytest.mark.promise("P6", "P17")
def test_a_page_that_is_opened_is_in_the_ledger(at_sea: Buyer) -> None:
    at_sea.portal.get("/orders")
    before = entries(at_sea)
    at_sea.portal.get(at_sea.path)
    assert entries(at_sea) == before + 1
    newest = LedgerEntry.objects(client=at_sea.person.id).order_by("-seq").first()
    assert newest.event == Event.CATEGORY_SHOWN
    assert newest.categories == ["deliveries", "documents", "invoices", "orders", "payments"]


@pytest.mark.promise("P17")
def test_without_the_ledger_nothing_is_shown(
    at_sea: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> int:
        raise LedgerUnavailable("test")

    monkeypatch.setattr("alko.privacy.accountability.ledger.append", unavailable)
    page = at_sea.portal.get(at_sea.path)
    assert page.status == 503
    assert at_sea.bought.car.vin not in page.html


class TestTracking:
    def test_the_picture_and_the_same_in_words(self, at_sea: Buyer) -> None:
        page = at_sea.portal.get(f"{at_sea.path}/tracking")
        picture = page.soup.select_one("svg.route-map")
        assert picture and picture.select_one(".route-ship")
        delivery = at_sea.bought.delivery
        assert delivery
        labels = [text.get_text() for text in picture.select("text")]
        assert len(labels) == 3
        for label in labels:
            assert label in page.text_of("#route-text")
        steps = page.soup.select(".timeline-item")
        assert len(steps) == 10
        assert "At sea" in page.text_of(".timeline-item--current")
        assert "headwinds" in page.text_of(".notice")
        assert "The ship arrives" in page.text_of(".tracking-next")
        assert "reload" in page.text_of(".tracking-refresh")

    def test_before_there_is_a_delivery_there_are_still_all_steps(self, buying: Buying) -> None:
        buyer = buying(3)
        page = buyer.portal.get(f"{buyer.path}/tracking")
        assert len(page.soup.select(".timeline-item")) == 10
        assert not page.soup.select("svg.route-map")

    def test_a_ship_is_drawn_only_at_sea(self, buying: Buying) -> None:
        for days in (AT_PORT, HANDED_OVER):
            buyer = buying(days)
            page = buyer.portal.get(f"{buyer.path}/tracking")
            assert page.soup.select("svg.route-map")
            assert not page.soup.select(".route-ship")

    def test_nothing_new_costs_one_read_and_no_entry(self, at_sea: Buyer) -> None:
        path, before = version_of(at_sea), 0
        before = entries(at_sea)
        with counting.commands() as seen:
            page = at_sea.portal.htmx(path)
        assert (page.status, page.data) == (204, b"")
        assert entries(at_sea) == before
        reads = [one for one in counting.names(seen) if "orders" in one]
        assert reads == ["aggregate orders"]

    def test_news_costs_two_reads_and_one_entry(self, at_sea: Buyer) -> None:
        at_sea.portal.get(f"{at_sea.path}/tracking")
        before = entries(at_sea)
        with counting.commands() as seen:
            page = at_sea.portal.htmx(f"{at_sea.path}/tracking?version=old")
        assert page.status == 200
        assert "<html" not in page.html
        assert page.soup.select_one("#tracking-news[hx-swap-oob]")
        assert entries(at_sea) == before + 1
        names = [one for one in counting.names(seen) if "sign_ins" not in one]
        assert sorted(n for n in names if n.startswith(("find ", "aggregate "))) == [
            "aggregate orders",
            "aggregate orders",
        ]

    def test_an_unchanged_tag_is_answered_with_304(self, at_sea: Buyer) -> None:
        tag = at_sea.portal.htmx(f"{at_sea.path}/tracking").headers["ETag"]
        page = at_sea.portal.htmx(f"{at_sea.path}/tracking", If_None_Match=tag)
        assert (page.status, page.data) == (304, b"")

    def test_it_stops_once_the_car_is_delivered(self, buying: Buying) -> None:
        buyer = buying(HANDED_OVER)
        page = buyer.portal.htmx(f"{buyer.path}/tracking?version=old")
        assert page.status == 286
        assert not page.soup.select("[data-poll]")
        assert not buyer.portal.get(buyer.path).soup.select("[data-poll]")

    def test_an_expired_session_leaves_the_page(self, app: Flask, at_sea: Buyer) -> None:
        page = Portal(app).htmx(version_of(at_sea))
        assert page.status == 204
        assert page.headers["HX-Redirect"].startswith("/account/sign-in")

    def test_a_cancelled_order_says_so(self, buying: Buying) -> None:
        buyer = buying(40, cancelled=True)
        page = buyer.portal.get(f"{buyer.path}/tracking")
        assert "cancelled" in page.text_of("#tracking-news")
        assert not page.soup.select("[data-poll]")


class TestInvoice:
    def test_it_says_what_was_invoiced(self, at_sea: Buyer) -> None:
        page = at_sea.portal.get(at_sea.path)
        (link,) = [one for one in page.links if one.endswith(".pdf")]
        page = at_sea.portal.get(link)
        assert (page.status, page.content_type) == (200, "application/pdf")
        assert page.headers["Cache-Control"] == "no-store"
        text = " ".join(pypdf.PdfReader(io.BytesIO(page.data)).pages[0].extract_text().split())
        assert str(at_sea.bought.invoice.number) in text
        assert at_sea.person.identity.full_name in text
        assert f"{at_sea.bought.total / 100:,.2f}" in text
        assert at_sea.portal.get(link).data == page.data, "equal records give equal bytes"

    def test_it_is_accessible(self, at_sea: Buyer) -> None:
        path = f"{at_sea.path}/invoices/{at_sea.bought.invoice.number}.pdf"
        root = pypdf.PdfReader(io.BytesIO(at_sea.portal.get(path).data)).root_object
        assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf has booleans of its own
        assert root["/Lang"] == "en"
        assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
        kinds = set()

        def walk(node: object) -> None:
            node = node.get_object() if hasattr(node, "get_object") else node
            if isinstance(node, list):
                for child in node:
                    walk(child)
            elif isinstance(node, dict):
                kinds.add(node.get("/S"))
                walk(node.get("/K"))

        walk(root["/StructTreeRoot"]["/K"])
        assert {"/H1", "/H2", "/Table", "/TH", "/TD"} <= kinds

    def test_opening_it_is_in_the_ledger(self, at_sea: Buyer) -> None:
        at_sea.portal.get(f"{at_sea.path}/invoices/{at_sea.bought.invoice.number}.pdf")
        newest = LedgerEntry.objects(client=at_sea.person.id).order_by("-seq").first()
        assert newest.event == Event.INVOICE_OPENED
        assert json.dumps(newest.details) == json.dumps({"record": str(at_sea.bought.invoice.pk)})
