"""The registry of mails, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.mail import messages, outbox
from alko.mail.kinds import MAILS, MailKind, WrongContext
from alko.models.communication import Mail
from tests.mail.conftest import NewClient

LINK = {"link": "/account/sessions?from=mail&again=1"}
ADDRESS = "http://localhost/account/sessions?from=mail&again=1"
PATHS = {**LINK, "unsubscribe": "/news/unsubscribe/x?from=mail&again=1"}


def links_of(kind: MailKind) -> dict[str, str]:
    return PATHS if MAILS[kind].marketing else LINK


def test_every_kind_is_registered() -> None:
    assert set(MAILS) == set(MailKind)


@pytest.mark.promise("P7")
def test_service_mail_has_no_way_out_and_marketing_has_one(app: Flask) -> None:
    assert [kind for kind, about in MAILS.items() if about.marketing] == [MailKind.NEWS]
    for kind, about in MAILS.items():
        with app.app_context():
            content = messages.render(kind, links_of(kind))
        settings, now = app.config["ALKO"], datetime.now(UTC)
        sent = messages.compose(settings, content, ObjectId(), now, "x@mail.example")
        assert ("List-Unsubscribe" in sent) == about.marketing
        assert ("List-Unsubscribe-Post" in sent) == about.marketing


@pytest.mark.promise("P14")
@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_holds_links_to_the_portal_and_nothing_from_elsewhere(
    app: Flask, kind: MailKind
) -> None:
    with app.app_context():
        content = messages.render(kind, links_of(kind))

    expected = {f"http://localhost{path}" for path in links_of(kind).values()}
    assert content.subject == MAILS[kind].subject
    assert content.language == "en"
    assert ADDRESS in content.text.split()
    assert "&amp;" not in content.text
    assert set(re.findall(r"https?://[^\s]+", content.text)) == {*expected, "http://localhost"}
    page = BeautifulSoup(content.html, "html5lib")
    assert {link["href"] for link in page.select("[href]")} == expected
    assert page.select("[src], img, script, link, form, iframe, style") == []
    assert "url(" not in content.html
    assert page.title is not None
    assert page.title.get_text() == content.subject


@pytest.mark.parametrize("kind", MailKind)
def test_text_and_html_say_the_same(app: Flask, kind: MailKind) -> None:
    with app.app_context():
        content = messages.render(kind, links_of(kind))

    shown = " ".join(BeautifulSoup(content.html, "html5lib").body.get_text(" ").split())
    sentences = [line.strip().rstrip(":") for line in content.text.splitlines()]
    assert [line for line in sentences if line not in ("", "--") and line not in shown] == []


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"link": "/account", "name": "Ana Ionescu"},
        {"name": "Ana Ionescu"},
        {"link": "https://elsewhere.example/"},
        {"link": "//elsewhere.example/"},
        {"link": "/\\elsewhere.example/"},
        {"link": "/account\r\nBcc: everybody@example.com"},
        {"link": ""},
    ],
)
def test_a_context_other_than_registered_is_refused(
    new_client: NewClient, context: dict[str, str]
) -> None:
    client, address = new_client()

    with pytest.raises(WrongContext):
        outbox.write(MailKind.NEW_DEVICE, client, address, context)
    assert Mail.raw().count_documents({"client": client}) == 0


def test_a_void_mail_costs_what_a_real_one_costs(new_client: NewClient) -> None:
    client, address = new_client()

    real = _operations(client, address, void=False)
    void = _operations(client, address, void=True)

    assert real == void
    assert len(real) >= 2


def _operations(client: ObjectId, address: str, *, void: bool) -> list[tuple[str, str]]:
    """What the database was asked while one mail was written."""
    database = connection.current().database
    outbox.write(MailKind.NEW_PASSWORD, client, address, LINK)
    database.drop_collection("system.profile")
    database.command("profile", 2)
    try:
        outbox.write(MailKind.NEW_PASSWORD, client, address, LINK, void=void)
    finally:
        database.command("profile", 0)
    asked = database["system.profile"].find({"op": {"$ne": "command"}}).sort("ts", 1)
    return [(entry["op"], entry["ns"]) for entry in asked]
