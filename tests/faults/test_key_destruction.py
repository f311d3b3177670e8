"""A key that is gone: its client's values are unreadable everywhere, and nobody else notices."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from alko.demo import rich_client
from alko.demo.accounts import CLIENT_EMAIL, OTHER_EMAIL, PASSWORD
from alko.demo.seed import lasting_id
from alko.privacy.inventory import CATEGORIES
from tests.faults import running
from tests.faults.running import Serving
from tests.faults.visitor import Visitor

FORGOTTEN_WITHIN = 10
"""Seconds until the last process has forgotten a destroyed key."""
CLIENT = lasting_id(f"{CLIENT_EMAIL}/account/1")
SECRETS = (rich_client.CONTACT.street, rich_client.CONTACT.phone)


@pytest.fixture(scope="module")
def servings(copy_of_seeded: Callable[[], Path]) -> Iterator[list[Serving]]:
    """Two portals on one instance: each has a web process, so that one knows whom one asks."""
    instance = copy_of_seeded()
    with ExitStack() as stack:
        both = []
        for _ in range(2):
            both.append(stack.enter_context(Serving(instance, "--demo", WEB_CONCURRENCY="1")))
            both[-1].start()
        yield both


@pytest.mark.promise("P11", "P25")
def test_destroyed_keys_take_exactly_their_client_along(servings: list[Serving]) -> None:
    clients = _signed_in(servings, CLIENT_EMAIL)
    others = _signed_in(servings, OTHER_EMAIL)
    for visitor in clients:
        page = visitor.get("/my-data/contact")
        assert all(secret in page.text for secret in SECRETS), "each process holds the key by now"
    before = [_everything(visitor) for visitor in others]

    with running.database(servings[0].instance) as database:
        keys = database["alko_keys"]["keys"]
        total = keys.count_documents({})
        mine = {"keyAltNames": {"$regex": f"^client/{CLIENT}/"}}
        destroyed = keys.delete_many(mine).deleted_count
        assert destroyed >= 4 and keys.count_documents({}) == total - destroyed
    gone_at = time.monotonic()

    for visitor in clients:
        while any(secret in visitor.get("/my-data/contact").text for secret in SECRETS):
            waited = time.monotonic() - gone_at
            assert waited < FORGOTTEN_WITHIN, f"{visitor.base} still reads after {waited:.1f} s"
            time.sleep(0.2)
    assert time.monotonic() - gone_at < FORGOTTEN_WITHIN

    for visitor in clients:
        for path, status in _everything(visitor).items():
            assert status < 500, (visitor.base, path, status)
        copy = _take_a_copy(visitor)
        assert not any(secret.encode() in copy for secret in SECRETS)
    assert [_everything(visitor) for visitor in others] == before
    for visitor in others:
        assert set(_everything(visitor).values()) == {200}
        assert OTHER_EMAIL.encode() in _take_a_copy(visitor)
    assert "Traceback" not in servings[0].output + servings[1].output


def _signed_in(servings: list[Serving], email: str) -> list[Visitor]:
    """One browser at both portals; they share the instance's secrets, so its cookie is good."""
    visitor = Visitor(servings[0].address)
    visitor.sign_in(email, PASSWORD)
    return [visitor.at(serving.address) for serving in servings]


def _everything(visitor: Visitor) -> dict[str, int]:
    """The status of every page about oneself."""
    pages = ["/my-data", "/my-data/activity", "/my-data/download", "/account/profile"]
    pages += ["/account/sessions", "/account/security"]
    pages += [f"/my-data/{slug}" for slug in CATEGORIES]
    return {page: visitor.get(page).status for page in pages}


def _take_a_copy(visitor: Visitor) -> bytes:
    """All files of the copy, one after the other."""
    assert visitor.get("/my-data/download").status == 200
    page = visitor.submit("main form")
    assert page.status == 200
    with zipfile.ZipFile(io.BytesIO(page.data)) as copy:
        return b"\n".join(copy.read(name) for name in copy.namelist())
