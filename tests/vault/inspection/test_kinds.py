"""A file is what its content says; everything not on the list is refused with advice that helps."""

from __future__ import annotations

import gzip
import io
import tarfile
import wave

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from alko.vault.inspection import Limits, Refused, inspect
from alko.vault.inspection.jpegs import outline, without_metadata
from alko.vault.inspection.kinds import check_whole, kind_of
from alko.vault.inspection.types import JPEG, REFUSALS
from tests.vault.inspection import making
from tests.vault.inspection.inspecting import LIMITS, passed, refusal
from tests.vault.inspection.making import archive

SVG = (
    b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
)
DOCX = archive(b"<Types/>", name="[Content_Types].xml", packed=True)
ODT = archive(b"application/vnd.oasis.opendocument.text", name="mimetype")


def tar() -> bytes:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as made:
        made.addfile(tarfile.TarInfo("evil"), io.BytesIO())
    return into.getvalue()


def sound() -> bytes:
    into = io.BytesIO()
    with wave.open(into, "wb") as made:
        made.setparams((1, 1, 8000, 8, "NONE", ""))
        made.writeframes(b"\x80" * 8)
    return into.getvalue()


def numbered(cases: list[tuple[bytes, str]]) -> list[str]:
    """Names of cases; archives hold the time, so their bytes would differ between workers."""
    return [f"{number}-{code}" for number, (_, code) in enumerate(cases)]


OTHERS = [
    (SVG, "type_web"),
    (b"<svg onload='alert(1)'/>", "type_web"),
    (b"\xef\xbb\xbf\n<!DOCTYPE html><script>1</script>", "type_web"),
    (b"<html>%PDF-1.4</html>", "type_web"),
    (DOCX, "type_office"),
    (ODT, "type_office"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "type_office"),
    (b"{\\rtf1 hello}", "type_office"),
    (archive(), "type_archive"),
    (archive(bytes(50 << 20), packed=True), "type_archive"),
    (gzip.compress(b"hello"), "type_archive"),
    (tar(), "type_unknown"),
    (making.saved(making.picture(), "GIF"), "type_picture"),
    (making.saved(making.picture(), "GIF") + archive(), "type_picture"),
    (making.saved(making.picture(), "TIFF"), "type_picture"),
    (making.saved(making.picture(), "BMP"), "type_picture"),
    (making.saved(making.picture(), "AVIF"), "type_picture"),
    (making.saved(making.picture(), "JPEG2000"), "type_picture"),
    (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100), "type_video"),
    (sound(), "type_unknown"),
    (b"MZ" + bytes(100), "type_unknown"),
    (b"\x7fELF" + bytes(100), "type_unknown"),
    (b"#!/bin/sh\nrm -rf /\n", "type_unknown"),
    (making.EICAR, "type_unknown"),
    (b"just a letter", "type_unknown"),
    (b"MIME: x\n" + making.scan(), "type_unknown"),
    (b"", "empty"),
    (b"\0" * 5000, "empty"),
    (b" \r\n", "empty"),
]


@pytest.mark.parametrize(("data", "code"), OTHERS, ids=numbered(OTHERS))
@pytest.mark.parametrize("name", ["passport.pdf", "photo.jpg"])
def test_other_kinds_are_refused_whatever_their_name(data: bytes, code: str, name: str) -> None:
    assert refusal(data, name) == code


DOUBLE = [
    (making.scan() + archive(), "polyglot"),
    (making.scan() + archive(packed=True), "polyglot"),
    (making.scan() + b"<html><script>alert(1)</script></html>", "polyglot"),
    (making.jpeg() + archive(), "polyglot"),
    (making.png() + archive(), "polyglot"),
    (making.webp() + archive(), "polyglot"),
    (making.heic() + archive(), "polyglot"),
    (making.jpeg() + making.scan(), "polyglot"),
    (making.png() + SVG, "polyglot"),
    (making.jpeg() + b"\n<?php system($_GET[0]); ?>", "polyglot"),
    (making.jpeg() + b"Rar!\x1a\x07\x00" + bytes(50), "polyglot"),
]


@pytest.mark.parametrize(("data", "code"), DOUBLE, ids=numbered(DOUBLE))
def test_a_second_file_behind_the_first_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_second_file_inside_a_photograph_does_not_survive() -> None:
    hidden = b"<script>evil()</script>" + making.scan() + archive()
    found = passed(making.jpeg(comment=hidden))
    content = found.content.read()
    assert b"evil" not in content
    assert b"%PDF" not in content
    assert b"PK" not in content


def test_a_zip_that_ends_inside_a_pdf_is_refused() -> None:
    """The comment of the archive holds the end of the PDF, so that both are whole."""
    inner = archive()
    pdf = making.scan()
    end = inner[:-2] + len(pdf[-300:]).to_bytes(2, "little")
    assert refusal(pdf[:-300] + b"%" + end + pdf[-300:]) == "polyglot"


def test_size_is_looked_at_first_and_no_more_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= LIMITS.file_bytes + 1
            self.given += size
            return bytes(size)

    endless = Endless()
    with pytest.raises(Refused) as refused:
        inspect(endless, "a", LIMITS)  # type: ignore[arg-type]
    assert refused.value.code == "too_large"
    assert endless.given == LIMITS.file_bytes + 1
    whole = making.jpeg()
    assert refusal(whole, limits=Limits(file_bytes=len(whole) - 1)) == "too_large"


def test_no_refusal_repeats_what_the_file_says() -> None:
    with pytest.raises(Refused) as refused:
        inspect(io.BytesIO(b"Jane Private"), "Jane Private.txt", LIMITS)
    for said in (str(refused.value), repr(refused.value), refused.value.message):
        assert "Jane" not in said
    assert all(message and advice for message, advice in REFUSALS.values())


WHOLE = [making.jpeg(progressive=True), making.png(), making.webp(), making.heic(), making.scan()]


@given(data=st.binary(max_size=600))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_random_bytes_have_a_kind_or_are_refused(data: bytes) -> None:
    for whole in [data, *(whole[:16] + data for whole in WHOLE)]:
        try:
            check_whole(whole, kind_of(whole))
        except Refused:
            continue


@given(data=st.binary(max_size=600))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_outline_of_a_jpeg_never_leaves_it(data: bytes) -> None:
    found = outline(b"\xff\xd8" + data)
    assert all(2 <= each.start < each.end <= len(data) + 2 for each in found.segments)
    assert without_metadata(b"\xff\xd8" + data).startswith(b"\xff\xd8")
    assert without_metadata(data) == data or data.startswith(b"\xff\xd8")


@given(
    whole=st.sampled_from(WHOLE),
    places=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6))
    ),
    cut=st.one_of(st.just(1.0), st.floats(0, 1)),
)
@settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_damaged_files_are_inspected_or_refused_and_nothing_else(
    whole: bytes, places: list[tuple[float, bytes]], cut: float
) -> None:
    data = bytearray(whole)
    for place, junk in places:
        at = int(place * len(data))
        data[at : at + len(junk)] = junk
    del data[int(cut * len(data)) :]
    try:
        found = inspect(io.BytesIO(bytes(data)), "f", LIMITS)
    except Refused as refused:
        assert refused.code in REFUSALS
    else:
        assert kind_of(found.content.getvalue()) == found.media_type
        if found.media_type == JPEG:
            Image.open(found.content).load()
