"""The virus scanner: a real clamd, and sockets that misbehave."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import config
from alko.vault.inspection import Clamd, Limits, Refused, ScannerUnavailable, inspect
from alko.vault.inspection.access import limits_of, scanner_of
from config import ConfigurationError, Settings
from tests.vault.inspection import making
from tests.vault.inspection.conftest import Clamav
from tests.vault.inspection.inspecting import LIMITS, notes, refusal
from tests.vault.inspection.making import EICAR


@pytest.mark.parametrize("by", ["unix", "tcp"])
def test_a_real_clamd_finds_what_is_harmful(clamav: Clamav, by: str) -> None:
    scanner = Clamd(getattr(clamav, by))
    assert scanner.scan(EICAR) == "Test.Eicar.UNOFFICIAL"
    assert scanner.scan(b"harmless") is None
    assert scanner.scan(bytes(10 << 20)) is None


def test_harmful_files_are_refused_by_that_name(clamav: Clamav) -> None:
    scanner = Clamd(clamav.unix)
    assert refusal(EICAR, "eicar.com", scanner=scanner) == "infected"
    assert refusal(making.jpeg(comment=EICAR), scanner=scanner) == "infected"
    attached = making.changed(lambda pdf: pdf.attachments.__setitem__("a.com", EICAR))
    assert refusal(making.jpeg() + EICAR, scanner=scanner) == "infected"
    # Packed inside a PDF our one signature is not found; the attachment goes in any case.
    cleaned = inspect(io.BytesIO(attached), "a.pdf", LIMITS, scanner)
    assert notes(cleaned) == {"attachments", "metadata"}
    assert inspect(io.BytesIO(making.jpeg()), "a", LIMITS, scanner).size
    assert refusal(b"a letter", scanner=scanner) == "type_unknown"


def test_what_is_too_much_for_clamd_is_not_waved_through(clamav: Clamav) -> None:
    with pytest.raises(ScannerUnavailable):
        Clamd(clamav.unix).scan(bytes(17 << 20))


@contextmanager
def pretending(answer: bytes | None) -> Iterator[str]:
    """A server that answers so whatever it is sent; None: it listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    while not connection.recv(1 << 16).endswith(b"\0\0\0\0"):
                        pass
                    if answer is None:
                        time.sleep(1)
                    else:
                        connection.sendall(answer)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",  # cut off before its end
        b"UNKNOWN COMMAND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: OK and more\0",
        b"x" * 10_000,
        None,
    ],
)
def test_a_scanner_without_a_verdict_means_try_again(answer: bytes | None) -> None:
    with pretending(answer) as address:
        started = time.monotonic()
        scanner = Clamd(address, seconds=0.5)
        assert refusal(making.jpeg(), scanner=scanner) == "scanner_unavailable"
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("address", ["unix:/nonexistent/clamd.sock", "tcp://127.0.0.1:1"])
def test_an_unreachable_scanner_means_try_again(address: str) -> None:
    with pytest.raises(Refused) as refused:
        inspect(io.BytesIO(making.jpeg()), "a.jpg", LIMITS, Clamd(address))
    assert refused.value.code == "scanner_unavailable"
    assert refused.value.temporary
    # Trying again would not make a letter acceptable, so its own reason comes first.
    assert refusal(b"a letter", scanner=Clamd(address)) == "type_unknown"


@pytest.mark.parametrize(
    "address", ["clamd", "unix:relative", "http://a:1", "tcp://a", "tcp://a:x"]
)
def test_an_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="unix:/path or tcp://host:port"):
        Clamd(address)
    with pytest.raises(ConfigurationError, match="ALKO_CLAMD"):
        config.load({"ALKO_CLAMD": address})


def test_the_settings_decide() -> None:
    assert scanner_of(Settings()) is None
    settings = config.load({"ALKO_CLAMD": "unix:/run/clamd.sock", "ALKO_MAX_PIXELS": "1000"})
    assert isinstance(scanner_of(settings), Clamd)
    assert limits_of(settings) == Limits(file_bytes=15 * 1024 * 1024, pixels=1000)
    assert settings.request_bytes > settings.max_file_bytes


@pytest.mark.promise("P14")
def test_files_travel_to_a_scanner_on_this_machine_only() -> None:
    def problems(address: str) -> str:
        return "; ".join(config.load({"ALKO_CLAMD": address}).problems())

    assert "ALKO_CLAMD" in problems("tcp://scanner.example:3310")
    assert "ALKO_CLAMD" not in problems("tcp://127.0.0.1:3310")
    assert "ALKO_CLAMD" not in problems("unix:/run/clamd.sock")
