"""Uploads in a real browser: progress, cancelling, errors, keyboard, telephone, no JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import OpenBrowser, Watched, sign_in
from tests.browser.test_pages import examine

pytestmark = pytest.mark.browser
PATIENCE = 30_000
"""Milliseconds: the inspection of a file starts a process, and machines differ."""
SLOW = 400 * 1024
"""Bytes per second: a file of a megabyte takes seconds, and its progress can be watched."""
MOST_KEYS = 80
FOCUSED = "[document.activeElement.id, document.activeElement.textContent.trim()]"
SEEN = """row => {
    const bar = row.querySelector("progress");
    window.seen = [];
    new MutationObserver(() => window.seen.push(bar.hasAttribute("value") ? bar.value : -1))
        .observe(bar, { attributes: true });
}"""
SPOKEN = """() => {
    window.spoken = [];
    const news = document.getElementById("upload-news");
    new MutationObserver(() => window.spoken.push(news.textContent))
        .observe(news, { childList: true, characterData: true, subtree: true });
}"""


@cache
def noise(colour: int, side: int) -> bytes:
    """A photograph that does not compress; each colour is another file."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 60 + colour).convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def photo(name: str, colour: int = 1, side: int = 120) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": noise(colour, side)}


BROKEN: FilePayload = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
TOO_LARGE: FilePayload = {
    "name": "large.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF" + bytes(15 * 1024 * 1024),
}


class Task:
    """The first task of the page that takes files; its form is opened where it is folded."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.page = page
        page.goto("/documents")
        forms = page.locator("form[data-upload]")
        self.id = str(forms.nth(number).get_attribute("data-upload"))
        self.element = page.locator(f"#task-{self.id}")
        folded = self.element.locator("details.more-files:not([open]) > summary")
        if folded.count():
            folded.click()

    @property
    def input(self) -> Locator:
        return self.page.locator(f"#file-{self.id}")

    @property
    def rows(self) -> Locator:
        return self.element.locator(".upload-row")

    def row(self, name: str) -> Locator:
        return self.rows.filter(has_text=name)

    @property
    def papers(self) -> Locator:
        return self.element.locator(".paper-name a")

    def paper(self, name: str) -> Locator:
        return self.papers.filter(has_text=name)

    def upload(self) -> None:
        self.element.get_by_role("button", name="Upload", exact=True).click()


@pytest.fixture
def slowly(client: Page) -> Iterator[Callable[[], None]]:
    """Makes the line as slow as a telephone's, through Chromium's own network conditions."""
    session = client.context.new_cdp_session(client)

    def throttle(rate: int = SLOW) -> None:
        session.send("Network.enable")
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
        session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": rate})

    yield throttle
    session.detach()


def test_progress_is_shown_while_a_file_is_sent(client: Page, slowly: Callable[[], None]) -> None:
    task = Task(client)
    slowly()
    task.input.set_input_files([photo("slow.jpg", 2, 1500)])
    assert task.input.input_value() == "", "what is on the list is not sent twice"
    row = task.row("slow.jpg")
    expect(row).to_contain_text("MB")
    row.evaluate(SEEN)
    client.evaluate(SPOKEN)
    task.upload()
    expect(row.locator("progress")).to_be_visible()
    expect(row).to_contain_text(re.compile(r"[1-9]\d? % sent"))
    expect(task.paper("slow.jpg")).to_be_visible(timeout=PATIENCE)
    expect(row).to_contain_text("Stored")
    seen = [value for value in client.evaluate("window.seen") if value >= 0]
    assert len({value for value in seen if 0 < value < 100}) >= 3, seen
    assert seen == sorted(seen), "progress never goes back"
    client.wait_for_timeout(300)
    assert "slow.jpg: Stored" in " ".join(client.evaluate("window.spoken"))
    expect(task.element.locator(".task-state")).to_be_visible()


def test_cancelling_stops_it_and_leaves_the_others(
    client: Page, slowly: Callable[[], None]
) -> None:
    task = Task(client)
    slowly()
    task.input.set_input_files([photo("stopped.jpg", 3, 1500), photo("goes-on.jpg", 4)])
    task.upload()
    stopped = task.row("stopped.jpg")
    expect(stopped).to_contain_text(re.compile(r"[1-9]\d? % sent"))
    stopped.get_by_role("button", name="Cancel").click()
    expect(stopped).to_contain_text("Cancelled")
    focused = client.evaluate("document.activeElement.textContent")
    assert "Try again" in focused, "the focus does not fall back to the top of the page"
    expect(task.paper("goes-on.jpg")).to_be_visible(timeout=PATIENCE)
    client.reload()
    expect(task.paper("stopped.jpg")).to_have_count(0)


def test_an_error_says_what_to_do_and_the_file_can_be_sent_again(
    client: Page, watched: Watched
) -> None:
    watched.expected_complaints = ("422", "ERR_INTERNET_DISCONNECTED")
    task = Task(client)
    client.context.set_offline(True)
    task.input.set_input_files([photo("retried.jpg", 5)])
    task.upload()
    row = task.row("retried.jpg")
    expect(row).to_contain_text("The connection broke")
    expect(row).to_contain_text("try again")
    expect(row).to_be_focused()
    client.context.set_offline(False)
    task.input.set_input_files([BROKEN, TOO_LARGE])
    row.get_by_role("button", name="Try again").click()
    expect(task.paper("retried.jpg")).to_be_visible(timeout=PATIENCE)
    expect(task.row("large.pdf")).to_contain_text("larger than 15 MB")
    expect(task.row("large.pdf").get_by_role("button", name="Try again")).to_be_hidden()
    task.upload()
    expect(task.row("broken.jpg")).to_contain_text("not accepted", timeout=PATIENCE)
    expect(task.row("broken.jpg")).to_contain_text("Upload a PDF")
    examine(client)
    task.row("broken.jpg").get_by_role("button", name="Take off the list").click()
    expect(task.row("broken.jpg")).to_have_count(0)
    expect(task.row("large.pdf")).to_be_focused()


def test_other_fields_and_files_stay(client: Page, watched: Watched) -> None:
    """While one task is refused, what was chosen for another is still there."""
    watched.expected_complaints = ("422",)
    task = Task(client)
    other = client.locator("form[data-upload]").nth(1)
    other.evaluate("form => { const d = form.closest('details'); if (d) d.open = true; }")
    other.locator("input[type=file]").set_input_files([photo("kept.jpg", 6)])
    task.input.set_input_files([BROKEN, photo("fine.jpg", 7)])
    task.upload()
    expect(task.paper("fine.jpg")).to_be_visible(timeout=PATIENCE)
    expect(task.row("broken.jpg")).to_contain_text("not accepted")
    expect(other.locator(".upload-row")).to_contain_text("kept.jpg")


def test_dropping_files_is_an_extra(client: Page) -> None:
    task = Task(client)
    carried = client.evaluate_handle(
        """bytes => {
            const data = new DataTransfer();
            const file = [new Uint8Array(bytes)];
            data.items.add(new File(file, "dropped.jpg", { type: "image/jpeg" }));
            return data;
        }""",
        list(noise(8, 60)),
    )
    form = client.locator(f"#upload-{task.id}")
    form.dispatch_event("dragenter", {"dataTransfer": carried})
    expect(form).to_have_class(re.compile("upload--over"))
    form.dispatch_event("drop", {"dataTransfer": carried})
    expect(form).not_to_have_class(re.compile("upload--over"))
    task.upload()
    expect(task.paper("dropped.jpg")).to_be_visible(timeout=PATIENCE)


def test_nothing_chosen_is_said_beside_the_field(client: Page) -> None:
    task = Task(client)
    task.upload()
    expect(task.element).to_contain_text("Choose at least one file first.")
    expect(task.input).to_be_focused()
    assert task.input.get_attribute("aria-invalid") == "true"


def test_a_session_that_ended_loses_no_file(fresh_browser: OpenBrowser, watched: Watched) -> None:
    watched.expected_complaints = ("400",)
    page = fresh_browser().new_page()
    sign_in(page)
    task = Task(page)
    task.input.set_input_files([photo("later.jpg", 9)])
    other = page.context.new_page()
    other.goto("/")
    other.click('form[action="/account/sign-out"] button')
    other.wait_for_url("**/")
    task.upload()
    expect(task.row("later.jpg")).to_contain_text(re.compile("not signed in|too old"))
    assert page.url.endswith("/documents")


def test_by_keyboard_alone(client: Page) -> None:
    """The space bar opens the chooser. What it then gives is put in here, for the chooser itself is
    no part of the page, and catching it is a race that machines under load lose.
    """
    task = Task(client)
    task.input.evaluate(
        "input => input.addEventListener('click', event => {"
        " event.preventDefault(); window.opened = event.isTrusted; })"
    )
    client.evaluate("document.getElementById('main').focus()")
    _tab_to(client, f"file-{task.id}")
    client.keyboard.press("Space")
    client.wait_for_function("window.opened === true")
    task.input.set_input_files([photo("keyboard.jpg", 10)])
    expect(task.row("keyboard.jpg")).to_be_visible()
    _tab_to(client, "Upload")
    client.keyboard.press("Enter")
    expect(task.paper("keyboard.jpg")).to_be_visible(timeout=PATIENCE)
    assert client.evaluate("document.activeElement !== document.body")


def _tab_to(page: Page, wanted: str) -> None:
    """Press the tab key until the element of that id, or the button of that text, has the focus."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def test_on_a_telephone_from_upload_to_removal(
    fresh_browser: OpenBrowser, signed_in_state: Any
) -> None:
    page = fresh_browser(
        storage_state=signed_in_state,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    ).new_page()
    task = Task(page)
    long = "a-name-without-any-spaces-" * 4 + ".jpg"
    task.input.set_input_files([photo(long, 11)])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    task.upload()
    expect(task.paper("a-name-without")).to_be_visible(timeout=PATIENCE)
    examine(page)
    task.paper("a-name-without").click()
    page.locator(".preview summary").click()
    image = page.locator(".preview img")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('.preview img').naturalWidth > 0")
    examine(page)
    page.locator("a", has_text="Remove").click()
    examine(page)
    page.get_by_role("button", name="Remove it for good").click()
    expect(page.locator("#messages")).to_contain_text("Removed")


def test_without_javascript(
    fresh_browser: OpenBrowser, signed_in_state: Any, watched: Watched, tmp_path: Path
) -> None:
    watched.expected_complaints = ("422", "413")
    page = fresh_browser(storage_state=signed_in_state, java_script_enabled=False).new_page()
    task = Task(page)
    task.input.set_input_files([photo("plain.jpg", 12), BROKEN])
    task.upload()
    expect(page.locator(".error-summary")).to_contain_text("broken.jpg")
    expect(task.element.locator("[data-refusal]")).to_contain_text("Upload a PDF")
    expect(task.paper("plain.jpg")).to_be_visible()
    task.input.set_input_files([photo("second.jpg", 13)])
    task.upload()
    expect(page.locator("#messages")).to_contain_text("1 file stored")
    expect(page).to_have_url(re.compile("/documents#task-"))
    task = Task(page)
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF" + bytes(14 * 1024 * 1024))
    task.input.set_input_files([large] * 5)
    task.upload()
    expect(page.locator("main h1")).to_have_text("That is too much at once")
    expect(page.locator("main")).to_contain_text("64 MB")
