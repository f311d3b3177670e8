"""The contract of every store, and what only the local one has.

A new store joins by one more entry in `STORES`. P13 names Cloudinary, so it is the contract with
both stores in it that carries the mark; what only Cloudinary has is in test_cloudinary_store.py.
"""

import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from alko.vault.cloudinary_store import Account, CloudinaryStore
from alko.vault.stores import (
    BadKey,
    LocalStore,
    NotStored,
    Store,
    StoreUnavailable,
    new_key,
)
from tests.vault.cloudinary_server import CloudinaryServer


@contextmanager
def local(folder: Path) -> Iterator[Store]:
    yield LocalStore(folder / "vault")


@contextmanager
def cloudinary(_: Path) -> Iterator[Store]:
    with CloudinaryServer() as server:
        yield CloudinaryStore(Account.of(server.url, server.prefix))


STORES = {"local": local, "cloudinary": cloudinary}

FOREIGN = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "incoming",
    "a" * 39,
    "a" * 41,
    "A" * 40,
    "g" * 40,
    "a" * 40 + "\n",
    "a" * 19 + "/" + "a" * 20,
    "a" * 39 + "\0",
    "a" * 39 + "*",
    "\N{ARABIC-INDIC DIGIT ONE}" * 40,
]


def content(data: bytes) -> Callable[[BinaryIO], int]:
    return lambda target: target.write(data)


def everything(store: Store, key: str) -> bytes:
    with store.open(key) as source:
        return source.read()


@pytest.mark.promise("P13")
@pytest.mark.parametrize("make", STORES.values(), ids=STORES.keys())
class TestContract:
    @pytest.fixture
    def store(
        self, make: Callable[[Path], AbstractContextManager[Store]], tmp_path: Path
    ) -> Iterator[Store]:
        with make(tmp_path) as store:
            yield store

    def test_returns_what_was_put(self, store: Store) -> None:
        key, data = new_key(), os.urandom(200_000)
        assert store.put(key, content(data)) == len(data)
        assert store.exists(key)
        assert everything(store, key) == data

    def test_reads_piecewise(self, store: Store) -> None:
        key = new_key()
        store.put(key, content(b"abcdef"))
        with store.open(key) as source:
            assert [source.read(4), source.read(4), source.read(4)] == [b"abcd", b"ef", b""]

    def test_putting_again_replaces(self, store: Store) -> None:
        key = new_key()
        store.put(key, content(b"a longer first version"))
        store.put(key, content(b"second"))
        assert everything(store, key) == b"second"
        assert list(store.keys()) == [key]

    def test_lists_its_keys(self, store: Store) -> None:
        assert list(store.keys()) == []
        keys = {new_key() for _ in range(5)}
        for key in keys:
            store.put(key, content(b"x"))
        listed = list(store.keys())
        assert set(listed) == keys
        assert len(listed) == 5

    def test_deletes_and_forgives_deleting_again(self, store: Store) -> None:
        key, other = new_key(), new_key()
        store.put(key, content(b"x"))
        store.put(other, content(b"y"))
        for _ in range(2):
            store.delete(key)
            assert not store.exists(key)
        with pytest.raises(NotStored):
            store.open(key)
        assert list(store.keys()) == [other]

    def test_says_when_there_is_nothing(self, store: Store) -> None:
        assert not store.exists(new_key())
        with pytest.raises(NotStored):
            store.open(new_key())
        store.delete(new_key())

    @pytest.mark.parametrize("key", FOREIGN)
    def test_refuses_foreign_keys_everywhere(self, store: Store, key: str) -> None:
        for attempt in (
            lambda: store.put(key, content(b"x")),
            lambda: store.open(key),
            lambda: store.delete(key),
            lambda: store.exists(key),
        ):
            with pytest.raises(BadKey):
                attempt()

    def test_keeps_nothing_of_a_failed_put(self, store: Store) -> None:
        key = new_key()

        def fail(target: BinaryIO) -> None:
            target.write(b"half of it")
            raise RuntimeError("the client went away")

        with pytest.raises(RuntimeError, match="went away"):
            store.put(key, fail)
        assert not store.exists(key)
        assert list(store.keys()) == []

    def test_a_failed_put_leaves_the_earlier_file(self, store: Store) -> None:
        key = new_key()
        store.put(key, content(b"first"))

        def fail(target: BinaryIO) -> None:
            target.write(b"half of the second")
            raise OSError(28, "No space left on device")

        with pytest.raises(StoreUnavailable):
            store.put(key, fail)
        assert everything(store, key) == b"first"

    def test_is_not_there_before_it_is_whole(self, store: Store) -> None:
        key = new_key()

        def write(target: BinaryIO) -> None:
            target.write(b"half")
            assert not store.exists(key)
            assert list(store.keys()) == []

        store.put(key, write)
        assert store.exists(key)

    def test_serves_several_threads(self, store: Store) -> None:
        keys = [new_key() for _ in range(16)]
        writers = [
            threading.Thread(target=store.put, args=(key, content(key.encode()))) for key in keys
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert all(everything(store, key) == key.encode() for key in keys)


def test_keys_are_random_and_say_nothing() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{40}", key) for key in keys)


class TestLocalStore:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "deep" / "vault"

    @pytest.fixture
    def store(self, folder: Path) -> LocalStore:
        return LocalStore(folder)

    def test_holds_an_empty_file(self, store: LocalStore) -> None:
        """Not in the contract: Cloudinary refuses one, and a sealed file is never empty."""
        key = new_key()
        store.put(key, content(b""))
        assert store.exists(key)
        assert everything(store, key) == b""

    def test_only_the_owner_may_look(self, store: LocalStore, folder: Path) -> None:
        before = os.umask(0)
        try:
            store.put(new_key(), content(b"x"))
        finally:
            os.umask(before)
        for path in [folder, *folder.rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path

    def test_narrows_a_folder_that_was_open(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        LocalStore(tmp_path)
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    def test_fans_out_by_prefix(self, store: LocalStore, folder: Path) -> None:
        key = new_key()
        store.put(key, content(b"x"))
        assert (folder / key[:2] / key[2:4] / key).read_bytes() == b"x"

    def test_a_crash_leaves_a_part_which_is_ignored_and_tidied(
        self, store: LocalStore, folder: Path
    ) -> None:
        old, fresh = new_key(), new_key()
        for key in (old, fresh):
            (folder / "incoming" / f"{key}.0badcafe").write_bytes(b"half")
        two_days_ago = time.time() - 2 * 86_400
        os.utime(folder / "incoming" / f"{old}.0badcafe", (two_days_ago, two_days_ago))
        assert list(store.keys()) == []
        assert not store.exists(old)
        assert store.tidy(timedelta(days=1)) == 1
        assert [path.name for path in (folder / "incoming").iterdir()] == [f"{fresh}.0badcafe"]
        assert store.tidy(timedelta(0)) == 1
        assert store.tidy(timedelta(0)) == 0

    def test_a_failed_put_leaves_no_part(self, store: LocalStore, folder: Path) -> None:
        def fail(target: BinaryIO) -> None:
            target.write(b"half")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.put(new_key(), fail)
        assert list((folder / "incoming").iterdir()) == []

    def test_ignores_what_it_did_not_write(self, store: LocalStore, folder: Path) -> None:
        key = new_key()
        (folder / "notes.txt").write_text("x")
        (folder / "zz").mkdir()
        (folder / "ab" / "cd").mkdir(parents=True)
        (folder / "ab" / "cd" / ("f" * 40)).write_text("in the wrong place")
        (folder / "ab" / "cd" / "README").write_text("x")
        store.put(key, content(b"x"))
        assert list(store.keys()) == [key]

    def test_does_not_follow_a_symbolic_link(self, store: LocalStore, folder: Path) -> None:
        key = new_key()
        store.put(key, content(b"x"))
        path = folder / key[:2] / key[2:4] / key
        path.unlink()
        path.symlink_to("/etc/hostname")
        with pytest.raises(StoreUnavailable):
            store.open(key)

    def test_says_when_the_disk_fails_without_naming_a_path(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(StoreUnavailable) as caught:
            LocalStore(tmp_path / "file" / "vault")
        assert str(tmp_path) not in str(caught.value)
