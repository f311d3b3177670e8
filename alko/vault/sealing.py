"""Sealing uploaded files with age (X25519, ChaCha20-Poly1305) in bounded memory.

Promises P13 and P15: what leaves this process for a store is ciphertext, and plaintext is never
written to a disk. Every file has its own identity, so that two files cannot be exchanged for one
another without the exchange being noticed.
"""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Self

import pyrage
from pyrage import x25519

CHUNK = 64 * 1024
"""Bytes per chunk of plaintext that `open_stream` yields (the last may be shorter)."""
SMALL = 256 * 1024
"""Bytes of ciphertext up to which a file is decrypted at once, in memory."""


class VaultError(Exception):
    """Anything that went wrong in the vault. The messages hold no personal data and no key."""


class BadIdentity(VaultError):
    """The text is no age identity at all (as opposed to the wrong one)."""


class SealBroken(VaultError):
    """The ciphertext was changed or cut short, or the identity is not the one it was sealed to."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What sealing learned about a file: sizes in bytes, SHA-256 of the plaintext in hex."""

    size_plain: int
    size_sealed: int
    sha256: str


def new_identity() -> str:
    """Return a fresh age identity (`AGE-SECRET-KEY-1…`, 74 characters).

    It is the only thing that opens the file: keep it in the document's sealed record, never beside
    the ciphertext. Destroying it erases the file in every copy (P25).
    """
    return str(x25519.Identity.generate())


def seal(source: BinaryIO, target: BinaryIO, identity: str) -> SealedFile:
    """Encrypt `source` up to its end into `target`; neither is closed. Memory use is constant.

    Raises `BadIdentity`, and what `seal_to` raises.
    """
    return seal_to(source, target, str(_parse(identity).to_public()))


def seal_to(source: BinaryIO, target: BinaryIO, recipient: str) -> SealedFile:
    """The same, to a public key (`age1…`): whoever seals cannot open it again.

    Raises whatever reading `source` or writing `target` raises: after any exception `target` holds
    a useless fragment which the caller throws away.
    """
    plain, sealed = _Reader(source, hashed=True), _Writer(target)
    try:
        pyrage.encrypt_io(plain, sealed, [x25519.Recipient.from_str(recipient)])
    except Exception as error:
        raise plain.error or sealed.error or VaultError("the file could not be sealed") from error
    # pyrage 1.4.0 returns normally although the last write failed (a full disk, say): it flushes
    # in a destructor, which has nobody to tell. Without this line a lost file would look stored.
    if failure := plain.error or sealed.error:
        raise failure
    return SealedFile(plain.size, sealed.size, plain.sha256.hexdigest())


def open_stream(source: BinaryIO, identity: str) -> "PlainStream":
    """Decrypt `source` on the fly, as an iterator over chunks of 64 KiB; takes `source` over.

    The first chunk is decrypted before this returns, so that a wrong identity or a damaged header
    is known before a caller has sent a status line. Every chunk yielded is authentic, but only the
    end of the iteration shows that none is missing: treat an exception on the way as "no file".

    Raises `BadIdentity`, `SealBroken`, and what reading `source` raises, here or while iterating.
    `source` is closed when the stream ends, fails, is closed or is dropped.
    """
    try:
        key = _parse(identity)
        head = _head(source)
        if len(head) <= SMALL:
            source.close()
            return _SmallStream(head, key)
        return PlainStream(_Rejoined(head, source), key)  # type: ignore[arg-type]
    except BaseException:
        source.close()
        raise


def _head(source: BinaryIO) -> bytes:
    """The first bytes of the ciphertext: one more than SMALL, or all there is."""
    head = bytearray()
    while len(head) <= SMALL and (piece := source.read(SMALL + 1 - len(head))):
        head += piece
    return bytes(head)


class _Rejoined:
    """A source whose beginning was read already."""

    def __init__(self, head: bytes, source: BinaryIO) -> None:
        self._head, self._source = head, source

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._source.read(size)
        taken = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(taken) :]
        return taken + self._source.read() if size < 0 else taken

    def close(self) -> None:
        self._source.close()


class PlainStream(Iterator[bytes]):
    """The plaintext of one sealed file; also a context manager. For one consumer, in one thread.

    pyrage pushes plaintext into a writer while a response pulls it. A thread pushes into a pipe:
    the kernel bounds it (64 KiB), and closing the reading end wakes and ends the thread, which
    also holds when the garbage collector does it at an awkward moment (a queue's lock would not).
    """

    def __init__(self, source: BinaryIO, key: x25519.Identity) -> None:
        self._reading: int | None = None
        self._outcome = _Outcome()
        reading, writing = os.pipe()
        # The thread must not refer to the stream: a dropped stream could then never be collected.
        self._thread = threading.Thread(
            target=_decrypt_into,
            args=(source, writing, key, self._outcome),
            name="vault-open",
            daemon=True,
        )
        try:
            self._thread.start()
        except BaseException:
            os.close(reading)
            os.close(writing)
            raise
        self._reading = reading
        self._ready: bytes | None = self._pull()

    def __next__(self) -> bytes:
        chunk, self._ready = self._ready, None
        if chunk is None:
            chunk = self._pull()
        if not chunk:
            raise StopIteration
        return chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._release()

    def close(self) -> None:
        """Stop decrypting and wait until the thread has ended. Safe to call more than once."""
        self._release()
        self._ready = b""
        self._thread.join()

    def _release(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            os.close(reading)

    def _pull(self) -> bytes:
        """Return the next chunk, empty at the end."""
        if self._reading is None:
            return b""
        chunk = bytearray()
        while len(chunk) < CHUNK:
            piece = os.read(self._reading, CHUNK - len(chunk))
            if not piece:
                self.close()
                if self._outcome.error:
                    raise self._outcome.error
                break
            chunk += piece
        return bytes(chunk)


class _SmallStream(PlainStream):
    """A small file, decrypted at once: a thread and a pipe would take longer than the work."""

    def __init__(self, sealed: bytes, key: x25519.Identity) -> None:
        self._reading = None
        plain = io.BytesIO()
        try:
            pyrage.decrypt_io(io.BytesIO(sealed), plain, [key])
        except (pyrage.DecryptError, OSError) as error:
            raise SealBroken("the sealed file is damaged, or this is not its key") from error
        self._plain = plain.getvalue()
        self._at = 0

    def __next__(self) -> bytes:
        chunk = self._plain[self._at : self._at + CHUNK]
        if not chunk:
            raise StopIteration
        self._at += CHUNK
        return chunk

    def close(self) -> None:
        self._plain = b""


@dataclass(slots=True)
class _Outcome:
    """How the decrypting thread ended, read after joining it."""

    error: BaseException | None = field(default=None)


def _decrypt_into(source: BinaryIO, pipe: int, key: x25519.Identity, outcome: _Outcome) -> None:
    """Decrypt `source` into the file descriptor `pipe`; close both. Runs in its own thread."""
    sealed = _Reader(source)
    try:
        with open(pipe, "wb", buffering=0) as target:
            try:
                pyrage.decrypt_io(sealed, target, [key])
            except (pyrage.DecryptError, OSError) as error:
                # OSError is both: age's "decryption error" in mid-stream, and a consumer that
                # went away (EPIPE), who will not look at the outcome.
                broken = SealBroken("the sealed file is damaged, or this is not its key")
                broken.__cause__ = error
                outcome.error = sealed.error or broken
            except BaseException as error:
                outcome.error = sealed.error or error
            finally:
                # Before the pipe closes: the consumer may act on the end of the file at once.
                source.close()
    except BaseException as error:
        outcome.error = outcome.error or error


class _Reader:
    """What pyrage reads from: counts, hashes if asked, and keeps the source's own exception.

    pyrage turns exceptions of the source into its own type and loses them.
    """

    def __init__(self, source: BinaryIO, *, hashed: bool = False) -> None:
        self._source = source
        self._hashed = hashed
        self.size = 0
        self.sha256 = hashlib.sha256()
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._source.read(size)
        except BaseException as error:
            self.error = error
            raise
        self.size += len(data)
        if self._hashed:
            self.sha256.update(data)
        return data


class _Writer:
    """What pyrage writes to: counts, and keeps the first exception of the target."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.size = 0
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self.error:  # never write behind a gap
            raise self.error
        try:
            written = self._target.write(data)
        except BaseException as error:
            self.error = error
            raise
        self.size += written
        return written

    def flush(self) -> None:
        """Nothing: when the bytes must be durable is the store's business."""


def _parse(identity: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(identity)
    except pyrage.IdentityError:
        # Without the cause: a message that quotes key material must not reach a log.
        raise BadIdentity("this is not an age identity") from None
