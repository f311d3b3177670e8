"""How a finished message leaves the portal: one small interface, two ways."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol

from alko.mail.folder import FolderTransport
from alko.mail.smtp import SmtpTransport
from config import ConfigurationError, Settings


class Transport(Protocol):
    def connect(self) -> None:
        """See to it that there is somebody to hand messages to; ServerUnreachable otherwise."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; raises an error of alko/mail/errors.py."""

    def close(self) -> None:
        """Let go of what is open; a later send() opens it again."""


def transport_for(settings: Settings) -> Transport:
    """SMTP where a server is set, else the demo's folder; ConfigurationError in production."""
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url, settings.mail_from)
    if settings.production:
        raise ConfigurationError("SMTP_URL is missing; mail cannot be sent")
    return FolderTransport(settings.mailbox)
