"""Without an agreement the cloud storage gets nothing; with one each file is on record."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models.disclosure import Disclosure
from alko.models.document import PaperRecord, UploadIntent
from alko.models.recipient import Agreement
from alko.models.transaction import Order
from alko.privacy.vocabulary import Recipient
from tests.portal import Page, Portal
from tests.vault.cloudinary_server import CloudinaryServer
from tests.vault.inspection.making import png

pytestmark = pytest.mark.promise("P9", "P10", "P13")


@pytest.fixture
def storage(app: Flask, cloudinary: CloudinaryServer) -> Iterator[CloudinaryServer]:
    """The portal stores its files in the cloud, and no agreement is in force."""
    bound = Agreement.objects(code=Recipient.CLOUD_STORAGE.value, ended_at=None)
    paused = [one.pk for one in bound]
    bound.update(set__ended_at=datetime.now(UTC))
    before = app.config["ALKO"]
    app.config["ALKO"] = dataclasses.replace(
        before, cloudinary_url=cloudinary.url, cloudinary_upload_prefix=cloudinary.prefix
    )
    yield cloudinary
    app.config["ALKO"] = before
    Agreement.objects(id__in=paused).update(ended_at=None)


@pytest.fixture
def person(app: Flask) -> Person:
    return Factory().client()


@pytest.fixture
def order(person: Person) -> Order:
    return Factory().order(person.id)


def send(client: Portal, order: Order) -> Page:
    client.get("/documents")
    return client.submit(f"#upload-identity-{order.pk}", file=(io.BytesIO(png()), "passport.png"))


def test_nothing_is_sent_without_an_agreement_and_each_file_is_on_record_with_one(
    app: Flask, storage: CloudinaryServer, person: Person, order: Order
) -> None:
    client = Portal(app).enter(person.id)
    page = send(client, order)
    assert page.status == 503
    assert "Nothing was sent to it." in page.errors[0]
    for model in (PaperRecord, UploadIntent, Disclosure):
        assert model.objects(client=person.id).count() == 0
    assert storage.requests == []
    agreement = Factory().agreement(
        Recipient.CLOUD_STORAGE, company="Locker", reference=f"L-{order.pk}"
    )
    assert send(client, order).status == 200
    assert len(storage.kept) == 1
    page = client.get("/my-data/disclosures")
    assert agreement.reference in page.main
    assert "Cloud storage (encrypted files only)" in page.main
    assert "Uploaded documents: The encrypted file, under a random name" in page.main
    assert "passport" not in page.main
    others = client.get("/rights/deletion").text_of("#others")
    assert "the encrypted files that go are removed there" in others
