"""Mailed links: dated, bound to one use and one client, worthless once what they change changed."""

from __future__ import annotations

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from alko.privacy.identity.tokens import LinkInvalid, Links, fingerprint

LINKS = Links("a secret of more than thirty-two characters")
CLIENT = ObjectId()


def test_a_link_leads_back_to_its_client_and_what_it_is_bound_to() -> None:
    token = LINKS.make("password", CLIENT, "the hash of today")
    assert LINKS.read("password", token, 60) == (CLIENT, fingerprint("the hash of today"))


def test_a_link_holds_nothing_of_what_it_is_bound_to() -> None:
    assert "argon" not in LINKS.make("password", CLIENT, "$argon2id$...")
    assert fingerprint("a") != fingerprint("b")


def test_a_link_for_one_use_is_none_for_another() -> None:
    token = LINKS.make("registration", CLIENT)
    with pytest.raises(LinkInvalid):
        LINKS.read("password", token, 60)


def test_a_link_signed_elsewhere_is_none() -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read("password", Links("another secret").make("password", CLIENT), 60)


@pytest.mark.parametrize(("age", "works"), [(0, True), (59, True), (61, False), (10**6, False)])
def test_a_link_works_as_long_as_told(
    monkeypatch: pytest.MonkeyPatch, age: int, works: bool
) -> None:
    token = LINKS.make("password", CLIENT)
    now = TimestampSigner("x").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now + age)
    if works:
        assert LINKS.read("password", token, 60)[0] == CLIENT
        return
    with pytest.raises(LinkInvalid):
        LINKS.read("password", token, 60)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_refused_and_breaks_nothing(token: str) -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read("password", token, 60)


@given(st.integers(0, 300), st.integers(1, 255))
def test_no_changed_character_goes_unnoticed(place: int, by: int) -> None:
    token = LINKS.make("password", CLIENT, "bound")
    place %= len(token) - 1  # the last one carries bits that decoding drops
    changed = token[:place] + chr((ord(token[place]) + by) % 256) + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(LinkInvalid):
        LINKS.read("password", changed, 60)


@pytest.mark.parametrize("inside", ["text", 5, None, [], ["x"], ["zz", "y"], [1, 2], {"a": 1}])
def test_genuine_tokens_with_another_content_are_refused(inside: object) -> None:
    token = LINKS._serializer("password").dumps(inside)
    with pytest.raises(LinkInvalid):
        LINKS.read("password", token, 60)
