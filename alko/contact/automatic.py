"""Mails that no person wrote: auto-replies, reports, lists, and our own that came back (RFC 3834).

Answering them, or opening cases for them, would make loops. They are counted and let go.
"""

from __future__ import annotations

from email.message import Message
from email.utils import getaddresses, parseaddr

AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
REPORTERS = frozenset({"mailer-daemon", "mail-daemon"})


def is_automatic(message: Message, own_address: str, envelope_sender: str | None) -> bool:
    """Whether the headers say that it was sent by a machine, or by ourselves.

    ``envelope_sender`` is what the mail server says; None where it said nothing.
    """
    if _said(message, "Auto-Submitted").partition(";")[0].strip() not in ("", "no"):
        return True
    if _said(message, "Precedence") in AUTOMATIC_PRECEDENCE:
        return True
    if any(name.lower().startswith("list-") for name in message):
        return True
    if any(_said(message, name) not in ("", "no") for name in AUTOMATIC_HEADERS):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    if _null(envelope_sender) or _null(message.get("Return-Path")):
        return True
    writers = [one.lower() for _, one in getaddresses([str(message.get("From", ""))])]
    return any(one == own_address or one.partition("@")[0] in REPORTERS for one in writers)


def own_address_of(mail_from: str) -> str:
    return parseaddr(mail_from)[1].lower()


def _said(message: Message, header: str) -> str:
    return str(message.get(header, "")).strip().lower()


def _null(sender: object) -> bool:
    """Reports of failure come from nobody, so that nobody answers them."""
    return sender is not None and str(sender).strip() in ("", "<>")
