"""Sealing and store together: the whole way of a file, and that no plaintext rests anywhere."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

from alko.vault import StoredFile, Vault
from alko.vault.sealing import BadIdentity, SealBroken, new_identity
from alko.vault.stores import BadKey, LocalStore, NotStored, StoreUnavailable, new_key


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "vault")


@pytest.fixture
def vault(store: LocalStore) -> Vault:
    return Vault(store)


def add(vault: Vault, plain: bytes) -> StoredFile:
    return vault.add(io.BytesIO(plain))


def files(store: LocalStore, tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]


@pytest.mark.promise("P13", "P15")
@pytest.mark.parametrize("size", [0, 1, 65_536, 1_000_000])
def test_a_file_goes_in_sealed_and_comes_out_as_it_was(
    vault: Vault, store: LocalStore, tmp_path: Path, size: int
) -> None:
    plain = (b"Passport of Ada Lovelace. " * (size // 26 + 1))[:size]
    stored = add(vault, plain)
    (path,) = files(store, tmp_path)
    at_rest = path.read_bytes()
    assert stored.size == size
    assert stored.sealed_size == len(at_rest) > size
    assert stored.sha256 == hashlib.sha256(plain).hexdigest()
    assert b"Lovelace" not in at_rest
    assert stored.identity.encode() not in at_rest
    assert b"".join(vault.read(stored.key, stored.identity)) == plain


def test_every_file_has_its_own_key_and_identity(vault: Vault) -> None:
    first, second = add(vault, b"same"), add(vault, b"same")
    assert first.key != second.key
    assert first.identity != second.identity
    with pytest.raises(SealBroken):
        vault.read(first.key, second.identity)


@pytest.mark.promise("P13")
def test_files_exchanged_in_the_store_are_noticed(
    vault: Vault, store: LocalStore, tmp_path: Path
) -> None:
    first, second = add(vault, b"mine"), add(vault, b"yours")
    with store.open(second.key) as source:
        foreign = source.read()
    store.put(first.key, lambda target: target.write(foreign))
    with pytest.raises(SealBroken):
        vault.read(first.key, first.identity)


def test_a_removed_file_is_gone(vault: Vault, store: LocalStore, tmp_path: Path) -> None:
    stored = add(vault, b"secret")
    for _ in range(2):
        vault.remove(stored.key)
    assert files(store, tmp_path) == []
    with pytest.raises(NotStored):
        vault.read(stored.key, stored.identity)


def test_a_source_that_fails_leaves_nothing(
    vault: Vault, store: LocalStore, tmp_path: Path
) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 500_000:
                raise ConnectionResetError("the browser went away")
            return super().read(size)

    with pytest.raises(StoreUnavailable):
        vault.add(Cut(b"x" * 1_000_000))
    assert files(store, tmp_path) == []


def test_errors_come_before_the_first_byte(vault: Vault) -> None:
    stored = add(vault, b"secret")
    with pytest.raises(NotStored):
        vault.read(new_key(), stored.identity)
    with pytest.raises(BadKey):
        vault.read("../../secrets", stored.identity)
    with pytest.raises(BadIdentity):
        vault.read(stored.key, "not an identity")
    with pytest.raises(SealBroken):
        vault.read(stored.key, new_identity())


@pytest.mark.promise("P15")
def test_the_identity_is_not_in_the_repr(vault: Vault) -> None:
    stored = add(vault, b"secret")
    assert stored.identity not in repr(stored)
    assert "AGE-SECRET" not in repr(stored)


WATCHED = """
import io, os, sys
from pathlib import Path
from alko.vault import Vault
from alko.vault.stores import LocalStore

folder = Path(sys.argv[1])
marker = b"MARKER-OF-THE-PLAINTEXT "

def files():
    return [path for path in folder.rglob("*") if path.is_file()]

class Source(io.BytesIO):
    looked = 0
    def read(self, size=-1):
        for path in files():  # in the middle of sealing, whatever is on the disk is ciphertext
            self.looked += 1
            assert marker not in path.read_bytes()
        return super().read(size)

written = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR):
        written.append(args[0])
sys.addaudithook(watch)

vault = Vault(LocalStore(folder))
source = Source(marker * 20_000)
stored = vault.add(source)
assert b"".join(vault.read(stored.key, stored.identity)) == source.getvalue()
assert source.looked > 10
assert written and all(Path(path).is_relative_to(folder) for path in written), written
assert all(marker not in path.read_bytes() for path in files())
"""


@pytest.mark.promise("P13", "P15")
def test_plaintext_never_touches_the_disk(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path / "vault")],
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
