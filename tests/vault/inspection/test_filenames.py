"""Names that can be stored, shown, sent and unpacked anywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alko.vault.inspection.filenames import MAXIMUM, MAXIMUM_BYTES, clean_filename
from alko.vault.inspection.types import EXTENSIONS, JPEG, PDF


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("passport.pdf", "passport.pdf"),
        ("Führerschein Ärzte 2.PDF", "Führerschein Ärzte 2.pdf"),
        ("身份证.pdf", "身份证.pdf"),
        ("جواز.pdf", "جواز.pdf"),
        ("photo.jpg", "photo.pdf"),
        ("passport.pdf.exe", "passport.pdf"),
        ("Invoice No. 12", "Invoice No. 12.pdf"),
        ("report v1.2", "report v1.2.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Jane\\scan.pdf", "scan.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("annexe\u202efdp.exe", "annexefdp.pdf"),
        ("\u2066a\u2069\u200b\ufeff.pdf", "a.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
        ("   .  ", "document.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("con.pdf", "_con.pdf"),
        ("nul", "_nul.pdf"),
        ("\ud800a.pdf", "a.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
    ],
)
def test_a_name_keeps_what_is_harmless(given_name: str, kept: str) -> None:
    assert clean_filename(given_name, PDF) == kept


def test_a_long_name_is_cut_but_not_its_extension() -> None:
    assert clean_filename("a" * 500 + ".jpeg", JPEG) == "a" * 116 + ".jpg"
    wide = clean_filename("界" * 500, PDF)
    assert wide.endswith("界.pdf")
    assert len(wide.encode()) <= MAXIMUM_BYTES


@given(name=st.text(max_size=300), kind=st.sampled_from(sorted(EXTENSIONS)))
def test_any_name_becomes_a_good_one(name: str, kind: str) -> None:
    made = clean_filename(name, kind)
    assert made.endswith(EXTENSIONS[kind])
    assert len(made) <= MAXIMUM
    assert len(made.encode()) <= MAXIMUM_BYTES
    assert not set(made) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(each).startswith("C") for each in made)
    assert made[0] not in ". "
    assert clean_filename(made, kind) == made
