"""One category: every value with its purpose and end; sensitive ones masked until revealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel import Locale
from bson import ObjectId
from flask import Flask

from alko.demo.everything import Everything
from alko.demo.factories import Factory
from alko.models import LedgerEntry, Order, Payment
from alko.models.transaction import PaymentDetails
from alko.privacy import wording
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import PURPOSES
from tests.portal import Page, Portal

ENGLISH = Locale("en")
SENSITIVE = [
    (slug, field)
    for slug, category in CATEGORIES.items()
    for field in category.shown_fields
    if field.sensitive
]


def values(someone: Everything, slug: str) -> dict[ObjectId, dict[str, Any]]:
    """What was put in, by record."""
    found: dict[ObjectId, dict[str, Any]] = {}
    for (category, record, name), value in someone.expected.items():
        if category == slug:
            found.setdefault(record, {})[name] = value
    return found


def shown(page: Page, record: ObjectId) -> dict[str, str]:
    """Label to text, as the page has it for one record."""
    rows = page.soup.select(f"#record-{record} > .record-fields > .record-field")
    return {
        " ".join(next(iter(row.dt.stripped_strings)).split()): value_in(row.dd)  # type: ignore[union-attr]
        for row in rows
    }


def value_in(cell: Any) -> str:
    """The text of a value, without the link to correct it."""
    parts = [part for part in cell.children if part.name != "a" or part.get_text()[:7] != "Correct"]
    return " ".join(" ".join(part.get_text(" ") for part in parts).split())


def in_words(slug: str, name: str, record: dict[str, Any]) -> str:
    field = CATEGORIES[slug].field(name)
    text = wording.in_words(field, record[name], record, str, ENGLISH)
    return " ".join(text.split())


@pytest.mark.promise("P26")
@pytest.mark.parametrize("slug", [slug for slug in CATEGORIES if slug != "activity"])
def test_every_value_is_shown_as_it_was_given(
    client: Portal, someone: Everything, slug: str
) -> None:
    page = client.get(f"/my-data/{slug}")
    category = CATEGORIES[slug]
    compared = 0
    for record, given in values(someone, slug).items():
        texts = shown(page, record)
        for name in given:
            field = category.field(name)
            text = texts.get(field.label, "Nothing held")
            if field.sensitive:
                continue
            if field.kind is Kind.LIST:
                for item in given[name]:
                    for part in category.items_of(field):
                        inner = item[part.name.rpartition(".")[2]]
                        worded = wording.in_words(part, inner, given, str, ENGLISH)
                        seen = " ".join(worded.split()) in text
                        assert seen != (part.sensitive and bool(worded)), (name, part.name)
            elif name != "last_active_at":  # moved on when the test signed in
                assert text == (in_words(slug, name, given) or "Nothing held"), name
            compared += 1
    assert compared


@pytest.mark.promise("P3", "P6", "P9", "P19")
@pytest.mark.parametrize("slug", [slug for slug in CATEGORIES if slug != "activity"])
def test_each_detail_is_explained(client: Portal, slug: str) -> None:
    page = client.get(f"/my-data/{slug}")
    for field in CATEGORIES[slug].shown_fields:
        for purpose in CATEGORIES[slug].purposes_of(field):
            assert PURPOSES[purpose].name in page.main
    for word in ("Purpose", "Lawful basis", "GDPR Art. 6(1)", "Source", "Recipients", "Kept until"):
        assert word in page.main, word


def test_there_are_sensitive_values_to_mask() -> None:
    assert {field.name for _, field in SENSITIVE} >= {"birth_date", "identification_number"}


@pytest.mark.promise("P4", "P15")
def test_sensitive_values_are_in_no_page_until_revealed(
    client: Portal, someone: Everything
) -> None:
    hidden = [
        (slug, value)
        for (slug, _, name), value in someone.expected.items()
        if CATEGORIES[slug].field(name).sensitive
    ]
    for slug, value in hidden:
        html = client.get(f"/my-data/{slug}").html
        assert str(value) not in html, slug
        assert "••••••" in html
        page = client.htmx(f"/my-data/{slug}")
        assert str(value) not in page.html, slug


def reveals(someone: Everything) -> list[tuple[str, ObjectId, str, str]]:
    found = []
    for (slug, record, name), value in someone.expected.items():
        if CATEGORIES[slug].field(name).sensitive and value:
            text = wording.in_words(CATEGORIES[slug].field(name), value, {}, str, ENGLISH)
            found.append((slug, record, name, text))
    return found


@pytest.mark.promise("P4", "P17")
def test_revealing_shows_that_one_value_and_is_in_the_ledger(
    client: Portal, someone: Everything
) -> None:
    for slug, record, name, text in reveals(someone):
        client.get(f"/my-data/{slug}")
        address = f"/my-data/{slug}/{record}/{name}/reveal"
        page = client.submit(address)
        assert page.status == 200
        assert " ".join(text.split()) in page.text_of(f"#field-{record}-{name}")
        others = [other for s, _, n, other in reveals(someone) if s == slug and n != name]
        assert all(other not in page.html for other in others)
        newest = LedgerEntry.objects(client=someone.person.id).order_by("-seq").first()
        assert newest.event == "dossier.revealed"
        assert newest.details == {"field": name, "record": str(record)}
        assert newest.categories == [slug]
        label = CATEGORIES[slug].field(name).label
        told = client.get("/my-data/activity").main
        assert f"A masked value was revealed: {CATEGORIES[slug].label} ({label})" in told
        assert str(text) not in client.get(f"/my-data/{slug}").html, "it is masked again"


@pytest.mark.promise("P4")
def test_htmx_gets_the_records_with_the_value(client: Portal, someone: Everything) -> None:
    slug, record, name, text = reveals(someone)[0]
    client.get(f"/my-data/{slug}")
    token = client.csrf_token()
    address = f"/my-data/{slug}/{record}/{name}/reveal"
    block = client.htmx(address, "POST", {"csrf_token": token, "page": "1"})
    assert block.status == 200
    assert "<html" not in block.html
    assert text in " ".join(block.soup.select_one(f"#field-{record}-{name}").get_text(" ").split())  # type: ignore[union-attr]
    assert block.headers["Cache-Control"] == "no-store"


def test_revealing_by_a_link_or_without_a_token_shows_nothing(
    client: Portal, someone: Everything
) -> None:
    slug, record, name, text = reveals(someone)[0]
    address = f"/my-data/{slug}/{record}/{name}/reveal"
    assert client.get(address).status == 405
    page = client.post(address, {}, token=False)
    assert page.status == 400
    assert text not in page.html


@pytest.mark.parametrize("wrong", ["category", "record", "field", "shown field", "another's"])
def test_what_is_not_there_is_not_found(
    client: Portal, someone: Everything, somebody_else: Everything, wrong: str
) -> None:
    slug, record, name, _ = reveals(someone)[0]
    theirs = next(r for s, r, n, _ in reveals(somebody_else) if (s, n) == (slug, name))
    parts: dict[str, tuple[str, Any, str]] = {
        "category": ("wishes", record, name),
        "record": (slug, ObjectId(), name),
        "field": (slug, record, "shoe_size"),
        "shown field": (slug, record, "full_name"),
        "another's": (slug, theirs, name),
    }
    path = "/my-data/{}/{}/{}/reveal".format(*parts[wrong])
    client.get("/my-data")
    assert client.post(path).status == 404
    if wrong == "category":
        assert client.get("/my-data/wishes").status == 404


@pytest.mark.parametrize("slug", ["registrations", "staff", "Identity", "identity/", "_"])
def test_categories_of_others_are_none(client: Portal, slug: str) -> None:
    assert client.get(f"/my-data/{slug}").status == 404


def test_secrets_are_named_and_never_shown(app: Flask, own: Everything) -> None:
    portal = Portal(app).enter(own.person.id)
    assert own.withheld
    for (slug, _, name), secret in own.withheld.items():
        page = portal.get(f"/my-data/{slug}")
        assert str(secret) not in page.html
        assert "Held too, but never shown" in page.main
        assert CATEGORIES[slug].field(name).label in page.main


@pytest.fixture
def writer(app: Flask) -> tuple[Portal, ObjectId, Factory]:
    """A client with sixty messages, a minute apart."""
    factory = Factory(now=datetime.now(UTC) - timedelta(hours=2))
    person = factory.client()
    messages(factory, person.id, 60)
    return Portal(app).enter(person.id), person.id, factory


def messages(factory: Factory, client: ObjectId, count: int, prefix: str = "Subject") -> None:
    with factory.gathering():
        for number in range(count):
            at = factory.now + timedelta(minutes=number)
            factory.message(client, f"{prefix} {number:03}", "…", sent_at=at)


def titles(page: Page) -> list[str]:
    return [" ".join(title.get_text(" ").split()) for title in page.soup.select(".record-title")]


def following(page: Page, rel: str) -> str | None:
    link = page.soup.select_one(f'.pagination a[rel="{rel}"]')
    return str(link["href"]) if link else None


def test_paging_shows_each_record_once_newest_first(
    writer: tuple[Portal, ObjectId, Factory],
) -> None:
    portal, _, _ = writer
    page = portal.get("/my-data/messages")
    seen = titles(page)
    while address := following(page, "next"):
        page = portal.get(address)
        seen += titles(page)
    assert seen == [f"Subject {number:03}" for number in reversed(range(60))]
    assert "51 to 60 of 60" in page.text
    assert "page 3" in page.title


def test_new_records_do_not_move_the_pages_one_is_reading(
    writer: tuple[Portal, ObjectId, Factory],
) -> None:
    portal, client, _ = writer
    first = portal.get("/my-data/messages")
    later = Factory()
    messages(later, client, 10, "Newcomer")
    second = portal.get(str(following(first, "next")))
    assert titles(second)[0] == "Subject 034"
    back = portal.get(str(following(second, "prev")))
    assert titles(back) == titles(first)
    assert titles(portal.get("/my-data/messages"))[0].startswith("Newcomer")


def test_revealing_stays_on_the_page(app: Flask) -> None:
    """On the third page of a long category, while new records arrive."""
    factory = Factory(now=datetime.now(UTC) - timedelta(hours=2))
    person = factory.client()
    order = factory.order(person.id)
    payments = [pay(factory, order, f"ending {number:04}", number) for number in range(60)]
    portal = Portal(app).enter(person.id)
    third = portal.get(str(following(portal.get("/my-data/payments?page=2"), "next")))
    wanted = payments[5]
    pay(Factory(), order, "ending 9999", 0)
    page = portal.submit(f"/my-data/payments/{wanted.pk}/account_ending/reveal")
    assert "ending 0005" in page.text_of(f"#record-{wanted.pk}")
    assert "51 to 60 of 60" in page.text
    assert titles(page) == titles(third)
    assert titles(portal.get(str(following(page, "prev"))))[-1] != titles(page)[0]


def pay(factory: Factory, order: Order, ending: str, minutes: int) -> Payment:
    details = PaymentDetails(
        amount=100,
        currency="EUR",
        method="card",
        account_ending=ending,
        payer="Ileana Marchetti",
        processor_reference="tx",
    )
    return factory.payment(order, details, factory.now + timedelta(minutes=minutes))


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "", "99999999", "1e3"])
def test_what_is_no_page_number_is_not_found(client: Portal, page: str) -> None:
    assert client.get(f"/my-data/messages?page={page}").status == 404


def test_a_page_beyond_the_last_is_the_last(writer: tuple[Portal, ObjectId, Factory]) -> None:
    portal, _, _ = writer
    assert "51 to 60 of 60" in portal.get("/my-data/messages?page=77").text


@pytest.mark.promise("P19")
def test_each_record_says_when_it_is_erased(client: Portal, someone: Everything) -> None:
    page = client.get("/my-data/messages")
    for record, given in values(someone, "messages").items():
        ends = retention.correspondence_ends(given["recorded_at"])
        assert wording.day(ends, ENGLISH) in page.text_of(f"#record-{record} .record-meta")
