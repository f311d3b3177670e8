"""Names of files that clients chose, in the headers of an answer."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from alko.web import downloads


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("passport.jpg", "passport.jpg", "passport.jpg"),
        ("Pässe – 護照.jpg", "Passe  .jpg", "Pässe – 護照.jpg"),
        ('a"b\\..\\c;d%41.jpg', None, None),
        ("../../etc/passwd", "passwd.jpg", "passwd.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", None, None),
        ("gpj.\u202eexe", None, None),
        ("護照.jpg", "document.jpg", "護照.jpg"),
        ("x" * 500 + ".exe", None, None),
        ("", "document.jpg", "document.jpg"),
    ],
)
def test_a_name_in_a_header_is_harmless(name: str, plain: str | None, full: str | None) -> None:
    header = downloads.disposition(name, "image/jpeg", inline=False)
    assert header.isascii() and header.isprintable() and len(header) < 1500
    found = re.fullmatch(r"attachment; filename=\"([^\"\\/%;]+)\"; filename\*=UTF-8''(\S+)", header)
    assert found, header
    assert found[1].endswith(".jpg") and found[2].endswith(".jpg")
    shown = unquote(found[2])
    assert not set(shown) & set('/\\"\r\n\u202e')
    assert plain is None or found[1] == plain
    assert full is None or shown == full


def test_a_type_that_is_not_known_is_never_opened() -> None:
    header = downloads.disposition("page.html", "text/html", inline=False)
    assert header.startswith('attachment; filename="document.bin"')
