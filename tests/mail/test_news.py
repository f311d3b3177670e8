"""Marketing: only who opted in, once each, ended by one click without signing in (P23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.mail import campaigns, outbox
from alko.mail.delivery import Result
from alko.mail.kinds import MailKind
from alko.models.client import Client
from alko.models.communication import Mail
from alko.models.consent import Consent, Suppression
from alko.models.housekeeping import Campaign, NewsItem
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.identity.tokens import Links
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import choices, marketing, restriction, suppression
from alko.privacy.rights.marketing import MarketingRefused
from tests.mail.conftest import Flush
from tests.mail.server import MailServer
from tests.portal import Portal

pytestmark = pytest.mark.promise("P23")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def nobody_reads_yet(app: Flask) -> None:
    Consent.raw().delete_many({"choice": "marketing"})
    Mail.raw().delete_many({})
    NewsItem.objects.delete()
    Campaign.objects.delete()


@pytest.fixture
def reader(app: Flask) -> Callable[[], Person]:
    """Makes clients who opted in."""

    def make() -> Person:
        person = Factory().client()
        choices.decide(person.id, Actor.client(person.id), "marketing", True)
        return person

    return make


def links(app: Flask) -> Links:
    return Links(app.config["SECRET_KEY"])


def way_out(app: Flask, person: Person) -> str:
    return f"/news/unsubscribe/{marketing.token(links(app), person.id, person.contact.email)}"


def mail_it(app: Flask) -> str:
    """Ask for the campaign, let the worker write it; returns what the command says then."""
    run = app.test_cli_runner().invoke
    assert run(args=["news", "mail", "winter"]).exit_code == 0
    with app.app_context():
        campaigns.advance()
    done = run(args=["news", "mail", "winter"])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def published(app: Flask) -> None:
    done = app.test_cli_runner().invoke(
        args=["news", "publish", "winter", "-", "--title", "Winter cars"],
        input="Four wheels turn.\n\nHeated <seats>.",
    )
    assert done.exit_code == 0, done.output


def test_news_is_a_page_for_everybody(portal: Portal, published: None) -> None:
    page = portal.get("/news")
    assert "/news/winter" in page.links
    page = portal.get("/news/winter")
    assert page.h1 == "Winter cars"
    assert "Heated <seats>." in page.main
    run = portal.app.test_cli_runner().invoke
    for name, error in (("winter", "published already"), ("Win ter", "small letters")):
        again = run(args=["news", "publish", name, "-", "--title", "X"], input="X")
        assert again.exit_code == 1
        assert error in again.stderr
    assert run(args=["news", "mail", "never"]).exit_code == 1


def test_it_goes_to_who_asked_and_to_nobody_else(
    app: Flask,
    reader: Callable[[], Person],
    published: None,
    flush: Flush,
    mail_server: MailServer,
) -> None:
    wants, changed_mind, restricted = reader(), reader(), reader()
    Factory().client()
    choices.decide(changed_mind.id, Actor.client(changed_mind.id), "marketing", False)
    restriction.restrict(restricted.id, Actor.client(restricted.id), "accuracy", "Wrong.")
    Mail.raw().delete_many({})

    assert "finished: 1 of 3 written, 2 left out." in mail_it(app)
    assert flush() == Result(sent=1)

    (message,) = mail_server.taken
    assert mail_server.recipients == [wants.contact.email]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>")
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert address in part.get_content()
        assert "http://localhost/news/winter" in part.get_content()
    assert wants.contact.email not in address
    page = Portal(app).get(urlsplit(address).path)
    assert page.h1 == "Unsubscribe from news"
    assert choices.granted(wants.id, "marketing"), "following the link changes nothing"


def test_news_is_mailed_once_to_each(
    app: Flask, reader: Callable[[], Person], published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies in the middle; somebody asks for the same news again later."""
    people = {reader().id for _ in range(3)}
    monkeypatch.setattr(campaigns, "BATCH", 2)
    assert app.test_cli_runner().invoke(args=["news", "mail", "winter"]).exit_code == 0

    def crash(*_: Any) -> None:
        raise SystemExit

    with app.app_context(), monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(campaigns, "_note", crash)
        campaigns.advance()
    assert "finished: 3 of 3 written, 0 left out." in mail_it(app)
    mails = list(Mail.raw().find({"kind": "news"}))
    assert len(mails) == 3
    assert {mail["client"] for mail in mails} == people


def test_one_click_needs_no_session_no_token_and_no_second_one(
    app: Flask, reader: Callable[[], Person]
) -> None:
    person = reader()
    address = way_out(app, person)
    for _ in range(2):
        answer = app.test_client().post(address, data=ONE_CLICK)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert Consent.raw().count_documents({"client": person.id}) == 2, "in, and out"
    page = Portal(app).enter(person.id).get("/my-data/consents")
    assert "The unsubscribe link" in page.main


def test_a_person_presses_a_button(portal: Portal, reader: Callable[[], Person]) -> None:
    person = reader()
    portal.get(way_out(portal.app, person))
    page = portal.submit()
    assert page.h1 == "You get no more news"
    assert not choices.granted(person.id, "marketing")


@pytest.mark.parametrize("token", ["x", "x.y.z", "😀"])
def test_a_forged_link_does_nothing(portal: Portal, token: str) -> None:
    assert portal.get(f"/news/unsubscribe/{token}").status == 404
    assert portal.post(f"/news/unsubscribe/{token}", ONE_CLICK).status == 404


@pytest.mark.promise("P7")
def test_what_waits_is_withdrawn_and_service_mail_goes_on(
    app: Flask,
    reader: Callable[[], Person],
    published: None,
    flush: Flush,
    mail_server: MailServer,
) -> None:
    person = reader()
    mail_it(app)
    app.test_client().post(way_out(app, person), data=ONE_CLICK)
    outbox.write(MailKind.PASSWORD_CHANGED, person.id, person.contact.email, {"link": "/account"})

    assert flush() == Result(sent=1)
    assert [message["Subject"] for message in mail_server.taken] == ["Your password was changed"]
    found: Any = Mail.raw().find_one({"kind": "news"})
    assert found["status"] == "withdrawn"


def test_the_outbox_takes_no_marketing_to_a_suppressed_address(
    app: Flask, reader: Callable[[], Person]
) -> None:
    """Even where a decision says yes, for instance after the account took over that address."""
    person = reader()
    index = accounts.email_index(person.contact.email)
    suppression.add(suppression.hash_of(index))
    assert choices.granted(person.id, "marketing")
    paths = {"link": "/news/x"}
    with pytest.raises(MarketingRefused):
        outbox.write(MailKind.NEWS, person.id, person.contact.email, paths)
    stranger = Factory().client()
    with pytest.raises(MarketingRefused):
        outbox.write(MailKind.NEWS, stranger.id, stranger.contact.email, paths)
    assert Mail.raw().count_documents({"kind": "news"}) == 0


@pytest.fixture
def erased(app: Flask, reader: Callable[[], Person]) -> Person:
    """Somebody who unsubscribed, and was erased."""
    person = reader()
    app.test_client().post(way_out(app, person), data=ONE_CLICK)
    run = erasure.schedule(person.id, Actor.client(person.id), at_once=True)
    erasure.execute(run, lambda _: None)
    return person


def test_the_list_outlives_the_account_and_says_nothing_of_it(app: Flask, erased: Person) -> None:
    index = accounts.email_index(erased.contact.email)
    entry: Any = Suppression.raw().find_one({"address_hash": suppression.hash_of(index)})
    stored = repr(entry)
    for trace in (erased.contact.email, str(erased.id), index):
        assert trace not in stored
    assert app.test_client().post(way_out(app, erased), data=ONE_CLICK).status_code == 200
    assert Client.raw().find_one({"_id": erased.id}) is None
    assert Consent.raw().count_documents({"client": erased.id}) == 0

    again = Factory().client(str(ObjectId()), contact=erased.contact)
    assert not choices.granted(again.id, "marketing")
    paths = {"link": "/news/x"}
    with pytest.raises(MarketingRefused):
        outbox.write(MailKind.NEWS, again.id, again.contact.email, paths)
    choices.decide(again.id, Actor.client(again.id), "marketing", True)
    assert outbox.write(MailKind.NEWS, again.id, again.contact.email, paths), "a new decision"
