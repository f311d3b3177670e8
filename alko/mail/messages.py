"""From a kind of mail to a message: subject, text and HTML, with links and no personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from bson import ObjectId
from flask import current_app
from flask_babel import get_locale, gettext

from alko.mail.kinds import MAILS, MailKind
from config import Settings


@dataclass(frozen=True)
class Content:
    """What a mail says. ``language`` is a tag such as ``en``."""

    subject: str
    text: str
    html: str
    language: str
    unsubscribe: str | None = None
    """Where one click ends such mail: marketing has it, service mail has not."""


Render = Callable[[MailKind, Mapping[str, str]], Content]


def render(kind: MailKind, context: Mapping[str, str]) -> Content:
    """Fill the kind's two templates; needs an application context, but no request.

    Each path of the context becomes a whole address of this portal (Settings.base_url).
    """
    settings: Settings = current_app.config["ALKO"]
    subject = gettext(MAILS[kind].subject)
    language = str(get_locale() or "en")
    values = {
        "subject": subject,
        "language": language,
        "base_url": settings.base_url,
        "controller": settings.controller,
        **{name: settings.base_url + path for name, path in context.items()},
    }
    # Not render_template(): the pages' context processors need a request.
    environment = current_app.jinja_env
    return Content(
        subject,
        environment.get_template(f"mail/{kind.value}.txt").render(values).strip() + "\n",
        environment.get_template(f"mail/{kind.value}.html").render(values).strip() + "\n",
        language,
        values.get("unsubscribe"),
    )


def compose(
    settings: Settings, content: Content, mail: ObjectId, written_at: datetime, to: str
) -> EmailMessage:
    """The message as it is sent.

    Its Message-ID derives from the mail's id: should a mail be sent twice (at least once is the
    promise), a receiving server can recognise the repeat. ValueError where ``to`` is no address.
    """
    sender, address = parseaddr(settings.mail_from)
    message = EmailMessage()
    message["From"] = Address(sender, addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{mail}@{address.partition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = content.language
    if content.unsubscribe:
        message["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    return message
