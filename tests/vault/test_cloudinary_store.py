"""What only the Cloudinary store has: signatures, parts, patience, and nothing said to the log."""

from __future__ import annotations

import logging
import os
import re
import socket
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cloudinary.utils
import pytest

from alko.vault import Vault, cloudinary_store
from alko.vault.access import store_of
from alko.vault.cloudinary_store import CHUNK, FOLDER, Account, CloudinaryStore, Patience
from alko.vault.stores import LocalStore, NotStored, StoreError, StoreUnavailable, new_key
from config import Settings
from tests.vault.cloudinary_server import SECRET, CloudinaryServer
from tests.vault.test_stores import content, everything

QUICK = Patience(attempts=3, first=0.01, most=0.02, connect=0.5, read=0.5)


@pytest.fixture
def server() -> Iterator[CloudinaryServer]:
    with CloudinaryServer() as server:
        yield server


@pytest.fixture
def account(server: CloudinaryServer) -> Account:
    return Account.of(server.url, server.prefix)


@pytest.fixture
def store(account: Account) -> CloudinaryStore:
    return CloudinaryStore(account, QUICK)


@pytest.fixture(autouse=True)
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, at whatever level: no secret and no signature in the log."""
    caplog.set_level(logging.DEBUG)
    yield
    # The database's driver logs what it signs itself, from a thread of its own.
    records = [one for one in caplog.records if not one.name.startswith("pymongo")]
    said = "\n".join(f"{one.getMessage()} {one.exc_text or ''}" for one in records)
    assert SECRET not in caplog.text
    assert "signature" not in said.lower()


def put(store: CloudinaryStore, data: bytes = b"sealed") -> str:
    key = new_key()
    store.put(key, content(data))
    return key


@pytest.mark.promise("P13")
class TestWhatIsSent:
    def test_all_is_raw_authenticated_and_under_random_names(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        key = put(store)
        (kept,) = server.kept.values()
        assert (list(server.kept), kept.type) == ([f"{FOLDER}/{key}"], "authenticated")
        (request,) = server.asked("upload")
        said = {"public_id", "type", "overwrite", "invalidate", "timestamp"}
        assert request.params.keys() == said | {"api_key", "signature"}

    def test_a_vault_sends_ciphertext_only(
        self, store: CloudinaryStore, server: CloudinaryServer, tmp_path: Any
    ) -> None:
        plain = b"Passport of Ada Lovelace. " * 1000
        source = tmp_path / "passport-of-ada.pdf"
        source.write_bytes(plain)
        with source.open("rb") as file:
            stored = Vault(store).add(file)
        assert b"".join(Vault(store).read(stored.key, stored.identity)) == plain
        sent = repr([vars(one) for one in server.requests]) + repr(server.kept)
        assert "Lovelace" not in sent
        assert "passport" not in sent
        assert stored.identity not in sent

    def test_a_download_is_signed_and_ends(
        self, store: CloudinaryStore, server: CloudinaryServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = put(store)
        assert everything(store, key) == b"sealed"
        (request,) = server.asked("download")
        left = int(request.params["expires_at"]) - time.time()
        assert 0 < left <= cloudinary_store.ADDRESS_SECONDS <= 600
        monkeypatch.setattr(cloudinary_store, "ADDRESS_SECONDS", -1)
        with pytest.raises(StoreUnavailable, match="401"):
            store.open(key)

    def test_removing_empties_the_caches(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        key = put(store)
        store.delete(key)
        assert server.invalidated == [f"{FOLDER}/{key}"]
        store.delete(key)

    @pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
    def test_a_wrong_secret_opens_nothing(self, server: CloudinaryServer, algorithm: str) -> None:
        right = f"{server.url}?signature_algorithm={algorithm}"
        store = CloudinaryStore(Account.of(right, server.prefix), QUICK)
        key = put(store)
        wrong = Account.of(right.replace(SECRET, "guessed"), server.prefix)
        thief = CloudinaryStore(wrong, QUICK)
        for attempt in (
            lambda: thief.open(key),
            lambda: thief.delete(key),
            lambda: thief.exists(key),
            lambda: list(thief.keys()),
            lambda: thief.put(key, content(b"x")),
        ):
            with pytest.raises(StoreUnavailable) as caught:
                attempt()
            said = "".join(traceback.format_exception(caught.value))
            assert "guessed" not in said
            assert "signature" not in said.lower()
        assert everything(store, key) == b"sealed"

    def test_the_server_of_the_test_believes_no_changed_address(self, account: Account) -> None:
        """Otherwise nothing above would prove anything."""
        store = CloudinaryStore(account, QUICK)
        first, second = put(store), put(store)
        address = cloudinary.utils.private_download_url(
            f"{FOLDER}/{first}", "", expires_at=int(time.time()) + 60, type="authenticated",
            resource_type="raw", **account.options,
        )  # fmt: skip
        changes = (
            (first, second),
            ("authenticated", "upload"),
            (r"expires_at=\d", "expires_at=9"),
            (r"timestamp=\d", "timestamp=2"),
        )
        pool = cloudinary_store._downloads
        assert pool.request("GET", address).status == 200
        for pattern, other in changes:
            assert pool.request("GET", re.sub(pattern, other, address)).status == 401
        assert parse_qs(urlsplit(address).query)["signature"]


class TestLargeFiles:
    def test_goes_in_parts_which_are_put_together(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        data = os.urandom(2 * CHUNK + 17)
        key = put(store, data)
        assert everything(store, key) == data
        spans = [request.headers["Content-Range"] for request in server.asked("upload")]
        assert spans == [
            f"bytes 0-{CHUNK - 1}/{len(data)}",
            f"bytes {CHUNK}-{2 * CHUNK - 1}/{len(data)}",
            f"bytes {2 * CHUNK}-{len(data) - 1}/{len(data)}",
        ]
        uploads = {request.headers["X-Unique-Upload-Id"] for request in server.asked("upload")}
        assert len(uploads) == 1

    def test_a_failed_part_is_sent_again_by_itself(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        data = os.urandom(CHUNK + 1)
        server.fail("upload", drop=True, after=True)  # the part arrives, its answer does not
        key = put(store, data)
        assert everything(store, key) == data
        assert len(server.asked("upload")) == 3

    def test_is_not_there_before_the_last_part(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        whole, key = server.upload, new_key()

        def watched(*args: Any) -> Any:
            assert not store.exists(key)
            return whole(*args)

        server.upload = watched  # type: ignore[method-assign]
        store.put(key, content(os.urandom(CHUNK + 1)))
        assert store.exists(key)

    def test_more_files_than_fit_one_listing(
        self, store: CloudinaryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cloudinary_store, "PAGE", 2)
        keys = {put(store) for _ in range(5)}
        assert sorted(store.keys()) == sorted(keys)


FAULTS = {
    "503": {"status": 503},
    "500": {"status": 500},
    "502 from a proxy": {"status": 502, "body": b"<html>Bad Gateway</html>"},
    "504 as JSON": {"status": 504},
    "a dropped connection": {"drop": True},
    "half an answer": {"drop": True, "after": True},
    "no answer in time": {"hang": 0.8},
}
CALLS = {
    "upload": lambda store, key: store.put(key, content(b"sealed")),
    "download": everything,
    "destroy": lambda store, key: store.delete(key),
    "resource": lambda store, key: store.exists(key),
    "resources": lambda store, _: list(store.keys()),
}


class TestPatience:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    @pytest.mark.parametrize("action", ["upload", "destroy"])
    def test_what_may_work_the_next_time_is_tried_again(
        self, store: CloudinaryStore, server: CloudinaryServer, action: str, fault: Any
    ) -> None:
        key = put(store)
        before = len(server.asked(action))
        server.fail(action, times=2, **fault)
        CALLS[action](store, key)
        assert len(server.asked(action)) - before == 3

    @pytest.mark.parametrize("fault", [f for f in FAULTS if f != "half an answer"])
    def test_so_is_a_download(
        self, store: CloudinaryStore, server: CloudinaryServer, fault: str
    ) -> None:
        key = put(store)
        server.fail("download", times=2, **FAULTS[fault])
        assert everything(store, key) == b"sealed"

    def test_a_download_that_breaks_off_is_said(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        key = put(store, os.urandom(500_000))
        server.fail("download", drop=True, after=True)
        with store.open(key) as source, pytest.raises(StoreUnavailable):
            source.read()

    @pytest.mark.parametrize("action", CALLS)
    def test_but_not_for_ever(
        self, store: CloudinaryStore, server: CloudinaryServer, action: str
    ) -> None:
        key = put(store)
        server.requests.clear()
        server.fail(action, times=99, status=503)
        with pytest.raises(StoreUnavailable):
            CALLS[action](store, key)
        assert len(server.asked(action)) == QUICK.attempts

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 420, 429])
    @pytest.mark.parametrize("action", CALLS)
    def test_a_refusal_is_final(
        self, store: CloudinaryStore, server: CloudinaryServer, action: str, status: int
    ) -> None:
        key = put(store)
        server.requests.clear()
        server.fail(action, times=99, status=status)
        with pytest.raises(StoreUnavailable):
            CALLS[action](store, key)
        assert len(server.asked(action)) == 1

    def test_not_even_a_page_of_a_proxy_is_asked_twice(
        self, store: CloudinaryStore, server: CloudinaryServer
    ) -> None:
        server.fail("upload", times=9, status=413, body=b"<html>too large</html>")
        with pytest.raises(StoreUnavailable):
            put(store)
        assert len(server.asked("upload")) == 1

    def test_nobody_there(self, account: Account) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            prefix = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            store = CloudinaryStore(Account.of("cloudinary://k:s@c", prefix), QUICK)
            for call in CALLS.values():
                with pytest.raises(StoreUnavailable):
                    call(store, new_key())

    def test_the_deadline_ends_it(self, account: Account, server: CloudinaryServer) -> None:
        store = CloudinaryStore(account, Patience(attempts=50, first=0.1, deadline=0.3))
        server.fail("upload", times=99, status=503)
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable):
            put(store)
        assert time.monotonic() - begun < 2

    def test_pauses_grow_and_differ(self) -> None:
        patience = Patience(first=1, most=8)
        for attempt, longest in enumerate([1, 2, 4, 8, 8]):
            pauses = {patience.pause(attempt) for _ in range(50)}
            assert len(pauses) > 10
            assert all(longest / 2 <= pause <= longest for pause in pauses)


class TestAccount:
    def test_what_the_sdk_understands(self) -> None:
        url = "cloudinary://key:word@cloud?upload_prefix=https://api-eu.cloudinary.com/"
        account = Account.of(url)
        assert account.options == {
            "cloud_name": "cloud",
            "api_key": "key",
            "api_secret": "word",
            "upload_prefix": "https://api-eu.cloudinary.com",
            "signature_algorithm": "sha1",
        }
        assert Account.of("cloudinary://k:w@c").upload_prefix == "https://api.cloudinary.com"

    def test_its_secret_is_not_printed(self) -> None:
        assert "word" not in repr(Account.of("cloudinary://key:word@cloud"))

    @pytest.mark.parametrize(
        "url", ["", "https://key:word@cloud", "cloudinary://cloud", "cloudinary://key@cloud"]
    )
    def test_what_is_none_is_not_quoted(self, url: str) -> None:
        with pytest.raises(ValueError, match="cloudinary://key:secret@cloud") as caught:
            Account.of(url)
        assert "word" not in str(caught.value)


class TestSettings:
    def test_the_settings_choose_the_store(self, tmp_path: Path) -> None:
        settings = Settings(instance=tmp_path)
        assert isinstance(store_of(settings), LocalStore)
        chosen = store_of(replace(settings, cloudinary_url="cloudinary://key:word@cloud"))
        assert isinstance(chosen, CloudinaryStore)

    @pytest.mark.promise("P14")
    @pytest.mark.parametrize(
        ("url", "prefix", "problem"),
        [
            ("cloudinary://key:word@cloud", "", False),
            ("cloudinary://key:word@cloud", "https://api-eu.cloudinary.com", False),
            ("cloudinary://key:word@cloud", "http://api.cloudinary.com", True),
            ("cloudinary://key:word@cloud?upload_prefix=http://x", "", True),
            ("https://key:word@cloud", "", True),
        ],
    )
    def test_production_takes_no_other_address(self, url: str, prefix: str, problem: bool) -> None:
        settings = Settings(cloudinary_url=url, cloudinary_upload_prefix=prefix)
        found = [one for one in settings.problems() if "cloudinary" in one.lower()]
        assert bool(found) is problem
        assert "word" not in "".join(found)


def test_an_empty_file_is_refused_before_it_is_sent(
    store: CloudinaryStore, server: CloudinaryServer
) -> None:
    with pytest.raises(StoreError):
        put(store, b"")
    assert server.requests == []


def test_a_file_that_arrived_cut_is_not_called_stored(
    store: CloudinaryStore, server: CloudinaryServer
) -> None:
    whole = server.upload
    server.upload = lambda *args: {**whole(*args), "bytes": 3}  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        put(store)


def test_nothing_is_there(store: CloudinaryStore) -> None:
    with pytest.raises(NotStored):
        store.open(new_key())
