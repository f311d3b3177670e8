"""Sending papers with a plain form: each file gets an answer, and none is on disk in plain."""

from __future__ import annotations

import dataclasses
import io
import sys
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from PIL import Image
from werkzeug.test import EnvironBuilder

from alko.documents import uploading
from alko.vault.stores import LocalStore, StoreUnavailable
from config import Settings
from tests.documents.pages.buyer import BILL, Buyer, a_buyer, picture, send, task
from tests.portal import HOST, Page, Portal


class TestUpload:
    def test_stores_what_is_good_and_answers_303(self, client: Portal, buyer: Buyer) -> None:
        page = send(client, buyer, (BILL, "bill.pdf"), (picture(), "flat.jpg"), kind="residence")
        assert page.status == 200 and page.history == ["/documents"]
        assert "2 files stored" in page.text
        text = task(page, "residence", buyer.order)
        assert "bill.pdf" in text and "flat.jpg" in text and "Received" in text
        assert {(one.kind, one.order) for one in buyer.papers()} == {("residence", buyer.order.pk)}

    def test_lists_each_refused_file_and_keeps_the_good_ones(
        self, client: Portal, buyer: Buyer
    ) -> None:
        page = send(
            client, buyer, (b"MZ\0\0not a picture", "x.jpg"), (picture(), "ok.jpg"), (b"", "e.pdf")
        )
        assert page.status == 422 and page.title.startswith("Error:")
        text = task(page, "identity", buyer.order)
        refusals = [one.get_text(" ") for one in page.soup.select("[data-refusal]")]
        assert len(refusals) == len(page.errors) == 2
        assert (
            "x.jpg" in refusals[0] and "not accepted" in refusals[0] and "Upload a" in refusals[0]
        )
        assert "e.pdf" in refusals[1] and "empty" in refusals[1]
        assert "ok.jpg" in text and len(buyer.papers()) == 1
        link = page.soup.select_one(".error-summary a")
        assert link and page.soup.select_one(f"{link['href']}[aria-invalid=true]")

    def test_without_a_file_says_so(self, client: Portal, buyer: Buyer) -> None:
        page = send(client, buyer)
        assert page.status == 422 and page.errors == ["Choose at least one file."]

    def test_of_a_file_that_is_too_large(self, client: Portal, buyer: Buyer) -> None:
        huge = picture() + bytes(15 * 1024 * 1024)
        page = send(client, buyer, (huge, "huge.jpg"), (picture(), "ok.jpg"))
        assert page.status == 422 and "too large" in page.errors[0]
        assert len(buyer.papers()) == 1

    def test_of_more_than_fits_into_a_request_names_the_limit(
        self, client: Portal, buyer: Buyer
    ) -> None:
        half = bytes(34 * 1024 * 1024)
        page = send(client, buyer, (half, "a.pdf"), (half, "b.pdf"))
        assert page.status == 413
        assert "64 MB" in page.main and "15 MB" in page.main and "/documents" in page.links
        assert buyer.papers() == []

    def test_of_too_many_files_forgets_none(
        self, client: Portal, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploading, "MOST_FILES", 1)
        page = send(client, buyer, (picture("red"), "a.jpg"), (picture("blue"), "b.jpg"))
        assert page.status == 422 and "b.jpg" in page.errors[0] and len(buyer.papers()) == 1

    def test_of_the_same_file_twice_is_recognised(self, client: Portal, buyer: Buyer) -> None:
        send(client, buyer, (picture(), "card.jpg"))
        page = send(client, buyer, (picture(), "again.jpg"))
        assert page.status == 200 and "not stored twice" in page.text
        page = send(client, buyer, (picture(), "other.jpg"), kind="driving_licence")
        assert page.status == 422 and "National ID card or passport" in page.errors[0]
        assert len(buyer.papers()) == 1

    def test_beyond_the_quota_is_refused(
        self, app: Flask, client: Portal, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = dataclasses.replace(app.config["ALKO"], document_quota=1500)
        monkeypatch.setitem(app.config, "ALKO", small)
        page = send(client, buyer, (BILL, "bill.pdf"))
        assert page.status == 422 and "does not fit" in page.errors[0]
        assert buyer.papers() == []

    def test_with_the_storage_away_asks_to_try_again(
        self, client: Portal, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any) -> None:
            raise StoreUnavailable("disk full")

        monkeypatch.setattr(LocalStore, "put", away)
        page = send(client, buyer, (picture(), "card.jpg"))
        assert page.status == 503 and "send it again" in page.errors[0]
        assert buyer.papers() == []

    def test_for_an_order_of_somebody_else_is_not_there(
        self, app: Flask, client: Portal, buyer: Buyer
    ) -> None:
        stranger = a_buyer(app)
        for order, kind in (
            (str(stranger.order.pk), "identity"),
            (str(ObjectId()), "identity"),
            ("x", "identity"),
            (str(buyer.order.pk), "nonsense"),
        ):
            data = {"order": order, "kind": kind, "file": [(io.BytesIO(picture()), "a.jpg")]}
            assert client.post("/documents", data).status == 404
        assert buyer.papers() == stranger.papers() == []

    def test_by_nobody_leads_to_signing_in(self, portal: Portal) -> None:
        data = {"file": [(io.BytesIO(bytes(2_000_000)), "a.pdf")]}
        page = portal.post("/documents", data)
        assert page.address.startswith("/account/sign-in")

    def test_answers_the_script_with_one_task(self, client: Portal, buyer: Buyer) -> None:
        client.get("/documents")
        fields = {"kind": "identity", "order": str(buyer.order.pk)}

        def sent(content: bytes) -> Page:
            data = {**fields, "file": (io.BytesIO(content), "a.jpg")}
            return client.htmx("/documents", "POST", {**data, "csrf_token": client.csrf_token()})

        page = sent(picture())
        assert page.status == 200 and not page.soup.select("h1, form")
        live = {str(one["id"]) for one in page.soup.select("[data-live]")}
        key = f"identity-{buyer.order.pk}"
        assert live == {f"state-{key}", f"held-{key}", "quota-left"}
        page = sent(b"nonsense")
        assert (
            page.status == 422 and page.text_of("[data-reason]") and page.text_of("[data-advice]")
        )

    def test_tells_what_was_taken_out_of_the_file(self, client: Portal, buyer: Buyer) -> None:
        exif = Image.Exif()
        exif[0x010F] = "Camera of Ada"
        file = io.BytesIO()
        Image.new("RGB", (60, 40)).save(file, "JPEG", exif=exif)
        page = send(client, buyer, (file.getvalue(), "photo.jpg"))
        assert "photo.jpg" in page.text_of("#messages")
        assert "Hidden details" in page.text_of("#messages")

    @pytest.mark.promise("P13", "P15")
    def test_touches_no_disk_but_for_ciphertext(
        self, client: Portal, buyer: Buyer, settings: Settings
    ) -> None:
        """Ten times more than Werkzeug would keep in memory; every file opened is looked at."""
        noise = io.BytesIO()
        Image.effect_noise((2600, 2000), 90).convert("RGB").save(noise, "JPEG", quality=95)
        assert len(noise.getvalue()) > 3_000_000
        client.get("/documents")
        fields = {
            "kind": "identity",
            "order": str(buyer.order.pk),
            "csrf_token": client.csrf_token(),
        }
        file = (io.BytesIO(noise.getvalue()), "large.jpg")
        # Encoded outside: Werkzeug's test client itself uses a temporary file for it.
        body, kind = multipart({**fields, "file": file})
        with files_written() as written:
            page = client.post("/documents", body, token=False, Content_Type=kind)
        assert page.status == 200 and len(buyer.papers()) == 1
        elsewhere = [path for path in written if not path.startswith(str(settings.instance))]
        assert [path for path in elsewhere if path not in NO_FILES] == []
        vault = settings.instance / "vault"
        stored = [path.read_bytes() for path in vault.rglob("*") if path.is_file()]
        assert stored and all(one.startswith(b"age-encryption.org/v1") for one in stored)


NO_FILES = ("/dev/null",)


def multipart(fields: dict[str, Any]) -> tuple[bytes, str]:
    """A form with files as a browser sends it: body and content type."""
    builder = EnvironBuilder(method="POST", data=fields)
    environ = builder.get_environ()
    return environ["wsgi.input"].read(), environ["CONTENT_TYPE"]


class files_written:  # noqa: N801 - reads like a function
    """Paths that this process opens for writing inside the block, temporary files included."""

    hooked: list[list[str]] = []

    def __enter__(self) -> list[str]:
        if not self.hooked:
            sys.addaudithook(self._note)
        self.paths: list[str] = []
        files_written.hooked.append(self.paths)
        return self.paths

    def __exit__(self, *_: object) -> None:
        files_written.hooked[-1] = []

    @staticmethod
    def _note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes) and _writes(arguments):
            path = arguments[0]
            files_written.hooked[-1].append(path if isinstance(path, str) else path.decode())
        elif event.startswith("tempfile."):
            files_written.hooked[-1].append(f"{event} {arguments[0]}")


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return bool(mode and set(mode) & set("wax+")) or bool((flags or 0) & 3)


def test_only_uploads_of_clients_may_be_large(app: Flask, portal: Portal) -> None:
    """Files are kept in memory, so nobody unknown may fill it."""
    token = portal.csrf_token()
    for path in ("/account/sign-in", "/account/register"):
        data = {"csrf_token": token, "file": (io.BytesIO(bytes(1_000_000)), "a.pdf")}
        assert portal.post(path, data, token=False).status == 413
    assert app.test_client().get("/", base_url=f"http://{HOST}").status_code == 200
