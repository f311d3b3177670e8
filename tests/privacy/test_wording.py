"""Values in words: every kind, every code, and what a mask gives away."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from alko.models.client import ClientStatus
from alko.models.communication import Direction, MailStatus
from alko.models.document import PaperKind, PaperStatus
from alko.models.staff import StaffRole
from alko.models.technical import SignInState
from alko.models.transaction import OrderStatus
from alko.privacy import wording
from alko.privacy.accountability.events import EVENTS, Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.inventory.types import Field
from alko.privacy.vocabulary import Purpose

ENGLISH, GERMAN = Locale("en"), Locale("de")
MOMENT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


def words(kind: Kind, value: Any, locale: Locale = ENGLISH, **siblings: Any) -> str:
    field = Field(path="x", label="X", kind=kind)
    return " ".join(wording.in_words(field, value, siblings, str, locale).split())


@pytest.mark.parametrize(
    ("kind", "value", "english", "german"),
    [
        (Kind.MOMENT, MOMENT, "3 Feb 2026, 04:05 UTC", "3 Feb. 2026, 04:05 UTC"),
        (Kind.DATE, "1984-02-29", "29 Feb 1984", "29 Feb. 1984"),
        (Kind.MONEY, 123456, "€1,234.56", "1.234,56 €"),
        (Kind.BYTES, 1_234_567, "1.2 MB", "1,2 MB"),
        (Kind.BYTES, 999, "999 B", "999 B"),
        (Kind.FLAG, True, "Yes", "Yes"),
        (Kind.FLAG, False, "No", "No"),
        (Kind.COUNTRY, "DE", "Germany", "Deutschland"),
        (Kind.COUNTRY, "XX", "XX", "XX"),
        (Kind.NUMBER, 0, "0", "0"),
        (Kind.TEXT, "a b", "a b", "a b"),
        (Kind.CODE, "no such code", "no such code", "no such code"),
        (Kind.LIST, ["a", "b"], "a, b", "a, b"),
        (Kind.CODE, b"\x00\xff", "00ff", "00ff"),
    ],
)
def test_each_kind_reads_well(kind: Kind, value: Any, english: str, german: str) -> None:
    assert words(kind, value) == english
    assert words(kind, value, GERMAN) == german


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_nothing_in_every_kind(kind: Kind) -> None:
    assert words(kind, None) == words(kind, "") == ""


def test_money_is_in_the_currency_beside_it() -> None:
    assert words(Kind.MONEY, -5000, currency="JPY").startswith("-¥")
    assert words(Kind.MONEY, 0, currency="GBP") == "£0.00"


CODED: list[type[StrEnum]] = [
    MailStatus,
    Direction,
    PaperKind,
    PaperStatus,
    SignInState,
    OrderStatus,
    Event,
    Purpose,
]


@pytest.mark.parametrize("codes", CODED, ids=lambda one: one.__name__)
def test_every_code_has_words(codes: type[StrEnum]) -> None:
    for code in codes:
        said = wording.code(code.value, str)
        assert said != code.value, code
        assert "_" not in said
    assert wording.code(ClientStatus.ACTIVE.value, str) == "Active"


def test_no_code_has_two_meanings() -> None:
    every = [code for words in wording.WORDS for code in words]
    assert sorted(every) == sorted(set(every))


def test_everybody_who_acts_has_a_name() -> None:
    actors = [*(Actor.job(job) for job in Job), *(Actor("staff", None, r.value) for r in StaffRole)]
    for actor in [*actors, Actor("client"), Actor.operator()]:
        assert wording.code(actor.code, str) != actor.code


def test_every_event_is_a_sentence_that_ends() -> None:
    cut = re.compile(r"\b(at|by|from|of|with)$")
    assert [event for event, kind in EVENTS.items() if cut.search(kind.sentence)] == []


@pytest.mark.promise("P4", "P15")
@given(st.text(min_size=1, max_size=40))
def test_a_mask_gives_away_three_signs_at_most(text: str) -> None:
    for category in CATEGORIES.values():
        for field in category.fields:
            if field.sensitive:
                masked = wording.masked(field, text)
                shown = masked.removeprefix("••••••")
                assert masked.startswith("••••••")
                assert len(shown) <= 3
                assert text.endswith(shown)
                assert not shown or len(text) >= 8, "of a short one nothing"
                assert not shown or field.kind is not Kind.DATE


@given(st.integers(0, 999 * 10**9))
def test_sizes_are_short(count: int) -> None:
    assert len(wording.size(count, ENGLISH)) <= 9
