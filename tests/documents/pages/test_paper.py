"""One paper: described, opened, replaced, removed."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.keyring import key_name
from alko.demo.factories import Person
from alko.models.document import PaperKind, PaperRecord, PaperStatus
from alko.privacy.accountability import ledger
from alko.vault import Vault
from alko.vault.stores import LocalStore
from config import Settings
from tests.documents.pages.buyer import BILL, Buyer, a_buyer, picture, task
from tests.portal import Portal


class TestOnePaper:
    def test_is_described(self, client: Portal, buyer: Buyer) -> None:
        page = client.get(f"/documents/{buyer.paper().pk}")
        assert page.h1 == "card.jpg"
        for part in ("Received", "JPEG", "30 days after", "activity log"):
            assert part in page.main, part

    @pytest.mark.promise("P17")
    def test_is_in_the_ledger_before_it_is_opened(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper()
        page = client.get(f"/documents/{record.pk}/file")
        assert page.status == 200 and page.data == picture()
        assert buyer.happened()[-1] == ("document.opened", {"record": str(record.pk)})

    @pytest.mark.promise("P17")
    def test_stays_closed_when_the_ledger_cannot_be_written(
        self, client: Portal, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record = buyer.paper()

        def full(*_: Any, **__: Any) -> int:
            raise ledger.LedgerUnavailable("no entry, no data")

        def never(*_: Any) -> Any:
            raise AssertionError("opened without an entry")

        monkeypatch.setattr(ledger, "append", full)
        monkeypatch.setattr(Vault, "read", never)
        page = client.get(f"/documents/{record.pk}/file")
        assert page.status == 503 and picture() not in page.data

    def test_is_sent_so_that_it_can_do_no_harm(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper()
        for query, kind in (
            ("", "attachment"),
            ("?inline=1", "inline"),
            ("?inline=2", "attachment"),
        ):
            headers = client.get(f"/documents/{record.pk}/file{query}").headers
            policy = headers["Content-Security-Policy"]
            assert re.fullmatch(r"sandbox *; default-src 'none'", policy)
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Disposition"].startswith(f'{kind}; filename="card.jpg"')
            assert headers["Content-Type"] == "image/jpeg"
            assert headers["Content-Length"] == str(len(picture()))

    def test_pdf_is_only_ever_downloaded(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper(content=BILL, filename="bill.pdf")
        headers = client.get(f"/documents/{record.pk}/file?inline=1").headers
        assert headers["Content-Disposition"].startswith("attachment;")
        assert not client.get(f"/documents/{record.pk}").soup.select("main img")

    def test_picture_is_shown_when_asked_for(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper()
        image = client.get(f"/documents/{record.pk}").soup.select_one("main details img")
        assert image and image["loading"] == "lazy" and image["alt"]
        assert image["src"] == f"/documents/{record.pk}/file?inline=1"

    @pytest.mark.promise("P12")
    def test_of_somebody_else_is_not_there(self, app: Flask, client: Portal) -> None:
        record = a_buyer(app).paper()
        for number in (str(record.pk), str(ObjectId()), "x", "0" * 24):
            for path in ("", "/file", "/file?inline=1", "/remove"):
                assert client.get(f"/documents/{number}{path}").status == 404
            for path in ("/replace", "/remove"):
                data = {"file": [(io.BytesIO(picture("red")), "a.jpg")]}
                assert client.post(f"/documents/{number}{path}", data).status == 404
        assert PaperRecord.objects(id=record.pk).first().revision == record.revision

    @pytest.mark.promise("P25")
    def test_whose_key_is_gone_says_so(self, app: Flask, buyer: Buyer, client: Portal) -> None:
        record = buyer.paper()
        lost = buyer.papers()[0]
        other = buyer.factory.client()
        PaperRecord.raw().update_one({"_id": lost.pk}, {"$set": {"sealed": _of_nobody(other)}})
        page = client.get("/documents")
        assert "Erased" in task(page, "identity", buyer.order)
        assert "never be read again" in client.get(f"/documents/{record.pk}").main
        assert client.get(f"/documents/{record.pk}/file").status == 410


def _of_nobody(other: Person) -> Any:
    """A sealed value whose key was destroyed."""
    keyring = connection.current().keyring
    name = key_name(other.id, "documents")
    sealed = keyring.seal(name, {"filename": "x"})
    keyring.destroy([name])
    time.sleep(1.5)  # Settings.key_cache of the tests is one second
    return sealed


class TestReplace:
    def test_puts_the_new_file_in_its_place(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper(status=PaperStatus.REJECTED, rejection_reason="Blurred.")
        client.get(f"/documents/{record.pk}")
        page = client.submit(
            f"/documents/{record.pk}/replace", file=(io.BytesIO(picture("red")), "sharp.jpg")
        )
        assert page.h1 == "sharp.jpg" and "Replaced" in page.text and "Received" in page.main
        assert "Blurred" not in page.main
        assert len(buyer.papers()) == 1

    def test_keeps_the_old_file_when_the_new_one_is_refused(
        self, client: Portal, buyer: Buyer
    ) -> None:
        record = buyer.paper()
        client.get(f"/documents/{record.pk}")
        path = f"/documents/{record.pk}/replace"
        page = client.submit(path, file=(io.BytesIO(b"nonsense"), "x.pdf"))
        assert page.status == 422 and "x.pdf" in page.errors[0] and page.title.startswith("Error:")
        assert client.submit(path).errors == ["Choose a file."]
        assert client.get(f"/documents/{record.pk}/file").data == picture()


class TestRemove:
    def test_asks_first_and_then_destroys(
        self, client: Portal, buyer: Buyer, settings: Settings
    ) -> None:
        record = buyer.paper()
        client.get(f"/documents/{record.pk}")
        page = client.get(f"/documents/{record.pk}/remove")
        assert page.h1 == "Remove this paper?" and len(buyer.papers()) == 1
        page = client.submit(f"/documents/{record.pk}/remove")
        assert page.address == "/documents" and "Removed: card.jpg" in page.text
        assert buyer.papers() == []
        assert not LocalStore(settings.instance / "vault").exists(record.vault_key)
        assert client.get(f"/documents/{record.pk}").status == 404

    @pytest.mark.promise("P22", "P28")
    def test_says_why_the_law_does_not_allow_it(self, client: Portal, buyer: Buyer) -> None:
        record = buyer.paper(kind=PaperKind.FINANCIAL, filename="receipt.jpg")
        page = client.get(f"/documents/{record.pk}")
        assert "You cannot replace or remove it" in page.main and "Tax law" in page.main
        assert not page.soup.select("main form")
        assert "Tax law" in client.get(f"/documents/{record.pk}/remove").main
        for path in ("remove", "replace"):
            data = {"file": [(io.BytesIO(picture("red")), "a.jpg")]}
            page = client.post(f"/documents/{record.pk}/{path}", data)
            assert page.status == 409 and "Tax law" in page.main
        assert len(buyer.papers()) == 1
