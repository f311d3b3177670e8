"""The pages of the papers, as a browser without JavaScript sees them."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from bson import ObjectId
from flask import Flask
from PIL import Image
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from alko.demo.factories import Factory, Person
from alko.demo.papers import utility_bill
from alko.documents import uploading
from alko.models.activity import LedgerEntry
from alko.models.document import PaperKind, PaperRecord, PaperStatus
from alko.models.transaction import Order, OrderStatus
from alko.privacy.accountability import ledger
from alko.vault import Vault
from alko.vault.access import vault_of
from alko.vault.stores import LocalStore, StoreUnavailable
from alko.web import downloads
from config import Settings
from tests.portal import HOST, Page, Portal

BILL = utility_bill("Ada Example", "1 Some Street", date(2026, 5, 1))


def picture(colour: str = "navy", kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, kind)
    return file.getvalue()


@dataclasses.dataclass
class Buyer:
    """A client with a car on its way and one that was delivered long ago."""

    person: Person
    order: Order
    delivered: Order
    factory: Factory

    def paper(self, **options: Any) -> PaperRecord:
        """A picture of an identity card; options are the factory's."""
        kind = options.pop("kind", PaperKind.IDENTITY)
        name = options.pop("filename", "card.jpg")
        content = options.pop("content", picture())
        options.setdefault("order", self.order)
        return self.factory.paper(self.person.id, kind, content, name, **options)

    def papers(self) -> list[PaperRecord]:
        return list(PaperRecord.objects(client=self.person.id).order_by("recorded_at"))

    def happened(self) -> list[tuple[str, dict[str, Any]]]:
        entries = LedgerEntry.objects(client=self.person.id).order_by("seq")
        return [(entry.event, dict(entry.details or {})) for entry in entries]


def a_buyer(app: Flask) -> Buyer:
    factory = Factory("papers", vault=vault_of(app.config["ALKO"]))
    person = factory.client()
    closed_at = datetime.now(UTC) - timedelta(days=200)
    return Buyer(
        person,
        factory.order(person.id, OrderStatus.SHIPPED),
        factory.order(person.id, OrderStatus.DELIVERED, closed_at),
        factory,
    )


@pytest.fixture
def buyer(app: Flask) -> Iterator[Buyer]:
    with app.app_context():
        yield a_buyer(app)


@pytest.fixture
def client(app: Flask, buyer: Buyer) -> Portal:
    return Portal(app).enter(buyer.person.id)


def form_of(kind: str, order: Order) -> str:
    return f"#upload-{kind}-{order.pk}"


def send(client: Portal, buyer: Buyer, *files: tuple[bytes, str], kind: str = "identity") -> Page:
    """Choose these files in the form of a task of the open order, and press the button."""
    page = client.get("/documents")
    form = page.form(form_of(kind, buyer.order))
    data: MultiDict[str, Any] = MultiDict(form.data)
    for content, name in files or ((b"", ""),):
        data.add("file", (io.BytesIO(content), name))
    return client.post("/documents", data, token=False)


def task(page: Page, kind: str, order: Order) -> str:
    return page.text_of(f"#task-{kind}-{order.pk}")


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
        PaperRecord.raw().update_one(
            {"_id": lost.pk}, {"$set": {"sealed": _of_nobody(buyer, other)}}
        )
        page = client.get("/documents")
        assert "Erased" in task(page, "identity", buyer.order)
        assert "never be read again" in client.get(f"/documents/{record.pk}").main
        assert client.get(f"/documents/{record.pk}/file").status == 410


def _of_nobody(buyer: Buyer, other: Person) -> Any:
    """A sealed value whose key was destroyed."""
    from alko.database import connection
    from alko.database.keyring import key_name

    keyring = connection.current().keyring
    name = key_name(other.id, "documents")
    sealed = keyring.seal(name, {"filename": "x"})
    keyring.destroy([name])
    import time

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


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("passport.jpg", "passport.jpg", "passport.jpg"),
        ("Pässe – 護照.jpg", "Passe  .jpg", "Pässe – 護照.jpg"),
        ('a"b\\..\\c;d%41.jpg', None, None),
        ("../../etc/passwd", "passwd.jpg", "passwd.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", None, None),
        ("gpj.\u202eexe", None, None),
        ("護照.jpg", "document.jpg", "護照.jpg"),
        ("x" * 500 + ".exe", None, None),
        ("", "document.jpg", "document.jpg"),
    ],
)
def test_a_name_in_a_header_is_harmless(name: str, plain: str | None, full: str | None) -> None:
    header = downloads.disposition(name, "image/jpeg", inline=False)
    assert header.isascii() and header.isprintable() and len(header) < 1500
    found = re.fullmatch(r"attachment; filename=\"([^\"\\/%;]+)\"; filename\*=UTF-8''(\S+)", header)
    assert found, header
    assert found[1].endswith(".jpg") and found[2].endswith(".jpg")
    shown = unquote(found[2])
    assert not set(shown) & set('/\\"\r\n\u202e')
    assert plain is None or found[1] == plain
    assert full is None or shown == full


def test_a_type_that_is_not_known_is_never_opened() -> None:
    header = downloads.disposition("page.html", "text/html", inline=False)
    assert header.startswith('attachment; filename="document.bin"')


def test_only_uploads_of_clients_may_be_large(app: Flask, portal: Portal) -> None:
    """Files are kept in memory, so nobody unknown may fill it."""
    token = portal.csrf_token()
    for path in ("/account/sign-in", "/account/register"):
        data = {"csrf_token": token, "file": (io.BytesIO(bytes(1_000_000)), "a.pdf")}
        assert portal.post(path, data, token=False).status == 413
    assert app.test_client().get("/", base_url=f"http://{HOST}").status_code == 200
