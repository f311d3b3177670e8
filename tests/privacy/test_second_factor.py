"""The codes themselves: RFC 6238, its test vectors, tolerance, and recovery codes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.privacy.identity import second_factor
from alko.privacy.identity.second_factor import accepted_step

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""The key of RFC 6238, appendix B (SHA-1); its codes have eight digits, ours the last six."""
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


def at(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(seconds, UTC)

    monkeypatch.setattr(second_factor, "datetime", Clock)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard(
    monkeypatch: pytest.MonkeyPatch, seconds: int, code: str
) -> None:
    at(monkeypatch, seconds)
    assert accepted_step(SECRET, code, after=0) == seconds // 30


def test_a_clock_may_be_wrong_by_one_step_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, code = VECTORS[1]
    for steps, accepted in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        at(monkeypatch, seconds + 30 * steps)
        assert (accepted_step(SECRET, code, after=0) is not None) == accepted, steps


def test_a_step_is_accepted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, code = VECTORS[1]
    at(monkeypatch, seconds)
    step = accepted_step(SECRET, code, after=0)
    assert step is not None
    assert accepted_step(SECRET, code, after=step - 1) == step
    assert accepted_step(SECRET, code, after=step) is None
    assert accepted_step(SECRET, code, after=step + 1) is None, "nor an older one after a newer"


@given(st.text(max_size=12))
def test_what_is_no_code_is_refused(typed: str) -> None:
    secret = second_factor.new_secret()
    if "".join(typed.split()) in {pyotp.TOTP(secret).at(datetime.now(UTC), o) for o in (-1, 0, 1)}:
        return
    assert accepted_step(secret, typed, after=0) is None


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_no_code_is_right(secret: Any) -> None:
    assert accepted_step(secret, "000000", after=0) is None


def test_secrets_and_recovery_codes_are_long_and_never_the_same() -> None:
    secrets = {second_factor.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b32decode(secret)) >= 16 for secret in secrets)
    codes = [code for _ in range(20) for code in second_factor.new_recovery_codes()]
    assert len(set(codes)) == len(codes) == 200
    assert all(len(bytes.fromhex(code.replace("-", ""))) == 10 for code in codes)


def test_a_recovery_code_means_the_same_however_it_is_typed() -> None:
    (code, other, *_) = second_factor.new_recovery_codes()
    spellings = (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code}\n")
    assert {second_factor.hashed(one) for one in spellings} == {second_factor.hashed(code)}
    assert second_factor.hashed(other) != second_factor.hashed(code)
    assert code not in second_factor.hashed(code)


def test_the_address_for_apps_says_who_asks() -> None:
    parts = urlsplit(second_factor.setup_uri(SECRET, "Privacy portal"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": ["ALKO Cars"]}
