"""Every word a visitor reads passes through gettext, so that a catalogue is all a language needs.

The portal is run in a language in which every message stands in brackets: what stands outside of
them is either data or was forgotten.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from gettext import NullTranslations

import flask_babel
import pytest
from babel import Locale
from bs4 import BeautifulSoup, Comment, Doctype, NavigableString
from flask import Flask

from alko.demo.everything import Everything
from alko.mail import messages
from alko.mail.kinds import MailKind
from alko.privacy.inventory import CATEGORIES
from alko.web import errors
from tests.portal import Page, Portal
from tests.web.addresses import answering

BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
SPOKEN = ("aria-label", "alt", "title", "placeholder", "label")
"""Attributes that are read to somebody; data-…-label as well."""
DATA = re.compile(
    r"""
    \b\d{1,2}\ [A-Z][a-z]{2}\ \d{4}(,\ \d\d:\d\d(:\d\d)?(\ UTC)?)?   # a day or a moment
    | \b[A-Z][a-z]+\ \d{1,2},\ \d{4}(,\s\d{1,2}:\d\d(:\d\d)?\s[AP]M)?
    | \b[\d.,]+\ (B|kB|MB|GB)\b
    | https?://\S+ | ^documents/.*                  # addresses of pages and files
    | \S+@\S+\.\w+                                # addresses of mail
    | \b[0-9a-f]{4}:[0-9a-f:]+                     # addresses of networks
    | \b[A-Z]{1,2}-(\d{4}-)?[0-9A-Z]{6,8}\b       # numbers of orders, references of cases
    | \b([A-Z2-7]{4}\ ){7}[A-Z2-7]{4}\b           # a key of the second factor
    | \bP\d+\b                                   # the number of a promise
    | \b[a-z_]+\.[a-z_]+\b                        # kinds of pages in the usage data
    | \b[0-9a-f]{12,}\b
    | ••••••\S*
    | \bALKO\ Cars\b | \blocalhost\b | \bunknown\b
    """,
    re.VERBOSE,
)
TESTS = re.compile(r"\btests/\S+")
"""What proves a promise."""
COUNTRIES = sorted(Locale("en").territories.values())
"""Their names come from Unicode's tables (CLDR), which know them in every language."""
NOT_WORDS = ("code", "time", "kbd", "script", "style")


class Bracketing(NullTranslations):
    """Stands for a catalogue in which every message has a translation."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.ngettext(msgid1, msgid2, n)

    ugettext, ungettext = gettext, ngettext
    upgettext, unpgettext = pgettext, npgettext


@pytest.fixture(autouse=True)
def bracketing(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Bracketing()
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _: catalogue)


def spoken(soup: BeautifulSoup) -> Iterator[str]:
    """Every piece of text that is shown or read out."""
    for node in soup.find_all(string=True):
        hidden = isinstance(node, (Comment, Doctype)) or not isinstance(node, NavigableString)
        if not hidden and not any(node.find_parent(name) for name in NOT_WORDS):
            yield str(node)
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            if name in SPOKEN or re.fullmatch(r"data-.*label|data-confirm|data-.*what", name):
                yield str(value)


def untranslated(html: str, data: Iterable[str] = ()) -> list[str]:
    """The texts with letters outside of all brackets; ``data`` is what the client gave."""
    known = sorted({" ".join(str(one).split()) for one in data if one}, key=len, reverse=True)
    found = []
    for text in spoken(BeautifulSoup(html, "html5lib")):
        left = text
        while BRACKETED.search(left):
            left = BRACKETED.sub(" ", left)
        left = TESTS.sub(" ", " ".join(left.split()))
        for one in known:
            left = left.replace(one, " ")
        left = DATA.sub(" ", left)
        if re.search(r"[^\W\d_]", left):
            found.append(" ".join(text.split()))
    return found


def data_of(someone: Everything) -> list[str]:
    """What the client gave, as a page shows it."""
    return [*someone.plaintext(), *COUNTRIES]


def forgotten(pages: Iterable[Page], data: Iterable[str] = ()) -> dict[str, list[str]]:
    known = [*data]
    return {
        page.address: texts
        for page in pages
        if page.content_type == "text/html" and (texts := untranslated(shown(page), known))
    }


STORED = {"/privacy/versions/": "main", "/demo/mailbox": ".mail-list ul, .mail-pane article"}
"""Where a text is shown that was put into force, or sent, in the language of its day."""


SECRET = re.compile(r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b")
"""A key for an authenticator app: chance, and no word of any language."""


def shown(page: Page) -> str:
    """The page without texts that were stored in one language, and without random keys."""
    soup = BeautifulSoup(page.html, "html5lib")
    for path, selector in STORED.items():
        if page.address.startswith(path):
            for stored in soup.select(selector):
                stored.decompose()
    return SECRET.sub("", str(soup))


def test_the_test_sees_what_was_forgotten() -> None:
    html = '<p>⟦Hello %s⟧ <b>there</b></p><a aria-label="Close">⟦x ⟦y⟧ z⟧</a><p>6 Nov 2026</p>'
    assert untranslated(html) == ["there", "Close"]


def test_pages_of_visitors(app: Flask, portal: Portal) -> None:
    tested = answering(app, "GET")
    assert len(tested) > 30
    assert forgotten(portal.get(one.path) for one in tested) == {}


def test_pages_of_clients(app: Flask, client: Portal, someone: Everything) -> None:
    paths = [one.path for one in answering(app, "GET")]
    paths += [f"/my-data/{slug}" for slug in CATEGORIES if slug != "usage"]
    assert forgotten((client.get(path) for path in paths), data_of(someone)) == {}


def test_errors_in_forms(portal: Portal, client: Portal, someone: Everything) -> None:
    def pages() -> Iterator[Page]:
        for path in ("/account/register", "/account/sign-in", "/account/forgotten-password"):
            for email in ("", "x", "a\0b@mail.example", "x" * 300):
                portal.address = Portal(portal.app).address  # no limit hides what is looked for
                portal.get(path)
                fields = {"email": email, "password": "x" * 13}
                named = portal.page.form(path).names if portal.page else []
                yield portal.submit(path, **{n: v for n, v in fields.items() if n in named})
        client.get("/account/profile")
        yield client.submit("/account/profile", phone="1", city="x" * 300)
        client.get("/my-data/download")
        yield client.submit("/my-data/download", categories=[])
        client.get("/account/change-password")
        yield client.submit(current_password="x", new_password="short")

    found = list(pages())
    assert {page.status for page in found} == {422}
    assert forgotten(found, data_of(someone)) == {}


@pytest.mark.parametrize("code", sorted(errors.EXPLANATIONS))
def test_pages_of_errors(app: Flask, code: int) -> None:
    with app.test_request_context():
        assert untranslated(errors.page(code).get_data(as_text=True)) == []


@pytest.mark.parametrize("kind", MailKind)
def test_mails(app: Flask, kind: MailKind) -> None:
    with app.app_context():
        content = messages.render(kind, {"link": "/account/sessions"})
    assert untranslated(content.html) == []
    lines = [line for line in content.text.splitlines() if not line.startswith("http")]
    text = "".join(f"<p>{line}</p>" for line in lines)
    assert untranslated(text) == []
    assert content.subject.startswith("⟦")


def test_the_page_inside_a_copy(client: Portal, someone: Everything) -> None:
    client.get("/my-data/download")
    slugs = [slug for slug in CATEGORIES if slug not in ("activity", "usage")]
    page = client.submit("/my-data/download", categories=slugs)
    if page.content_type != "application/zip":
        page = client.submit(
            "/my-data/download", categories=slugs, password=someone.person.password
        )
    html = zipfile.ZipFile(io.BytesIO(page.data)).read("index.html").decode()
    assert untranslated(html, data_of(someone)) == []
