"""A client who buys, and what they do on the pages of their papers."""

from __future__ import annotations

import dataclasses
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from PIL import Image
from werkzeug.datastructures import MultiDict

from alko.demo.factories import Factory, Person
from alko.demo.papers import utility_bill
from alko.models.activity import LedgerEntry
from alko.models.document import PaperKind, PaperRecord
from alko.models.transaction import Order, OrderStatus
from alko.vault.access import vault_of
from tests.portal import Page, Portal

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
