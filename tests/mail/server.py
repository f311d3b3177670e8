"""A real SMTP server (aiosmtpd) that keeps what it takes, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = Callable[[str], str | None]
"""What to do about a recipient: an SMTP reply, one of the below, or None for consent."""

DROP = "drop the connection"
TAKE_AND_DROP = "take the message, and drop the connection before saying so"
STALL = "never answer"
PAUSE = "answer only once resume is set"


class MailServer:
    """``taken`` holds every message accepted, ``at_rcpt`` and ``at_data`` decide about each."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        implicit_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.sessions = 0
        self.stalled = threading.Event()
        self.resume = threading.Event()
        self._connections: set[asyncio.BaseTransport] = set()
        self.at_rcpt: Answer = lambda _: None
        self.at_data: Answer = lambda _: None
        self.login = login
        self.port = _free_port()
        options: dict[str, Any] = {}
        if tls is not None:
            options = (
                {"ssl_context": tls}
                if implicit_tls
                else {"tls_context": tls, "require_starttls": True}
            )
        if login:
            options |= {"authenticator": self._authenticate, "auth_required": True}
            options |= {"auth_require_tls": not implicit_tls}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop(no_assert=True)

    def stop_listening(self) -> None:
        """Nobody gets in any more; connections that are open stay so."""
        assert self._controller.server is not None
        self._controller.server.close()

    def drop_connections(self) -> None:
        """Close all connections, as a server does with those that are idle."""
        loop = self._controller.loop
        asyncio.run_coroutine_threadsafe(self._drop_all(), loop).result(10)

    async def _drop_all(self) -> None:
        for connection in list(self._connections):
            connection.close()

    def _authenticate(self, *arguments: Any) -> AuthResult:
        given = arguments[-1]
        right = isinstance(given, LoginPassword) and self.login == (
            given.login.decode(),
            given.password.decode(),
        )
        return AuthResult(success=right, handled=False)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        self.sessions += 1
        self._connections.add(server.transport)
        session.host_name = hostname
        return replies

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._answer(server, self.at_rcpt(address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        decided = self.at_data(envelope.rcpt_tos[0])
        if decided == TAKE_AND_DROP:
            self._take(envelope)
            decided = DROP
        if answer := await self._answer(server, decided):
            return answer
        self._take(envelope)
        return "250 Taken"

    def _take(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        self.recipients.extend(envelope.rcpt_tos)

    async def _answer(self, server: SMTP, answer: str | None) -> str | None:
        if answer == DROP:
            server.transport.abort()
            return "421 Gone"
        if answer == STALL:
            self.stalled.set()
            await asyncio.sleep(60)
        if answer == PAUSE:
            self.stalled.set()
            await asyncio.get_running_loop().run_in_executor(None, self.resume.wait)
            return None
        return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
