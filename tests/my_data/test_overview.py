"""At a glance: each category with how much, why and until when."""

from __future__ import annotations

import re

import pytest
from bs4 import Tag
from flask import Flask

from alko.demo.everything import Everything
from alko.demo.factories import Factory
from alko.models.transaction import OrderStatus
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import PURPOSES
from tests.marks import marks
from tests.portal import Page, Portal


def cards(page: Page) -> dict[str, Tag]:
    """Each category's card by its address."""
    found = page.soup.select(".category-grid > li")
    return {str(card.select_one("a[href]")["href"]): card for card in found}  # type: ignore[index]


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def path_of(slug: str) -> str:
    return f"/my-data/{slug}"


@pytest.mark.promise("P3", "P19", "P26")
def test_every_category_is_there_with_how_much_why_and_until(
    client: Portal, someone: Everything
) -> None:
    shown = cards(client.get("/my-data"))
    assert shown.keys() == {path_of(slug) for slug in CATEGORIES}
    for slug, category in CATEGORIES.items():
        text = words(shown[path_of(slug)])
        assert category.label in text
        for purpose in category.purposes:
            assert PURPOSES[purpose].name in text, slug
        count = len({record for found, record, _ in someone.expected if found == slug})
        told = int(re.search(r"(\d+) records?\b", text).group(1))  # type: ignore[union-attr]
        # Looking adds to what is held: the entry of the look, and the session it is made in.
        assert told == count or (slug in ("activity", "sign-ins") and told > count), slug
        (until,) = [
            words(fact.dd)  # type: ignore[arg-type]
            for fact in shown[path_of(slug)].select(".category-facts > div")
            if words(fact.dt) == "Until"  # type: ignore[arg-type]
        ]
        assert re.search(r"\b20\d\d\b|^7 years after|^30 days after|^your account ends", until), (
            slug
        )


def test_the_total_is_the_sum(client: Portal) -> None:
    page = client.get("/my-data")
    counts = [int(re.search(r"(\d+) records?\b", words(c)).group(1)) for c in cards(page).values()]  # type: ignore[union-attr]
    assert f"{sum(counts)} records in all." in page.main


def test_nothing_held_is_said(app: Flask) -> None:
    newcomer = Factory().client()
    shown = cards(Portal(app).enter(newcomer.id).get("/my-data"))
    assert "Nothing held" in words(shown["/my-data/orders"])
    assert "0 records" in words(shown["/my-data/orders"])
    assert "Nothing held" not in words(shown["/my-data/contact"])


def test_each_card_leads_to_its_page(client: Portal) -> None:
    for slug, category in CATEGORIES.items():
        page = client.get(path_of(slug))
        assert page.status == 200
        if slug != "activity":
            assert page.h1 == category.label


@pytest.mark.promise("P19")
def test_the_picture_of_lifetimes_says_the_same_in_a_table(client: Portal) -> None:
    page = client.get("/my-data")
    section = page.soup.select_one('section[aria-labelledby="lifetimes"]')
    assert section is not None
    assert section.select_one("svg") is not None
    rows = [words(row) for row in section.select("table tbody tr")]
    assert len(rows) == len(CATEGORIES)
    for category in CATEGORIES.values():
        assert any(category.label in row for row in rows), category.slug


@pytest.mark.promise("P20")
def test_when_the_account_ends_is_said(app: Flask, client: Portal) -> None:
    assert "If you do not sign in, your account is erased on" in client.get("/my-data").main
    factory = Factory()
    waiting = factory.client()
    factory.order(waiting.id, OrderStatus.SHIPPED)
    page = Portal(app).enter(waiting.id).get("/my-data")
    assert "While an order is open, your account does not expire." in page.main


@pytest.mark.promise("P17")
def test_looking_is_in_the_ledger(client: Portal) -> None:
    client.get("/my-data")
    newest = client.get("/my-data/activity").soup.select("#entries li")[1]
    assert "The overview was shown: counts and dates, no values" in words(newest)


def test_no_value_is_on_the_overview(client: Portal, someone: Everything) -> None:
    html = client.get("/my-data").html
    for text in marks(someone):
        assert text not in html
