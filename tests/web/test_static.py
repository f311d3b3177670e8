"""Static files: ours only, found by their content's hash, kept by caches for as long as it fits."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from alko.web import static
from tests.portal import Portal

OWN = sorted(path for path in static.OWN.rglob("*") if path.is_file())
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".py": "text/x-python",
}


def address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return static.static_url(name)


def name_of(path: Path) -> str:
    return path.relative_to(static.OWN).as_posix()


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_a_file_is_kept_under_the_hash_of_its_content(
    app: Flask, portal: Portal, path: Path
) -> None:
    where = address(app, name_of(path))
    page = portal.get(where)
    assert page.status == 200
    assert page.data == path.read_bytes()
    assert page.content_type == TYPES[path.suffix]
    assert hashlib.sha256(page.data).hexdigest()[:16] in where
    for directive in ("public", "immutable", "max-age=31536000"):
        assert directive in page.headers["Cache-Control"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not page.headers.getlist("Set-Cookie")


def test_an_outdated_address_is_not_kept(app: Flask, portal: Portal) -> None:
    page = portal.get("/static/0123456789abcdef/css/base.css")
    assert page.status == 200
    assert "immutable" not in page.headers["Cache-Control"]
    assert "max-age=31536000" not in page.headers["Cache-Control"]


def test_an_unchanged_file_is_not_sent_again(app: Flask, portal: Portal) -> None:
    first = portal.get("/static/0/css/base.css")
    again = portal.get("/static/0/css/base.css", If_None_Match=first.headers["ETag"])
    assert again.status == 304
    assert again.data == b""


def test_htmx_is_the_packaged_one(app: Flask, portal: Portal) -> None:
    with app.test_request_context():
        page = portal.get(static.htmx_url())
    assert page.data == static.HTMX.read_bytes()
    assert page.content_type == "text/javascript"
    assert 'version:"2.' in page.html


@pytest.mark.parametrize(
    "name",
    [
        "../config.py",
        "..%2fconfig.py",
        "%2e%2e/config.py",
        "css/../../config.py",
        "/etc/passwd",
        "css",
        "css/",
        "",
        "css/base.css%00.js",
        "CSS/BASE.CSS",
        ".",
    ],
)
def test_nothing_else_is_served(portal: Portal, name: str) -> None:
    page = portal.get(f"/static/0/{name}")
    assert page.status == 404
    assert b"Settings" not in page.data


@pytest.mark.promise("P8")
@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_no_file_calls_another_host(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r'xmlns(:\w+)?="[^"]*"|"http://www\.w3\.org/[^"]*"', "", text)
    assert "//" not in re.sub(r"(?m)(^|\s)//.*$", "", text)
    assert "@import" not in text
    if path.suffix == ".js":
        assert not re.search(r"\beval\(|new Function\(|document\.write|innerHTML", text)
    if path.suffix == ".svg":
        assert not re.search(r"<script|\bon\w+=|<foreignObject|style=", text)


def test_pages_link_to_present_files_only(app: Flask, portal: Portal) -> None:
    page = portal.get("/")
    linked = [
        str(element.get("src") or element.get("href"))
        for element in page.soup.select("script[src], link[href], img[src]")
    ]
    assert len(linked) > 10
    for where in linked:
        assert "immutable" in portal.get(where).headers["Cache-Control"], where
