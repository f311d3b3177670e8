"""Sealing: round trips, damage, errors on either side, abandoned streams, memory."""

import gc
import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alko.vault.sealing import (
    CHUNK,
    BadIdentity,
    SealBroken,
    VaultError,
    new_identity,
    open_stream,
    seal,
)

IDENTITY = new_identity()
OTHER = new_identity()
MEGABYTE = 1024 * 1024


def sealed(plain: bytes, identity: str = IDENTITY) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(plain), target, identity)
    return target.getvalue()


def opened(ciphertext: bytes, identity: str = IDENTITY) -> bytes:
    return b"".join(open_stream(io.BytesIO(ciphertext), identity))


def threads() -> int:
    return sum(thread.name == "vault-open" for thread in threading.enumerate())


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


class Failing(io.BytesIO):
    """Fails on the nth call of `method`, as a full disk or a lost connection does."""

    def __init__(self, content: bytes, method: str, nth: int) -> None:
        super().__init__(content)
        self._method, self._left = method, nth

    def _count(self, method: str) -> None:
        if method == self._method:
            self._left -= 1
            if self._left <= 0:
                raise OSError(28, "No space left on device")

    def read(self, size: int | None = -1, /) -> bytes:
        self._count("read")
        return super().read(size)

    def write(self, data: Any, /) -> int:
        self._count("write")
        return super().write(data)


@pytest.mark.promise("P15")
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3 * CHUNK), st.integers(-2, 2))
def test_what_was_sealed_comes_back(seed: bytes, length: int, around: int) -> None:
    # Lengths next to a multiple of the chunk are where formats in chunks go wrong.
    for size in (length, max(0, length // CHUNK * CHUNK + around)):
        plain = (seed * (size // max(1, len(seed)) + 1))[:size] if seed else b"\0" * size
        target = io.BytesIO()
        report = seal(io.BytesIO(plain), target, IDENTITY)
        assert report.size_plain == len(plain)
        assert report.size_sealed == len(target.getvalue())
        assert report.sha256 == hashlib.sha256(plain).hexdigest()
        assert opened(target.getvalue()) == plain


def test_chunks_are_64_kib() -> None:
    stream = open_stream(io.BytesIO(sealed(b"x" * (2 * CHUNK + 5))), IDENTITY)
    assert [len(chunk) for chunk in stream] == [CHUNK, CHUNK, 5]


@pytest.mark.promise("P13", "P15")
def test_ciphertext_holds_nothing_of_the_plaintext() -> None:
    plain = b"Passport X1234567, Ada Lovelace. " * 5000
    first, second = sealed(plain), sealed(plain)
    assert b"Lovelace" not in first
    assert first[-1000:] != second[-1000:]  # equal files cannot be recognised as equal


@pytest.mark.promise("P15")
@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 255))
def test_one_changed_byte_is_noticed(position: int, change: int) -> None:
    ciphertext = bytearray(sealed(b"secret " * 20_000))
    ciphertext[position % len(ciphertext)] ^= change
    with pytest.raises(SealBroken):
        opened(bytes(ciphertext))


@pytest.mark.promise("P15")
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**40))
def test_a_missing_end_is_noticed(position: int) -> None:
    ciphertext = sealed(b"secret " * 20_000)
    with pytest.raises(SealBroken):
        opened(ciphertext[: position % len(ciphertext)])


def test_an_end_missing_at_a_chunk_boundary_is_noticed() -> None:
    whole = sealed(b"x" * (3 * CHUNK))
    sealed_chunk = CHUNK + 16
    for chunks in (1, 2, 3):
        with pytest.raises(SealBroken):
            opened(whole[: len(whole) - chunks * sealed_chunk])


def test_an_appended_byte_is_noticed() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"x" * CHUNK) + b"!")


@pytest.mark.promise("P15")
def test_another_identity_opens_nothing_and_says_so_at_once() -> None:
    with pytest.raises(SealBroken):
        open_stream(io.BytesIO(sealed(b"secret")), OTHER)


@pytest.mark.parametrize(
    "text",
    ["", "AGE-SECRET-KEY-1", "password", IDENTITY[:-1]],
    ids=["empty", "prefix", "word", "cut short"],
)
def test_what_is_no_identity_is_refused_without_quoting_it(text: str) -> None:
    source = io.BytesIO(b"")
    for attempt in (
        lambda: seal(io.BytesIO(b""), io.BytesIO(), text),
        lambda: open_stream(source, text),
    ):
        with pytest.raises(BadIdentity) as caught:
            attempt()
        assert not text or text not in str(caught.value)
        assert caught.value.__cause__ is None
    assert source.closed


def test_identities_differ() -> None:
    assert len({new_identity() for _ in range(50)}) == 50


@pytest.mark.parametrize("size", [1, 100, MEGABYTE])
def test_a_full_disk_is_not_mistaken_for_success(size: int) -> None:
    # With one byte, pyrage's only write happens in a destructor, and its failure is swallowed.
    with pytest.raises(OSError, match="No space left"):
        seal(io.BytesIO(b"x" * size), Failing(b"", "write", 1), IDENTITY)


def test_a_failing_source_is_reported_as_itself() -> None:
    with pytest.raises(OSError, match="No space left"):
        seal(Failing(b"x" * MEGABYTE, "read", 5), io.BytesIO(), IDENTITY)
    ciphertext = sealed(b"x" * MEGABYTE)
    with pytest.raises(OSError, match="No space left"):
        open_stream(Failing(ciphertext, "read", 1), IDENTITY)
    late = open_stream(Failing(ciphertext, "read", 30), IDENTITY)
    with pytest.raises(OSError, match="No space left"):
        list(late)


def test_damage_in_the_middle_is_raised_after_the_chunks_before_it() -> None:
    ciphertext = bytearray(sealed(b"x" * (10 * CHUNK)))
    ciphertext[-1] ^= 1
    stream = open_stream(io.BytesIO(bytes(ciphertext)), IDENTITY)
    received = 0
    with pytest.raises(VaultError):
        for chunk in stream:
            received += len(chunk)
    assert received == 9 * CHUNK
    assert list(stream) == []  # it stays ended


@pytest.mark.parametrize("how", ["close", "with", "drop", "drop in a cycle", "fail"])
def test_an_abandoned_stream_leaks_nothing(how: str) -> None:
    ciphertext = sealed(b"x" * (4 * MEGABYTE))
    gc.collect()
    assert eventually(lambda: threads() == 0)
    before = descriptors()
    sources = []
    for _ in range(20):
        source = io.BytesIO(ciphertext[:-1] if how == "fail" else ciphertext)
        sources.append(source)
        stream = open_stream(source, IDENTITY)
        next(stream)
        if how == "close":
            stream.close()
            stream.close()
            assert list(stream) == []
        elif how == "with":
            with stream:
                next(stream)
        elif how == "fail":
            with pytest.raises(SealBroken):
                list(stream)
        elif how == "drop in a cycle":
            cycle: list[object] = [stream]
            cycle.append(cycle)
            del cycle
        del stream
    gc.collect()
    assert eventually(lambda: threads() == 0)
    assert eventually(lambda: all(source.closed for source in sources))
    assert descriptors() == before


def test_many_streams_at_once() -> None:
    plains = [os.urandom(3 * CHUNK + number) for number in range(8)]
    streams = [open_stream(io.BytesIO(sealed(plain)), IDENTITY) for plain in plains]
    received = [b""] * len(plains)
    for _ in range(4):
        for number, stream in enumerate(streams):
            received[number] += next(stream, b"")
    assert received == plains


MEASURE = """
import io, os, sys, tempfile
from alko.vault.sealing import new_identity, open_stream, seal

SIZE = 100 * 1024 * 1024

class Endless(io.RawIOBase):
    left = SIZE
    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return b"x" * size

def peak():  # kB; not ru_maxrss, which a child inherits from a large parent
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

identity = new_identity()
small = io.BytesIO()
seal(io.BytesIO(b"warm"), small, identity)
small.seek(0)
list(open_stream(small, identity))
before = peak()
with tempfile.TemporaryFile() as target:
    report = seal(Endless(), target, identity)
    assert report.size_plain == SIZE
    target.seek(0)
    assert sum(map(len, open_stream(target, identity))) == SIZE
print(peak() - before)
"""


def test_a_file_of_100_mb_takes_no_memory() -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    grown = int(run.stdout)
    print(f"peak RSS grew by {grown} kB")
    assert grown < 32 * 1024
