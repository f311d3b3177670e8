"""Mails that no person wrote, and mails that may be answered by no machine (RFC 3834).

The first are counted and let go: a case for each would be noise, and a receipt would make a loop.
The second become cases like all others, without a receipt: what a group or a list passes on was
written by a person all the same.
"""

from __future__ import annotations

from email.message import Message
from email.utils import getaddresses, parseaddr

AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress")
REPORTERS = frozenset({"mailer-daemon", "mail-daemon"})
NOBODY = "<>"
"""The null sender, as which reports of failure come, so that nobody answers them."""


def is_automatic(message: Message, envelope_sender: str | None) -> bool:
    """Whether it says of itself that a machine wrote it.

    ``envelope_sender`` is what the mail server says; None or empty where it said nothing.
    """
    return (
        _said(message, "Auto-Submitted").partition(";")[0].strip() not in ("", "no")
        or message.get_content_type() == "multipart/report"
        or NOBODY in ((envelope_sender or "").strip(), _said(message, "Return-Path"))
    )


def may_be_answered(message: Message) -> bool:
    """Whether a receipt may be sent: not to lists, nor to what answers by itself."""
    writers = [one.lower() for _, one in getaddresses([str(message.get("From", ""))])]
    return not (
        _said(message, "Precedence") in AUTOMATIC_PRECEDENCE
        or any(name.lower().startswith("list-") for name in message)
        or any(_said(message, name) not in ("", "no", "none") for name in AUTOMATIC_HEADERS)
        or any(one.partition("@")[0] in REPORTERS for one in writers)
    )


def own_address_of(mail_from: str) -> str:
    return parseaddr(mail_from)[1].lower()


def _said(message: Message, header: str) -> str:
    return str(message.get(header, "")).strip().lower()
