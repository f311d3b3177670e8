"""Mail into a folder, and the page that shows it."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko import create_app
from alko.mail import delivery, folder, messages, outbox
from alko.mail.delivery import Result
from alko.mail.kinds import MailKind
from alko.mail.transports import transport_for
from config import ConfigurationError, Settings
from tests.mail.conftest import NewClient
from tests.portal import Portal

LINK = {"link": "/account/sessions"}


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Path]:
    """The running portal's own mailbox, empty."""
    box: Path = app.config["ALKO"].mailbox
    for name in folder.names(box):
        (box / f"{name}.eml").unlink()
    yield box


def send(app: Flask, settings: Settings, client: ObjectId, to: str, kind: MailKind) -> ObjectId:
    mail = outbox.write(kind, client, to, LINK)
    with app.app_context():
        assert delivery.flush(settings, messages.render) == Result(sent=1)
    return mail


def test_a_mail_becomes_a_file_for_its_owner_only(
    app: Flask, folder_settings: Settings, new_client: NewClient, empty_outbox: None
) -> None:
    client, address = new_client()
    mail = send(app, folder_settings, client, address, MailKind.NEW_DEVICE)

    box = folder_settings.mailbox
    assert [path.name for path in box.iterdir()] == [f"{mail}.eml"]
    assert stat.S_IMODE((box / f"{mail}.eml").stat().st_mode) == 0o600
    assert stat.S_IMODE(box.stat().st_mode) == 0o700
    message = folder.read(box, str(mail))
    assert message is not None
    assert message["To"] == address


def test_a_repeat_replaces_its_first_copy(
    app: Flask, folder_settings: Settings, new_client: NewClient
) -> None:
    client, address = new_client()
    with app.app_context():
        content = messages.render(MailKind.NEW_DEVICE, LINK)
    message = messages.compose(folder_settings, content, client, client.generation_time, address)
    transport = transport_for(folder_settings)
    transport.send(message)
    transport.send(message)

    assert folder.names(folder_settings.mailbox) == [str(client)]


def test_a_folder_that_cannot_be_written_puts_the_mail_off(
    app: Flask, folder_settings: Settings, new_client: NewClient, empty_outbox: None
) -> None:
    folder_settings.mailbox.write_text("a file is in the way")
    outbox.write(MailKind.NEW_DEVICE, *new_client(), LINK)

    with app.app_context():
        assert delivery.flush(folder_settings, messages.render) == Result(failed=1)


@pytest.mark.promise("P14")
def test_production_never_writes_mail_into_a_folder(folder_settings: Settings) -> None:
    production = dataclasses.replace(folder_settings, environment="production")

    with pytest.raises(ConfigurationError, match="SMTP_URL"):
        transport_for(production)


def test_the_page_lists_the_newest_first_and_shows_one(
    app: Flask, portal: Portal, mailbox: Path, new_client: NewClient, empty_outbox: None
) -> None:
    settings: Settings = app.config["ALKO"]
    client, address = new_client()
    send(app, settings, client, address, MailKind.NEW_PASSWORD)
    newest = send(app, settings, client, address, MailKind.NEW_DEVICE)

    page = portal.get("/demo/mailbox")
    subjects = [tag.get_text() for tag in page.soup.select(".mail-subject")]
    assert subjects == ["A sign-in from a new device", "Choose a new password"]

    page = portal.get(f"/demo/mailbox/{newest}")
    assert page.text_of("h2.mail-title") == "A sign-in from a new device"
    assert address in page.main
    assert "http://localhost/account/sessions" in page.links
    assert page.soup.select(".mail-body [style]") == [], "the HTML part is not rendered"


def test_an_empty_mailbox_says_so(portal: Portal, mailbox: Path) -> None:
    assert "No mail yet." in portal.get("/demo/mailbox").main


@pytest.mark.parametrize(
    "name",
    [
        "..%2Fsecrets%2Fsession-key",
        "../../config.py",
        "%2e%2e%2fmailbox",
        "0" * 24,
        "0" * 25,
        "000000000000000000000000.eml",
        "%00",
        "😀",
    ],
)
def test_names_of_nothing_are_not_found(portal: Portal, mailbox: Path, name: str) -> None:
    assert portal.get(f"/demo/mailbox/{name}").status == 404


def test_what_a_mail_says_is_shown_as_text(portal: Portal, mailbox: Path) -> None:
    mailbox.mkdir(parents=True, exist_ok=True)
    (mailbox / f"{'a' * 24}.eml").write_text(
        "From: a@example.com\nTo: b@example.com\nSubject: <script>alert(1)</script>\n"
        "Content-Type: text/html\n\n<script>alert(2)</script>"
    )
    page = portal.get(f"/demo/mailbox/{'a' * 24}")

    assert page.status == 200
    assert "<script>alert" not in page.html


def test_without_the_demo_there_is_no_such_page(app: Flask) -> None:
    real = dataclasses.replace(app.config["ALKO"], demo=False, mongodb_uri="")

    rules = {rule.rule for rule in create_app(real).url_map.iter_rules()}

    assert [rule for rule in rules if rule.startswith("/demo")] == []
