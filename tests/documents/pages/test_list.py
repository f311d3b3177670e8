"""The list of papers says what is asked, why, who sees it and how long it stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from alko.demo.factories import Factory
from alko.models.document import PaperStatus
from tests.documents.pages.buyer import Buyer, task
from tests.portal import Portal


class TestTheList:
    def test_says_of_every_paper_what_one_wants_to_know(self, client: Portal, buyer: Buyer) -> None:
        page = client.get("/documents")
        assert page.h1 == "Documents"
        for kind, name in (
            ("identity", "National ID card or passport"),
            ("driving_licence", "Driving licence"),
            ("residence", "Proof of residence"),
            ("financial", "Payment receipt or financial document"),
        ):
            text = task(page, kind, buyer.order)
            for part in (name, "Missing", "Why", "Who will see it", "staff", "Erased"):
                assert part in text, (kind, part)
        assert "30 days after your car is delivered" in task(page, "identity", buyer.order)
        assert "7 years after the year" in task(page, "financial", buyer.order)
        assert "4 papers are asked of you" in page.main
        assert buyer.order.number in page.main

    def test_states_the_limits_before_anything_is_chosen(
        self, client: Portal, buyer: Buyer
    ) -> None:
        page = client.get("/documents")
        assert "200 MB of your 200 MB are left" in page.main
        hint = page.soup.select_one(f"#file-identity-{buyer.order.pk}-hint")
        assert hint and "up to 15 MB a file" in hint.get_text()
        assert "64 MB" in page.main

    def test_offers_files_and_camera_and_forces_neither(self, client: Portal, buyer: Buyer) -> None:
        page = client.get("/documents")
        field = page.soup.select_one(f"#file-identity-{buyer.order.pk}")
        assert field and field.has_attr("multiple") and not field.has_attr("capture")
        assert {"application/pdf", "image/jpeg", "image/heic"} <= set(field["accept"].split(","))

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (PaperStatus.RECEIVED, "Received"),
            (PaperStatus.CHECKING, "Being checked"),
            (PaperStatus.ACCEPTED, "Accepted"),
            (PaperStatus.REJECTED, "Not accepted"),
        ],
    )
    def test_shows_the_state(
        self, client: Portal, buyer: Buyer, status: PaperStatus, words: str
    ) -> None:
        buyer.paper(status=status, rejection_reason="The corner is cut off.")
        text = task(client.get("/documents"), "identity", buyer.order)
        assert words in text and "card.jpg" in text and "Missing" not in text
        assert ("The corner is cut off." in text) == (status is PaperStatus.REJECTED)

    def test_asks_again_for_what_was_not_accepted(self, client: Portal, buyer: Buyer) -> None:
        buyer.paper(status=PaperStatus.REJECTED, rejection_reason="Blurred.")
        assert "4 papers are asked of you" in client.get("/documents").main
        buyer.paper(filename="better.jpg")
        assert "3 papers are asked of you" in client.get("/documents").main

    @pytest.mark.promise("P22")
    def test_asks_for_no_identity_papers_of_a_delivered_car(
        self, client: Portal, buyer: Buyer
    ) -> None:
        page = client.get("/documents")
        assert not page.soup.select_one(f"#task-identity-{buyer.delivered.pk}")
        assert "Missing" not in task(page, "financial", buyer.delivered)
        buyer.paper(order=buyer.delivered, delivered_at=datetime(2200, 1, 1, tzinfo=UTC))
        text = task(client.get("/documents"), "identity", buyer.delivered)
        assert "on 31 Jan 2200" in text and "Upload" not in text

    def test_shows_papers_of_no_order(self, client: Portal, buyer: Buyer) -> None:
        buyer.paper(order=None, filename="old.jpg")
        section = client.get("/documents").soup.select_one("[aria-labelledby=other-papers]")
        assert section and "old.jpg" in section.get_text()

    def test_of_somebody_without_an_order_is_empty(self, app: Flask) -> None:
        with app.app_context():
            person = Factory("nobody").client()
            page = Portal(app).enter(person.id).get("/documents")
        assert "Nothing is needed from you" in page.main
        assert not page.soup.select("main input[type=file]"), "nothing is asked before it is needed"

    def test_is_one_entry_in_the_ledger(self, client: Portal, buyer: Buyer) -> None:
        before = len(buyer.happened())
        client.get("/documents")
        assert [event for event, _ in buyer.happened()[before:]] == ["dossier.shown"]

    def test_is_in_the_navigation_and_linked_from_my_data(
        self, client: Portal, buyer: Buyer
    ) -> None:
        record = buyer.paper()
        assert "/documents" in client.get("/").links
        assert f"/documents/{record.pk}" in client.get("/my-data/documents").links
