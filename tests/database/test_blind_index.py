"""The blind index: equal for spellings that mean the same, silent without its key (promise P4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.database.blind_index import BlindIndex


@pytest.mark.promise("P4")
class TestBlindIndex:
    index = BlindIndex(b"k" * 32)

    @given(st.text())
    def test_says_nothing_of_the_value_and_is_repeatable(self, value: str) -> None:
        found = self.index.of("email", value)
        assert len(found) == 64
        assert found == self.index.of("email", value)
        assert found != BlindIndex(b"j" * 32).of("email", value)
        assert found != self.index.of("phone", value)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Client@Demo.Example", "client@demo.example"),
            (" client@demo.example ", "client@demo.example"),
            ("ＣＬＩＥＮＴ@demo.example", "client@demo.example"),
            ("XH 12 34 56", "xh123456"),
            ("STRASSE", "straße"),
        ],
    )
    def test_spellings_that_mean_the_same(self, one: str, other: str) -> None:
        assert self.index.of("x", one) == self.index.of("x", other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Client@Demo.Example", "client@demo.example"),
            (" client@demo.example ", "client@demo.example"),
            ("x@MÜNCHEN.de", "x@xn--mnchen-3ya.de"),
            ("cafe\u0301@demo.example", "café@demo.example"),
        ],
    )
    def test_addresses_that_are_the_same(self, one: str, other: str) -> None:
        assert self.index.of("email", one) == self.index.of("email", other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("x@straße.de", "x@strasse.de"),
            ("straße@demo.example", "strasse@demo.example"),
            ("οδος@demo.example", "οδοσ@demo.example"),
            ("x@βόλος.com", "x@βόλοσ.com"),
            ("ﬁ@demo.example", "fi@demo.example"),
        ],
    )
    def test_addresses_of_two_owners_differ(self, one: str, other: str) -> None:
        assert self.index.of("email", one) != self.index.of("email", other)
