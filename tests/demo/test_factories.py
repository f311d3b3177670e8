"""The factories: real records under the right keys, with the ends that the rules give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from alko.account import operations
from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import unsealed
from alko.demo import people
from alko.demo.everything import COPIES, Everything, everything_about
from alko.demo.factories import Factory
from alko.demo.stories import ARRIVED, DEPARTED, HANDED_OVER, Purchase, purchase
from alko.models.communication import Message
from alko.models.document import PaperKind, PaperRecord
from alko.models.transaction import Order, OrderStatus
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import Purpose
from alko.vault import Vault
from alko.vault.stores import LocalStore

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(LocalStore(tmp_path / "vault"))


@pytest.fixture
def factory(app: Flask, vault: Vault) -> Factory:
    return Factory(now=NOW, vault=vault)


def test_a_client_can_sign_in(factory: Factory) -> None:
    person = factory.client(password="plover-anvil-dusk")
    found = operations.check_password(person.contact.email, "plover-anvil-dusk")
    assert found is not None
    assert found[0] == person.id


def test_two_factories_of_one_seed_give_equal_people_who_do_not_collide(app: Flask) -> None:
    first, second = Factory(7, now=NOW).client(), Factory(7, now=NOW).client()
    assert first.id != second.id
    assert first.identity.full_name == second.identity.full_name
    assert first.contact.phone == second.contact.phone
    assert first.contact.email != second.contact.email
    assert Factory(8, now=NOW).client().contact.phone != first.contact.phone


@pytest.mark.promise("P19", "P21")
def test_a_closed_order_lives_and_ends_with_its_year(factory: Factory) -> None:
    client = factory.client().id
    closed_at = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    order = factory.order(client, OrderStatus.DELIVERED, closed_at)
    assert order.key_name() == key_name(client, "ledger/2025")
    assert order.erase_after == datetime(2033, 1, 1, tzinfo=UTC)
    connection.current().keyring.destroy([key_name(client, "ledger/2025")])
    assert not connection.current().keyring.exists(key_name(client, "ledger/2025"))
    assert connection.current().keyring.exists(key_name(client, "ledger/open"))


@pytest.mark.promise("P19", "P21")
def test_what_belongs_to_an_open_order_has_no_end_yet(factory: Factory) -> None:
    bought = at_age(factory, DEPARTED + 5)
    for record in every_part(bought):
        assert record.erase_after is None
        assert record.key_name() == key_name(record.client, "ledger/open")


@pytest.mark.promise("P19")
def test_records_end_as_the_rules_say(factory: Factory) -> None:
    client = factory.client().id
    at = NOW - timedelta(days=3)
    assert factory.message(client, "Subject", "Body", sent_at=at).erase_after == (
        retention.correspondence_ends(at)
    )
    for record in (factory.sign_in(client, at=at), factory.page_view(client, at=at)):
        assert record.erase_after == retention.technical_ends(at)
    for record in (factory.consent(client, "analytics", True), factory.notice(client, "2024-01")):
        assert record.erase_after is None, "it ends with the account"


@pytest.mark.promise("P22")
def test_papers_end_thirty_days_after_the_delivery_and_receipts_with_the_year(
    factory: Factory, vault: Vault
) -> None:
    client = factory.client().id
    closed_at = NOW - timedelta(days=10)
    order = factory.order(client, OrderStatus.DELIVERED, closed_at)
    waiting = factory.paper(client, PaperKind.IDENTITY, b"%PDF-1", "id.pdf", order=order)
    assert waiting.erase_after is None
    passport = factory.paper(
        client, PaperKind.IDENTITY, b"%PDF-2", "id.pdf", order=order, delivered_at=closed_at
    )
    assert passport.erase_after == closed_at + timedelta(days=30)
    assert passport.key_name() == key_name(client, "documents")
    receipt = factory.paper(client, PaperKind.FINANCIAL, b"%PDF-3", "paid.pdf", order=order)
    assert receipt.erase_after == retention.transactions_end(closed_at)
    assert receipt.key_name() == key_name(client, "ledger/2026")
    content = vault.read(receipt.vault_key, unsealed(receipt).vault_identity)
    assert b"".join(content) == b"%PDF-3"


def test_a_paper_that_could_not_be_recorded_leaves_no_file(
    app: Flask, tmp_path: Path, factory: Factory
) -> None:
    nobody = ObjectId()
    with pytest.raises(KeyDestroyed):
        factory.paper(nobody, PaperKind.IDENTITY, b"%PDF-1", "id.pdf")
    assert not PaperRecord.objects(client=nobody)
    assert [path for path in (tmp_path / "vault").rglob("*") if path.is_file()] == []


class TestGathering:
    def test_records_are_stored_at_the_end_and_equal_those_saved_one_by_one(
        self, factory: Factory
    ) -> None:
        client = factory.client().id
        with factory.gathering():
            gathered = factory.message(client, "Subject", "Body")
            assert Message.objects(client=client).count() == 0
        saved = factory.message(client, "Subject", "Body")
        documents = {record.pk: record for record in Message.objects(client=client)}
        assert set(documents) == {gathered.pk, saved.pk}
        one, other = (documents[record.pk].to_mongo() for record in (gathered, saved))
        assert one.keys() == other.keys()
        assert unsealed(documents[gathered.pk]) == unsealed(documents[saved.pk])

    def test_nothing_is_stored_when_the_block_fails(self, factory: Factory) -> None:
        client = factory.client().id
        with pytest.raises(ZeroDivisionError), factory.gathering():
            factory.message(client, "Subject", "Body")
            raise ZeroDivisionError
        assert Message.objects(client=client).count() == 0

    def test_what_is_stored_already_is_left_and_the_rest_added(self, app: Flask) -> None:
        ids = {"message": ObjectId()}
        factory = Factory(now=NOW, identify=lambda label: ids.get(label.split("/")[-2], ObjectId()))
        client = factory.client().id
        factory.message(client, "First", "Body")
        with factory.gathering():
            factory.message(client, "Second", "Body")
            ids["message"] = ObjectId()
            factory.message(client, "Third", "Body")
        subjects = {unsealed(record).subject for record in Message.objects(client=client)}
        assert subjects == {"First", "Third"}

    def test_a_collision_of_anything_but_the_id_is_told(self, factory: Factory) -> None:
        client = factory.client().id
        number = f"AC-{client}"
        factory.order(client, number=number)
        with pytest.raises(Exception, match="duplicate key"), factory.gathering():
            factory.order(client, number=number)


def at_age(factory: Factory, days: int, **more: Any) -> Purchase:
    return purchase(factory, factory.client(), NOW - timedelta(days=days, hours=1), **more)


def every_part(bought: Purchase) -> list[Any]:
    found = [bought.order, bought.invoice, *bought.payments]
    return [*found, bought.delivery] if bought.delivery else found


class TestPurchase:
    @pytest.mark.parametrize(
        ("days", "status", "reached", "payments"),
        [
            (0, OrderStatus.ORDERED, None, 0),
            (19, OrderStatus.ORDERED, None, 1),
            (45, OrderStatus.IN_PRODUCTION, None, 1),
            (70, OrderStatus.IN_PRODUCTION, "built", 1),
            (DEPARTED, OrderStatus.SHIPPED, "at_sea", 1),
            (ARRIVED, OrderStatus.SHIPPED, "arrived", 2),
            (HANDED_OVER, OrderStatus.DELIVERED, "delivered", 2),
        ],
    )
    def test_a_purchase_stands_where_its_age_says(
        self, factory: Factory, days: int, status: OrderStatus, reached: str, payments: int
    ) -> None:
        bought = at_age(factory, days)
        assert bought.order.status == status
        assert len(bought.payments) == payments
        assert (bought.delivery is not None) == (reached is not None)
        if bought.delivery:
            done = [event.milestone for event in unsealed(bought.delivery).events if event.done]
            assert done[-1] == reached
        delivered = status is OrderStatus.DELIVERED
        assert (bought.order.closed_at is not None) == delivered
        for record in every_part(bought):
            assert (record.erase_after is not None) == delivered

    def test_payments_sum_up_to_the_invoice(self, factory: Factory) -> None:
        bought = at_age(factory, HANDED_OVER)
        assert sum(unsealed(payment).amount for payment in bought.payments) == bought.total

    def test_a_cancelled_purchase_is_closed_without_a_delivery(self, factory: Factory) -> None:
        bought = at_age(factory, 40, cancelled=True)
        assert bought.order.status == OrderStatus.CANCELLED
        assert bought.order.closed_at is not None
        assert bought.delivery is None
        assert at_age(factory, 4, cancelled=True).order.status == OrderStatus.ORDERED


def test_vehicle_numbers_have_their_check_digit(factory: Factory) -> None:
    # 1M8GDM9AXKP042788 is the worked example of the regulation.
    weights = people._VIN_WEIGHTS
    for vin in ["1M8GDM9AXKP042788", *(people.vin(factory.chance) for _ in range(50))]:
        assert len(vin) == 17
        assert not set(vin) & set("IOQ")
        total = sum(
            weight * (int(sign) if sign.isdecimal() else people._VIN_VALUES[sign])
            for weight, sign in zip(weights, vin, strict=True)
            if weight
        )
        assert vin[8] == "0123456789X"[total % 11]


@pytest.fixture
def made(factory: Factory) -> Everything:
    return everything_about(factory, second_factor=True)


class TestEverything:
    @pytest.mark.promise("P26")
    def test_the_dossier_shows_exactly_what_was_put_in(self, made: Everything) -> None:
        client = made.person.id
        seen: dict[tuple[str, ObjectId, str], Any] = {}
        dossier = Dossier.open(client, Actor.client(client), Purpose.LEGAL, categories=CATEGORIES)
        for slug in CATEGORIES:
            for row in dossier.rows(slug):
                seen |= {(slug, row.id, name): value for name, value in row.values.items()}
        opening = max(
            (value, record)
            for (slug, record, name), value in seen.items()
            if (slug, name) == ("activity", "seq")
        )[1]
        seen = {key: value for key, value in seen.items() if key[1] != opening}
        assert seen == made.expected

    def test_every_category_and_every_field_is_filled(self, made: Everything) -> None:
        for slug, category in CATEGORIES.items():
            records = {record for of, record, _ in made.expected if of == slug}
            single = slug in ("identity", "contact", "account")
            assert len(records) >= (1 if single else COPIES), slug
            for field in category.shown_fields:
                found = [made.expected[slug, record, field.name] for record in records]
                assert any(value not in (None, "", [], {}) for value in found), field.path

    def test_texts_occur_once(self, made: Everything) -> None:
        texts = [text for text in made.plaintext() if text.startswith("Ünïque")]
        assert len(texts) > 40
        assert len(texts) == len(set(texts))

    @pytest.mark.promise("P15")
    def test_what_is_withheld_is_never_among_what_is_shown(self, made: Everything) -> None:
        assert {name for _, _, name in made.withheld} >= {"totp_secret", "context"}
        for slug, _, name in made.withheld:
            assert CATEGORIES[slug].field(name).kind is Kind.SECRET
        assert not made.withheld.keys() & made.expected.keys()

    def test_files_are_given_with_their_records(self, made: Everything, vault: Vault) -> None:
        assert len(made.files) == COPIES + 1, "the papers, and a file that came by mail"
        for record in PaperRecord.objects(client=made.person.id):
            content = vault.read(record.vault_key, unsealed(record).vault_identity)
            assert b"".join(content) == made.files[record.pk]

    def test_orders_close_in_different_years(self, made: Everything) -> None:
        years = {order.closed_year for order in Order.objects(client=made.person.id)}
        assert len(years) == COPIES
