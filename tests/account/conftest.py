"""People with an account, and the mail they get."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.mail import delivery, folder, messages
from tests.portal import Portal

NEW_PASSWORD = "four ferries under a paper moon"

Mails = Callable[[str], list[EmailMessage]]


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody with an account of their own, who never signed in."""
    return Factory().client()


@pytest.fixture
def signed_in(app: Flask, person: Person) -> Portal:
    """Their browser; the password counts as given a moment ago."""
    return Portal(app).enter(person.id)


@pytest.fixture
def mails(app: Flask) -> Mails:
    """Lets the worker send what is due, and returns what lies in somebody's mailbox."""
    settings = app.config["ALKO"]

    def delivered(address: str) -> list[EmailMessage]:
        with app.app_context():
            delivery.flush(settings, messages.render)
        found = [folder.read(settings.mailbox, name) for name in folder.names(settings.mailbox)]
        return [mail for mail in found if mail is not None and mail["To"] == address]

    return delivered


def new_address() -> str:
    return f"somebody.{ObjectId()}@mail.example"


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    """The path that the mail's one link leads to."""
    found = [urlsplit(link) for link in re.findall(r"https?://\S+", text_of(mail))]
    (path,) = {link.path for link in found if link.path not in ("", "/")}
    return path
