"""Sending over SMTP, with verified TLS wherever the address asks for it (promise P14)."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from alko.mail.errors import RecipientRefused, SendingFailed, ServerUnreachable
from config import ConfigurationError

DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT = 30  # seconds for each answer of the server


class SmtpTransport:
    """One server, one connection for as many messages as come in a row.

    ``url`` is ``smtp://``, ``smtp+starttls://`` or ``smtps://``, then ``user:password@host:port``
    with percent-encoding. Certificates are verified against the system's authorities, or those of
    the file which OpenSSL's own ``SSL_CERT_FILE`` names.
    """

    def __init__(self, url: str, mail_from: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port or DEFAULT_PORTS[parts.scheme]
        except (KeyError, ValueError):
            # The address holds a password: it is not quoted.
            raise ConfigurationError(
                "SMTP_URL must be smtp://, smtp+starttls:// or smtps:// with host and port"
            ) from None
        self._scheme = parts.scheme
        self._host, self._port = parts.hostname or "localhost", port
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = parseaddr(mail_from)[1]
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None

    def connect(self) -> None:
        """See to it that the server is there; ServerUnreachable where it is not."""
        self._connected()

    def send(self, message: EmailMessage) -> None:
        """Returns once the server took the message over; SendingFailed and its kinds otherwise."""
        server = self._connected()
        try:
            server.send_message(message, self._sender)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if code == 421:
                self.close()
            kind = RecipientRefused if 500 <= code < 600 else SendingFailed
            raise kind(f"the recipient was refused with {code}") from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise SendingFailed(f"the server answered {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise SendingFailed(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        """An open connection; the one at hand if it still answers."""
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._server.noop()[0] == 250:
                    return self._server
            self.close()
        try:
            self._server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerUnreachable(type(error).__name__) from None
        return self._server

    def _open(self) -> smtplib.SMTP:
        # Our own name in the greeting, because smtplib would ask the network's name service.
        us = self._sender.partition("@")[2] or "localhost"
        server: smtplib.SMTP
        if self._scheme == "smtps":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(
                self._host, self._port, us, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, us, self._timeout)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()
