"""Both sides of a case: a browser without JavaScript and a mailbox here, the staff's desk there.

The portal is on a socket, its mail goes over SMTP, and mail to it is piped to its command.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from alko.mail import delivery, messages
from alko.models.staff import StaffRole
from config import Settings
from tests.contact import corpus
from tests.contact.test_command import pipe
from tests.mail.server import MailServer
from tests.portal import HOST
from tests.staffing import at_the_desk

pytestmark = [pytest.mark.browser, pytest.mark.promise("P16", "P32", "P33")]
ADDRESS = "ana.visitor@mail.example"

Reply = Callable[[str, str], None]


@dataclasses.dataclass
class Writer:
    """Somebody without an account: a browser without JavaScript, and a mailbox."""

    page: Page
    mailbox: MailServer
    app: Flask
    settings: Settings

    def newest_mail(self) -> str:
        """The text of the newest mail, once all that waits is sent."""
        with self.app.app_context():
            delivery.flush(self.settings, messages.render)
        mine = [one for one in self.mailbox.taken if ADDRESS in one["To"]]
        text = mine[-1].get_body(("plain",))
        assert text is not None
        return str(text.get_content())

    def follow_newest(self) -> None:
        """Open the case by the link of the newest mail."""
        found = re.search(r"https?://\S+/contact/\S+", self.newest_mail())
        assert found
        self.page.goto(found[0])
        self.page.get_by_role("button", name="Open the case").click()

    def pipe(self, data: bytes) -> None:
        done: subprocess.CompletedProcess[bytes] = pipe(
            self.settings, data, SMTP_URL=self.settings.smtp_url or ""
        )
        assert done.returncode == 0, done.stderr

    def write_by_form(self) -> None:
        self.page.goto("/contact")
        self.page.get_by_label("Email address").fill(ADDRESS)
        self.page.get_by_label("Subject").fill("My new car")
        self.page.get_by_label("Your message").fill("May I choose the colour?")
        self.page.get_by_role("button", name="Check your answers").click()
        self.page.get_by_role("button", name="Send the message").click()
        expect(self.page).to_have_url(re.compile(r"/contact/C-\d{4}-\w{6}/receipt"))

    def write_by_mail(self) -> None:
        self.pipe(corpus.mail("May I choose the colour?", sender=ADDRESS, subject="My new car"))

    def reply_on_the_page(self, words: str, _: str) -> None:
        self.page.get_by_label("Your message").fill(words)
        self.page.get_by_role("button", name="Add the message").click()

    def reply_by_mail(self, words: str, reference: str) -> None:
        self.pipe(corpus.mail(words, sender=ADDRESS, subject=f"Re: news of {reference}"))


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def portal_settings(app: Flask, mailbox: MailServer) -> Iterator[Settings]:
    """The portal on a socket, with its mail going to the mailbox; its settings."""
    before: Settings = app.config["ALKO"]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://{HOST}:{server.port}"
    app.config["ALKO"] = dataclasses.replace(before, base_url=address, smtp_url=mailbox.url)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app.config["ALKO"]
    server.shutdown()
    thread.join()
    app.config["ALKO"] = before


@pytest.fixture
def writer(
    chromium: Browser, app: Flask, mailbox: MailServer, portal_settings: Settings
) -> Iterator[Writer]:
    context = chromium.new_context(base_url=portal_settings.base_url, java_script_enabled=False)
    yield Writer(context.new_page(), mailbox, app, portal_settings)
    context.close()


@pytest.fixture
def agent(chromium: Browser, app: Flask, portal_settings: Settings) -> Iterator[Page]:
    """An agent at the desk for messages."""
    cookie = at_the_desk(app, StaffRole.AGENT).client.get_cookie("alko_session")
    assert cookie
    context = chromium.new_context(base_url=portal_settings.base_url, reduced_motion="reduce")
    context.add_cookies(
        [{"name": "alko_session", "value": cookie.value, "url": portal_settings.base_url}]
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("way", ["form", "mail"])
def test_written_answered_and_closed(writer: Writer, agent: Page, way: str) -> None:
    write, reply = {
        "form": (writer.write_by_form, writer.reply_on_the_page),
        "mail": (writer.write_by_mail, writer.reply_by_mail),
    }[way]
    write()
    writer.follow_newest()
    reference = urlsplit(writer.page.url).path.split("/")[2]
    expect(writer.page.locator("main")).to_contain_text("May I choose the colour?")

    agent.goto("/staff/messages?view=nobody")
    agent.click(f"a[href*='{reference}']")
    assert "choose the colour" not in agent.content()
    agent.get_by_role("button", name="Take the case").click()
    expect(agent.locator("main")).to_contain_text("May I choose the colour?")
    agent.get_by_role("textbox", name="Answer").fill("Of course: red or blue.")
    agent.get_by_role("button", name="Send the answer").click()
    expect(agent.locator("#conversation")).to_contain_text("red or blue")

    assert "red or blue" not in writer.newest_mail(), "mails hold links, no content"
    writer.follow_newest()
    expect(writer.page.locator("main")).to_contain_text("Of course: red or blue.")
    reply("Blue, please.", reference)

    agent.reload()
    expect(agent.locator("#conversation")).to_contain_text("Blue, please.")
    agent.get_by_role("button", name="Close the case").click()
    expect(agent.locator("main")).to_contain_text("Closed")
    writer.page.reload()
    expect(writer.page.locator("main")).to_contain_text("Blue, please.")
    expect(writer.page.locator("main")).to_contain_text("Closed")
