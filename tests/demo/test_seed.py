"""The demo data: there, equal for equal days, completed after a crash, refused in production."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import ObjectId
from flask import Flask
from pymongo import MongoClient

from alko import demo, models
from alko.account import operations
from alko.database import connection
from alko.database.records import Record, unsealed
from alko.demo import open_requests, rich_client
from alko.demo.accounts import CLIENT_EMAIL, OTHER_EMAIL, PASSWORD, STAFF, TOTP_SECRET
from alko.demo.factories import Factory
from alko.models.client import Client
from alko.models.document import PaperKind
from alko.models.staff import StaffMember
from alko.models.transaction import OrderStatus
from alko.privacy import wording
from alko.privacy.accountability import ledger
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.identity import accounts, notices
from alko.privacy.identity.passwords import verify_password
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from config import ConfigurationError, Settings
from tests.demo.portals import connected, own, plaintext


def quiet(_: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def demo_settings(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return own(app.config["ALKO"], tmp_path_factory.mktemp("demo"), "demo")


@pytest.fixture(scope="module")
def seeded(app: Flask, demo_settings: Settings) -> Iterator[list[str]]:
    """A portal full of demo data; yields what the seed said on the way."""
    said: list[str] = []
    with connected(demo_settings, app.config["ALKO"]):
        assert demo.seed_if_empty(demo_settings, said.append)
        yield said


@pytest.fixture(scope="module")
def client(seeded: list[str]) -> ObjectId:
    found = Client.objects.get(email_index=accounts.email_index(CLIENT_EMAIL))
    return ObjectId(found.id)


def opened(client: ObjectId) -> Dossier:
    return Dossier.open(client, Actor.client(client), Purpose.LEGAL, categories=CATEGORIES)


def values(client: ObjectId, slug: str) -> list[dict[str, Any]]:
    return [dict(row.values) for row in opened(client).rows(slug)]


def counts() -> dict[str, int]:
    database = connection.current().database
    return {
        model._get_collection_name(): database[model._get_collection_name()].count_documents({})
        for model in models.ALL
    }


class TestAccounts:
    @pytest.mark.parametrize("email", [CLIENT_EMAIL, OTHER_EMAIL])
    def test_clients_sign_in_with_the_published_password(
        self, seeded: list[str], email: str
    ) -> None:
        found = operations.check_password(email, PASSWORD)
        assert found is not None
        assert found[1].totp_secret is None
        assert operations.check_password(email, "another-password") is None

    @pytest.mark.parametrize("member", STAFF, ids=lambda member: member.role.value)
    def test_staff_have_the_published_credentials(self, seeded: list[str], member: Any) -> None:
        record = StaffMember.objects.get(email_index=accounts.email_index(member.email))
        details = unsealed(record)
        assert record.role == member.role
        assert details.email == member.email
        assert verify_password(details.password_hash, PASSWORD)
        assert details.totp_secret == TOTP_SECRET

    def test_the_table_names_them_all(self) -> None:
        table = demo.accounts_table()
        for text in (CLIENT_EMAIL, OTHER_EMAIL, PASSWORD, TOTP_SECRET, *(s.email for s in STAFF)):
            assert text in table


class TestHistory:
    def test_every_category_holds_something(self, client: ObjectId) -> None:
        held = opened(client).overview().summaries
        empty = {slug for slug, summary in held.items() if summary.count == 0}
        assert empty == {"breaches"}, "no breach reached anybody"
        assert set(held) == set(CATEGORIES)

    def test_one_car_was_delivered_last_year_and_one_is_at_sea(self, client: ObjectId) -> None:
        delivered, at_sea = values(client, "orders")
        this_year = datetime.now(UTC).year
        assert delivered["status"] == OrderStatus.DELIVERED
        assert delivered["closed_at"].year == this_year - 1
        assert at_sea["status"] == OrderStatus.SHIPPED
        assert at_sea["closed_at"] is None
        _, voyage = values(client, "deliveries")
        assert voyage["vessel"]
        assert voyage["voyage"]
        reached = {event["milestone"] for event in voyage["events"] if event["done"]}
        assert "at_sea" in reached
        assert "arrived" not in reached

    def test_the_money_adds_up(self, client: ObjectId) -> None:
        invoices, payments = values(client, "invoices"), values(client, "payments")
        for invoice in invoices:
            lines = sum(line["amount"] for line in invoice["lines"])
            assert lines + invoice["tax"] == invoice["total"]
        assert sum(one["total"] for one in invoices) == sum(one["amount"] for one in payments)
        assert len(invoices) == 2
        assert len(payments) == 4

    def test_five_real_files_come_out_as_they_went_in(
        self, client: ObjectId, demo_settings: Settings
    ) -> None:
        vault = vault_of(demo_settings)
        records = list(models.PaperRecord.objects(client=client))
        assert sorted(record.kind for record in records) == sorted(
            [*PaperKind, PaperKind.FINANCIAL]
        )
        for record in records:
            paper = unsealed(record)
            content = b"".join(vault.read(record.vault_key, paper.vault_identity))
            assert len(content) == record.size
            jpeg = paper.media_type == "image/jpeg"
            assert content.startswith(b"\xff\xd8\xff" if jpeg else b"%PDF-")
            assert paper.filename.endswith(".jpg" if jpeg else ".pdf")

    @pytest.mark.promise("P22")
    def test_papers_end_as_the_policy_says(self, client: ObjectId) -> None:
        ends = {
            (record.kind, record.closed_year): record.erase_after
            for record in models.PaperRecord.objects(client=client)
        }
        last_year = datetime.now(UTC).year - 1
        assert ends.pop((PaperKind.FINANCIAL, last_year)) == datetime(
            last_year + 8, 1, 1, tzinfo=UTC
        )
        assert set(ends.values()) == {None}, "the others wait for the car at sea"

    def test_thirty_sign_ins_of_which_the_last_are_open(self, client: ObjectId) -> None:
        sign_ins = values(client, "sign-ins")
        assert len(sign_ins) == 30
        assert [one["state"] for one in sign_ins[-3:]] == ["open"] * 3
        assert {one["state"] for one in sign_ins[:-3]} == {"ended"}
        assert len({(one["device"], one["browser"]) for one in sign_ins}) >= 3
        assert all(one["address"].endswith((".0", "::")) for one in sign_ins), "truncated"

    def test_every_code_has_words(self, client: ObjectId) -> None:
        """What the demo shows reads like language; only hashes and page names stand as they are."""
        plain = {"page", "reason_hash", "previous", "hash", "signature", "actor_id"}
        bare = {
            f"{slug}.{field.name}: {one[field.name]}"
            for slug, category in CATEGORIES.items()
            for field in category.shown_fields
            if field.kind is Kind.CODE and field.name not in plain
            for one in values(client, slug)
            if one[field.name] is not None
            and wording.code(one[field.name], lambda text: f"words: {text}") == one[field.name]
        }
        milestones = {
            event["milestone"] for one in values(client, "deliveries") for event in one["events"]
        }
        assert not bare
        assert milestones <= wording.CODES.keys()

    @pytest.mark.promise("P5")
    def test_pages_were_noted_only_while_that_was_allowed(self, client: ObjectId) -> None:
        decided = [one for one in values(client, "consents") if one["choice"] == "analytics"]
        assert [one["granted"] for one in decided] == [True, False]
        begin, end = (one["recorded_at"] for one in decided)
        views = values(client, "usage")
        assert len(views) > 20
        assert all(begin < view["recorded_at"] < end + timedelta(hours=1) for view in views)

    @pytest.mark.promise("P2", "P36")
    def test_the_present_policy_waits_to_be_read(self, client: ObjectId) -> None:
        read = {one["version"]: one["read_at"] for one in values(client, "notices")}
        assert list(read) == ["2023-03", "2024-01"]
        assert read["2023-03"] is not None
        assert read["2024-01"] is None
        assert notices.is_due(client, Client.objects.get(id=client).recorded_at)

    @pytest.mark.promise("P16", "P17")
    def test_the_ledger_tells_of_staff_with_their_reasons(self, client: ObjectId) -> None:
        entries = values(client, "activity")
        staff = [one for one in entries if one["actor"] == "staff:officer"]
        by_staff = [one for one in staff if one["event"] != "disclosure.made"]
        assert len(by_staff) == 4, "two looks without a case, and two on one"
        assert all(len(one["reason"]) > 20 for one in by_staff)
        times = [one["recorded_at"] for one in entries]
        assert times == sorted(times)

    def test_all_chains_verify(self, seeded: list[str]) -> None:
        states = [ledger.verify(one) for one in ledger.clients()]
        assert len(states) > 100
        assert all(state.verified for state in states)

    def test_nothing_lies_in_the_future_or_past_its_end(self, seeded: list[str]) -> None:
        now = datetime.now(UTC)
        for model in models.ALL:
            if not issubclass(model, Record):
                continue
            raw = connection.current().database[model._get_collection_name()]
            assert raw.count_documents({"recorded_at": {"$gt": now}}) == 0
            assert raw.count_documents({"erase_after": {"$lt": now}}) == 0

    def test_a_hundred_other_clients(self, seeded: list[str]) -> None:
        others = 102 + len(open_requests.ASKED) + 1
        assert Client.objects(status="active").count() == others
        assert {order.status for order in models.Order.objects} == set(OrderStatus)
        assert seeded, "a long job shows its progress"


class TestAgain:
    def test_a_second_seed_adds_nothing(self, seeded: list[str], demo_settings: Settings) -> None:
        before = counts()
        assert not demo.seed_if_empty(demo_settings, quiet)
        assert counts() == before

    def test_a_portal_with_clients_is_left_alone(
        self, app: Flask, settings: Settings, tmp_path: Path
    ) -> None:
        used = own(settings, tmp_path, "used")
        with connected(used, app.config["ALKO"]):
            Factory().client()
            before = counts()
            assert not demo.seed_if_empty(used, quiet)
            assert counts() == before
            assert not (used.instance / "demo").exists()


class TestRefusal:
    def test_production_is_refused_before_anything_is_written(
        self, app: Flask, settings: Settings, tmp_path: Path
    ) -> None:
        production = dataclasses.replace(
            own(settings, tmp_path, "production"), environment="production"
        )
        with pytest.raises(demo.DemoRefused, match="production"):
            demo.seed_if_empty(production, quiet)
        assert not (production.instance / "demo").exists()

    def test_production_does_not_start_on_demo_data(
        self, seeded: list[str], demo_settings: Settings
    ) -> None:
        production = dataclasses.replace(demo_settings, environment="production", demo=False)
        with pytest.raises(ConfigurationError, match="demo data"):
            production.check()


@pytest.mark.promise("P4", "P11", "P15")
class TestAtRest:
    SECRETS = (
        *("Élodie", "Marchand", "Kowalska", CLIENT_EMAIL),
        *(rich_client.CONTACT.phone, "39981427", "Tisserands", rich_client.CONTACT.street),
        *(rich_client.IDENTITY.birth_date, "12.04.1988", "12 April 1988", "880412"),
        *(rich_client.IDENTITY.identification_number, rich_client.LICENCE_NUMBER),
        *(rich_client.IBAN, rich_client.IBAN.replace(" ", "")),
    )
    NEEDLES = {text: text.encode() for text in SECRETS}

    def test_no_raw_document_holds_the_plaintext(
        self, seeded: list[str], demo_settings: Settings
    ) -> None:
        seen = 0
        with MongoClient[dict[str, Any]](demo_settings.mongodb_uri) as keyless:
            for name in (demo_settings.database, demo_settings.key_vault_database):
                for collection in keyless[name].list_collection_names():
                    for document in keyless[name][collection].find():
                        seen += 1
                        raw = bson.encode(document)
                        found = [text for text, needle in self.NEEDLES.items() if needle in raw]
                        assert not found, collection
        assert seen > 1_500

    def test_no_file_of_the_instance_holds_the_plaintext(
        self, seeded: list[str], demo_settings: Settings
    ) -> None:
        files = [path for path in demo_settings.instance.rglob("*") if path.is_file()]
        assert len([path for path in files if "vault" in path.parts]) == 9
        for path in files:
            content = path.read_bytes()
            found = [text for text, needle in self.NEEDLES.items() if needle in content]
            assert not found, path.name

    def test_the_search_would_find_it(self, client: ObjectId) -> None:
        """The same needles are in the plaintext: the search above looks for the right things."""
        opened_up = bson.encode({"all": plaintext()}).replace(b"\\/", b"/")
        for text in (CLIENT_EMAIL, "Élodie", "24FX81937", "1988-04-12", "Tisserands"):
            assert self.NEEDLES[text] in opened_up
