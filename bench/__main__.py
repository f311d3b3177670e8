"""``make bench``: prints ratios; every pair runs alternately in one process on one database."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import config
from alko import create_app, demo, preparation
from alko.database.server import embedded_server
from bench import bare, erasing, vault

ROUNDS = 40
WARM_UP = 5
EMAIL = "client@demo.example"
PASSWORD = "correct-horse-demo"
HTMX = {"HX-Request": "true"}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="alko-bench-") as folder,
        embedded_server(Path(folder) / "database") as server,
    ):
        settings = dataclasses.replace(
            config.Settings(),
            environment="development",
            instance=Path(folder),
            mongodb_uri=server.uri,
            rate_sign_in="1000 per minute",
            demo=True,
        )
        app = create_app(settings)
        with app.app_context():
            preparation.prepare(app.config["ALKO"])
            demo.seed_if_empty(app.config["ALKO"])
        compare(app)
        compare_sealing(Path(folder))
        erasing.compare(app.config["ALKO"])


def compare(app: Any) -> None:
    browser = signed_in(app)
    plain = bare.clear_copy(EMAIL, app.config["ALKO"])
    page = browser.get("/my-data").data
    bare_app = bare.application(plain, size=len(page))
    bare_browser = bare_app.test_client()
    copy = take_copy(browser)
    print(f"records of the demo client: {plain.count}")
    print(f"/my-data: {len(page):,} bytes; the copy: {len(copy):,} bytes")
    report(
        "/my-data against a bare Flask view of as much HTML",
        lambda: browser.get("/my-data").data,
        lambda: bare_browser.get("/").data,
        aim=2,
    )
    report(
        "export (pages, JSON, CSV, files, manifest) against JSON and files into a ZIP",
        lambda: take_copy(browser),
        lambda: bare.export(plain),
        aim=3,
    )
    compare_tracking(browser)


def compare_tracking(browser: Any) -> None:
    """What a poll costs against the whole page; an unchanged one sends nothing at all."""
    listed = browser.get("/orders").text
    address = "/orders/" + listed.split('href="/orders/')[1].split('"')[0].split("/")[0]
    tracking = f"{address}/tracking"
    part, whole = browser.get(tracking, headers=HTMX).data, browser.get(address).data
    print(f"tracking: {len(part):,} bytes of part against {len(whole):,} of page")
    report(
        "the tracking partial against the full page",
        lambda: browser.get(tracking, headers=HTMX).data,
        lambda: browser.get(address).data,
        aim=1,
    )


def compare_sealing(folder: Path) -> None:
    ours, theirs = vault.sealing(folder / "bench-vault")
    report("sealing and storing 10 MB against age alone and a file", ours, theirs, aim=1.5)


def signed_in(app: Any) -> Any:
    """A browser that is signed in through the real page."""
    browser = app.test_client()
    form = browser.get("/account/sign-in").text
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.post(
        "/account/sign-in", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    )
    assert answer.status_code == 303, answer.status_code
    return browser


def take_copy(browser: Any) -> bytes:
    if not hasattr(browser, "copy_form"):
        html = browser.get("/my-data/download").text
        token = html.split('name="csrf_token" value="')[1].split('"')[0]
        slugs = [p.split('"')[0] for p in html.split('name="categories" value="')[1:]]
        browser.copy_form = {"csrf_token": token, "categories": slugs}
    answer = browser.post("/my-data/download", data=browser.copy_form)
    content: bytes = answer.data
    assert answer.status_code == 200 and content[:2] == b"PK", answer.status_code
    return content


def report(
    what: str, ours: Callable[[], bytes], theirs: Callable[[], bytes], *, aim: float
) -> None:
    for _ in range(WARM_UP):
        ours()
        theirs()
    our_times, their_times = [], []
    for _ in range(ROUNDS):
        our_times.append(timed(ours))
        their_times.append(timed(theirs))
    our_median, their_median = statistics.median(our_times), statistics.median(their_times)
    print(
        f"{what}:\n"
        f"  {our_median * 1000:.1f} ms against {their_median * 1000:.1f} ms, "
        f"ratio {our_median / their_median:.2f} (aim: at most {aim})"
    )


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
