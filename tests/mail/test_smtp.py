"""TLS and errors of the SMTP transport, against a real server with real certificates."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alko.mail.errors import RecipientRefused, SendingFailed, ServerUnreachable
from alko.mail.smtp import SmtpTransport
from config import ConfigurationError, Settings
from tests.mail.server import DROP, STALL, MailServer, server_context

SENDER = "ALKO Cars <contact@alkocars.com>"
READER = "reader@example.com"


@dataclass(frozen=True)
class Certificate:
    file: Path
    context: ssl.SSLContext


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A self-signed certificate for 127.0.0.1, which no system trusts by itself."""
    return make_certificate(tmp_path, "127.0.0.1")


def make_certificate(folder: Path, address: str) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Certificate(file, server_context(file, key_file))


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = READER
    message["Subject"] = "A test"
    message.set_content("Hello.")
    return message


def transport(url: str) -> SmtpTransport:
    return SmtpTransport(url, SENDER, timeout=10)


@pytest.mark.promise("P14")
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server does not count implicit TLS
@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_trusted_server_gets_login_and_mail_over_tls(
    scheme: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    login = ("portal", "p@ss/word:1")
    implicit = scheme == "smtps"
    with MailServer(certificate.context, implicit_tls=implicit, login=login) as server:
        sending = transport(f"{scheme}://portal:p%40ss%2Fword%3A1@127.0.0.1:{server.port}")
        sending.send(letter())
        sending.close()

        assert [str(message["Subject"]) for message in server.taken] == ["A test"]


@pytest.mark.promise("P14")
@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_an_unknown_certificate_gets_nothing(scheme: str, certificate: Certificate) -> None:
    with MailServer(certificate.context, implicit_tls=scheme == "smtps") as server:
        with pytest.raises(ServerUnreachable, match="SSLCertVerificationError"):
            transport(f"{scheme}://127.0.0.1:{server.port}").send(letter())

        assert server.taken == []


@pytest.mark.promise("P14")
def test_a_certificate_of_another_host_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path, "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    with MailServer(other.context, implicit_tls=True) as server:
        with pytest.raises(ServerUnreachable, match="SSLCertVerificationError"):
            transport(f"smtps://127.0.0.1:{server.port}").send(letter())

        assert server.taken == []


@pytest.mark.promise("P14")
def test_a_server_that_offers_no_tls_gets_nothing_in_clear() -> None:
    with MailServer() as server:
        with pytest.raises(ServerUnreachable, match="SMTPNotSupportedError"):
            transport(f"smtp+starttls://127.0.0.1:{server.port}").send(letter())

        assert server.taken == []


@pytest.mark.promise("P14")
@pytest.mark.parametrize("answer", ["454 TLS not available", "501 Not now"])
def test_a_server_that_refuses_its_own_tls_gets_nothing_in_clear(answer: str) -> None:
    heard: list[bytes] = []

    def refuse(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as line:
            line.write(b"220 here\r\n")
            while heard_now := line.readline():
                heard.append(heard_now.split()[0])
                offer = b"250-here\r\n250 STARTTLS\r\n"
                line.write(offer if heard[-1] == b"ehlo" else f"{answer}\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=refuse, args=(listener,))
        server.start()
        with pytest.raises(ServerUnreachable):
            transport(f"smtp+starttls://127.0.0.1:{listener.getsockname()[1]}").send(letter())
        server.join()

    assert heard == [b"ehlo", b"STARTTLS"]


def test_a_server_that_turns_us_away_at_the_door_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=lambda: listener.accept()[0].send(b"421 Full\r\n"))
        server.start()
        with pytest.raises(ServerUnreachable):
            transport(f"smtp://127.0.0.1:{listener.getsockname()[1]}").send(letter())
        server.join()


def test_a_wrong_password_is_an_error_worth_another_attempt(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    with MailServer(certificate.context, login=("portal", "right")) as server:
        sending = transport(f"smtp+starttls://portal:wrong@127.0.0.1:{server.port}")
        with pytest.raises(ServerUnreachable, match="SMTPAuthenticationError") as error:
            sending.send(letter())

    assert "wrong" not in str(error.value)


@pytest.mark.promise("P14")
@pytest.mark.parametrize("url", ["", "smtp://mail.example.com"])
def test_production_refuses_mail_without_tls(url: str) -> None:
    problems = Settings(smtp_url=url).problems()

    assert any(problem.startswith("SMTP_URL") for problem in problems)


def test_production_takes_mail_with_tls() -> None:
    for url in ("smtps://mail.example.com", "smtp+starttls://mail.example.com"):
        assert not [line for line in Settings(smtp_url=url).problems() if "SMTP_URL" in line]


@pytest.mark.parametrize("url", ["http://user:hidden@host", "smtp://user:hidden@host:port"])
def test_a_wrong_address_is_refused_without_quoting_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        transport(url)

    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 reader@example.com is busy", SendingFailed),
        ("550 reader@example.com is unknown", RecipientRefused),
        ("421 reader@example.com must wait", SendingFailed),
        (DROP, SendingFailed),
    ],
)
def test_no_error_quotes_the_recipient(answer: str, kind: type[SendingFailed]) -> None:
    with MailServer() as server:
        server.at_rcpt = lambda _: answer
        sending = transport(server.url)
        with pytest.raises(SendingFailed) as error:
            sending.send(letter())
        assert type(error.value) is kind
        assert READER not in str(error.value)
        assert error.value.__cause__ is None

        server.at_rcpt = lambda _: None
        sending.send(letter())
        assert len(server.taken) == 1


def test_a_silent_server_is_given_up() -> None:
    with MailServer() as server:
        server.at_data = lambda _: STALL
        with pytest.raises(SendingFailed):
            SmtpTransport(server.url, SENDER, timeout=0.5).send(letter())


def test_messages_in_a_row_share_a_connection() -> None:
    with MailServer() as server:
        sending = transport(server.url)
        for _ in range(3):
            sending.send(letter())
        sending.close()

        assert (len(server.taken), server.sessions) == (3, 1)


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    with MailServer() as server:
        sending = transport(server.url)
        sending.send(letter())
        server.drop_connections()
        sending.send(letter())
        sending.close()

        assert (len(server.taken), server.sessions) == (2, 2)
