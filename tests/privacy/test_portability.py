"""The copy holds everything that was put in, field by field, and nothing that must stay (P26)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from babel import Locale
from bs4 import BeautifulSoup
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.records import unsealed
from alko.demo.accounts import TOTP_SECRET
from alko.demo.everything import Everything, everything_about
from alko.demo.factories import Factory
from alko.models import Client, Mail, PaperRecord
from alko.privacy import wording
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.lifecycle import receipts
from alko.privacy.rights import portability
from alko.privacy.vocabulary import Purpose
from alko.vault.access import vault_of
from tests.marks import marks
from tests.portal import Portal
from tests.privacy.copies import Taken

pytestmark = pytest.mark.promise("P26", "P29")
ENGLISH = Locale("en")
MOVING = {("account", "last_active_at")}
"""What taking the copy itself moves on."""


@pytest.fixture(scope="module")
def everything(app: Flask) -> Everything:
    with app.app_context():
        factory = Factory("copy", vault=vault_of(app.config["ALKO"]))
        return everything_about(factory, second_factor=True)


@pytest.fixture(scope="module")
def taken(app: Flask, everything: Everything) -> Taken:
    return Taken.by(app, everything.person.id)


def given(everything: Everything) -> list[tuple[str, str, str, Any]]:
    """Category, record, field and the value that was put in."""
    return [
        (slug, str(record), name, value)
        for (slug, record, name), value in everything.expected.items()
        if (slug, name) not in MOVING
    ]


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=portability.plain))


def test_the_expectations_cover_the_inventory(everything: Everything) -> None:
    """Otherwise a field forgotten by the factories would be missing from the copy unnoticed."""
    covered = {(slug, name) for slug, _, name in everything.expected}
    listed = {(c.slug, f.name) for c in CATEGORIES.values() for f in c.shown_fields}
    assert covered == listed


def test_data_json_holds_every_value(taken: Taken, everything: Everything) -> None:
    for slug, record, name, value in given(everything):
        assert taken.records(slug)[record][name] == as_json(value), (slug, name)


def test_data_json_holds_no_more_than_the_inventory_shows(taken: Taken) -> None:
    assert list(taken.data["categories"]) == list(CATEGORIES)
    for slug, records in taken.data["categories"].items():
        shown = {"id", "erase_after", "readable", *(f.name for f in CATEGORIES[slug].shown_fields)}
        for record in records:
            assert record.keys() == shown, slug


def test_the_tables_hold_every_value(taken: Taken, everything: Everything) -> None:
    tables = {slug: taken.table(slug) for slug in CATEGORIES}
    for slug, record, name, value in given(everything):
        cell, plain = tables[slug][record][name], as_json(value)
        if isinstance(plain, (list, dict)):
            assert json.loads(cell) == plain, (slug, name)
        else:
            assert cell == ("" if plain is None else str(plain)), (slug, name)


def test_the_page_holds_every_value_in_words(taken: Taken, everything: Everything) -> None:
    page = BeautifulSoup(taken.files["index.html"].decode(), "html5lib")
    shown = {
        str(record["id"])[1:]: {
            row.dt.get_text(): " ".join(row.dd.get_text().split())  # type: ignore[union-attr]
            for row in record.select("div")
        }
        for record in page.select("dl.record")
    }
    for slug, record, name, value in given(everything):
        field = CATEGORIES[slug].field(name)
        siblings = {n: v for s, r, n, v in given(everything) if (s, r) == (slug, record)}
        text = shown[record].get(field.label, "")
        if field.kind is Kind.LIST and isinstance(value, list):
            for item in value:
                for part in CATEGORIES[slug].items_of(field):
                    inner = item[part.name.rpartition(".")[2]]
                    assert wording.in_words(part, inner, siblings, str, ENGLISH) in text, name
        elif not (field.kind is Kind.LIST and value):
            worded = wording.in_words(field, value, siblings, str, ENGLISH)
            assert text == " ".join(worded.split()), (slug, name)


def test_the_page_needs_nothing_from_elsewhere(taken: Taken) -> None:
    page = BeautifulSoup(taken.files["index.html"].decode(), "html5lib")
    assert page.select("script, link, img, iframe, [src]") == []
    assert "url(" not in taken.files["index.html"].decode()
    for link in page.select("a[href]"):
        address = str(link["href"])
        if address.startswith("#"):
            assert page.find(id=address[1:]), address
        else:
            assert str(link.get_text()) in taken.files
    labels = [heading.get_text() for heading in page.select("h2")]
    assert labels == [category.label for category in CATEGORIES.values()]


def test_data_json_is_valid_against_the_schema_that_is_published(
    taken: Taken, portal: Portal
) -> None:
    schema = json.loads(taken.files["schema.json"])
    assert schema == portal.get("/my-data/schema.json").json
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    checker.validate(taken.data)


def without_a_member(data: Any) -> None:
    del data["categories"]["orders"][0]["vin"]


def with_more(data: Any) -> None:
    data["categories"]["account"][0]["password_hash"] = "$argon2id$"


def with_another_type(data: Any) -> None:
    data["categories"]["payments"][0]["amount"] = "12.50"


def with_another_category(data: Any) -> None:
    data["categories"]["staff"] = []


@pytest.mark.parametrize(
    "change", [without_a_member, with_more, with_another_type, with_another_category]
)
def test_the_schema_refuses_what_a_copy_must_not_be(taken: Taken, change: Any) -> None:
    data = taken.data
    change(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(taken.files["schema.json"]))


def test_read_back_it_equals_the_dossier(taken: Taken, everything: Everything) -> None:
    """The round trip of P29: a machine that knows only the schema gets the same values."""
    client = everything.person.id
    dossier = Dossier.open(client, Actor.client(client), Purpose.LEGAL, categories=CATEGORIES)
    schema = json.loads(taken.files["schema.json"])["properties"]["categories"]["properties"]
    for slug in CATEGORIES:
        types = schema[slug]["items"]["properties"]
        rows = {str(row.id): row for row in dossier.rows(slug)}
        for number, record in taken.records(slug).items():
            row = rows[number]
            for name, value in row.values.items():
                moment = types[name].get("format") == "date-time" and record[name] is not None
                back = datetime.fromisoformat(record[name]) if moment else record[name]
                if isinstance(value, (bytes, type(client))):
                    value = portability.plain(value)
                assert back == value, (slug, name)
            ends = record["erase_after"]
            assert (ends and datetime.fromisoformat(ends)) == row.erase_after


def test_the_manifest_is_signed_and_every_checksum_is_right(
    app: Flask, taken: Taken, everything: Everything
) -> None:
    assert taken.problems() == []
    assert taken.manifest["client"] == str(everything.person.id)
    public_key = connection.current().signing_key.public_key()
    assert taken.manifest["public_key"] == receipts.public_key_text(public_key)
    assert list(taken.files)[-1] == "manifest.json"


@pytest.mark.parametrize("name", ["index.html", "data.json", "csv/orders.csv", "documents/"])
def test_a_changed_file_is_noticed(taken: Taken, name: str) -> None:
    name = next(one for one in taken.files if one.startswith(name))
    content = taken.files[name]
    changed = Taken({**taken.files, name: content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]})
    assert changed.problems() == [name]
    assert Taken({n: c for n, c in taken.files.items() if n != name}).problems() == [name, name]


def test_a_changed_manifest_is_noticed(taken: Taken) -> None:
    manifest = taken.manifest
    manifest["made_at"] = "2001-01-01T00:00:00+00:00"
    forged = Taken({**taken.files, "manifest.json": json.dumps(manifest).encode()})
    assert forged.problems() == ["signature"]


def test_documents_are_byte_for_byte_what_was_uploaded(
    taken: Taken, everything: Everything
) -> None:
    assert taken.documents() == {str(r): content for r, content in everything.files.items()}
    assert len(everything.files) == 3, "two papers, and a file that came by mail"
    for name in taken.files:
        assert name.isprintable()
        assert not {*'\\:*?"<>|'} & {*name}, name
        assert ".." not in name.split("/")
        assert name.count("/") <= 1
    page = taken.files["index.html"].decode()
    for record in everything.files:
        (name,) = [one for one in taken.files if one.startswith(f"documents/{record}")]
        assert name.endswith(".pdf")
        assert name in BeautifulSoup(page, "html5lib").get_text()


def test_no_secret_is_in_any_file(taken: Taken, everything: Everything) -> None:
    client = everything.person.id
    credentials = unsealed(Client.objects.get(id=client))
    secrets = [credentials.password_hash, "$argon2", TOTP_SECRET, everything.person.password]
    secrets += credentials.recovery_hashes
    for paper in PaperRecord.objects(client=client):
        secrets += [unsealed(paper).vault_identity, paper.vault_key, "AGE-SECRET-KEY"]
    for mail in Mail.objects(client=client):
        secrets += [path.partition(",")[0] for path in unsealed(mail).context.values()]
    account = Client.raw().find_one({"_id": client})
    secrets += [account["email_index"]]
    assert len(secrets) >= 12
    for value in everything.withheld.values():
        secrets += [value] if isinstance(value, str) else []
    for name, content in taken.files.items():
        for secret in secrets:
            assert str(secret).encode() not in content, (name, secret)


def test_what_is_held_and_not_shown_is_named(taken: Taken) -> None:
    for slug, category in CATEGORIES.items():
        secret = [field.label for field in category.fields if field.kind is Kind.SECRET]
        assert taken.data["inventory"][slug]["held_but_not_shown"] == secret


def test_nothing_of_another_client_is_in_it(app: Flask, everything: Everything) -> None:
    with app.app_context():
        other = everything_about(Factory("other copy", vault=vault_of(app.config["ALKO"])))
    files = Taken.by(app, other.person.id).files
    for text in marks(everything):
        assert all(text.encode() not in content for content in files.values())
    mine = Taken.by(app, everything.person.id).files["data.json"]
    assert all(text.encode() in mine for text in marks(everything)), "they would be found"


def test_only_what_was_chosen_is_in_it(app: Flask, everything: Everything) -> None:
    taken = Taken.by(app, everything.person.id, ["orders", "contact"])
    assert list(taken.data["categories"]) == ["contact", "orders"], "in the inventory's order"
    assert taken.documents() == {}
    assert [name for name in taken.files if name.startswith("csv/")] == [
        "csv/contact.csv",
        "csv/orders.csv",
    ]
    assert taken.problems() == []
    jsonschema.validate(taken.data, json.loads(taken.files["schema.json"]))


def test_a_copy_without_records_is_a_whole_copy(app: Flask) -> None:
    taken = Taken.by(app, Factory().client().id)
    assert taken.problems() == []
    assert taken.data["categories"]["orders"] == []
    jsonschema.validate(taken.data, json.loads(taken.files["schema.json"]))


def test_a_file_that_cannot_be_read_takes_nothing_else_away(app: Flask) -> None:
    vault = vault_of(app.config["ALKO"])
    with app.app_context():
        someone = everything_about(Factory("missing file", vault=vault))
    lost = PaperRecord.objects(client=someone.person.id).first()
    vault.remove(lost.vault_key)
    taken = Taken.by(app, someone.person.id)
    assert taken.problems() == []
    documents = taken.documents()
    assert documents.pop(str(lost.pk)) == portability.MISSING_FILE
    assert all(content == someone.files[ObjectId(kept)] for kept, content in documents.items())
    assert documents
    assert any(name.endswith(".missing.txt") for name in taken.files)


def test_taking_a_copy_is_in_the_ledger_with_its_categories(
    app: Flask, everything: Everything
) -> None:
    Taken.by(app, everything.person.id, ["orders"])
    page = Portal(app).enter(everything.person.id).get("/my-data/activity")
    assert f"A copy of the data was taken: {CATEGORIES['orders'].label}" in page.main


def test_without_a_fresh_password_there_is_no_copy(app: Flask, everything: Everything) -> None:
    portal = Portal(app).enter(everything.person.id, fresh=False)
    portal.get("/my-data/download")
    for password, error in (("", "not your password"), ("wrong", "not your password")):
        page = portal.submit("/my-data/download", password=password, categories=["orders"])
        assert page.status == 422
        assert any(error in one for one in page.errors)
        assert page.form("/my-data/download").data.getlist("categories") == ["orders"]
    page = portal.submit("/my-data/download", password=everything.person.password)
    assert page.content_type == "application/zip"
    assert "attachment" in page.headers["Content-Disposition"]
    assert page.headers["Cache-Control"] == "no-store"


def test_nothing_chosen_is_named(app: Flask, everything: Everything) -> None:
    portal = Portal(app).enter(everything.person.id)
    portal.get("/my-data/download")
    page = portal.submit("/my-data/download", categories=[])
    assert page.status == 422
    assert page.errors == ["Choose at least one category."]
    page = portal.post("/my-data/download", {"categories": "staff"})
    assert page.status == 422


def test_sizes_are_shown_before_one_chooses(app: Flask, everything: Everything) -> None:
    page = Portal(app).enter(everything.person.id).get("/my-data/download")
    for slug in CATEGORIES:
        choice = page.soup.select_one(f"#categories-{slug}")
        assert choice is not None
        row = choice.find_parent("li")
        assert row is not None
        assert any(unit in row.get_text() for unit in (" B", " kB", " MB")), slug
