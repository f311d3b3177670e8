"""Pages that exist in the demo only: the mailbox that stands in for every client's own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

from flask import Blueprint, Response, abort, url_for
from flask_babel import format_datetime, gettext

from alko.extensions import alko_settings
from alko.mail import folder
from alko.web.access import public
from alko.web.pages import render

SHOWN = 100
"""How many mails the list goes back."""

blueprint = Blueprint("demo", __name__)


@dataclass(frozen=True)
class ShownMail:
    """A mail as components/patterns.html shows it."""

    subject: str
    sender: str
    to: str
    when: str
    url: str
    body: list[str]
    current: bool = False


@blueprint.get("/demo/mailbox")
@public
def mailbox() -> Response:
    """All mails that the portal would have sent over SMTP."""
    return _page(None)


@blueprint.get("/demo/mailbox/<name>")
@public
def mail(name: str) -> Response:
    """One of them: its text part only, since HTML from a file is not ours to render."""
    return _page(name)


def _page(name: str | None) -> Response:
    box = alko_settings().mailbox
    opened = folder.read(box, name) if name is not None else None
    if name is not None and opened is None:
        abort(404)
    listed = [
        _listed(other, message, current=other == name)
        for other in folder.names(box)[:SHOWN]
        if (message := folder.read(box, other))
    ]
    context: dict[str, Any] = {"mails": listed}
    if name is not None and opened is not None:
        context["current"] = _shown(name, opened)
    return render("demo/mailbox.html", **context)


def _listed(name: str, message: EmailMessage, *, current: bool) -> ShownMail:
    """In the list, since all mails are from the portal, it says to whom each one goes."""
    shown = _shown(name, message)
    return replace(shown, sender=gettext("To %(address)s", address=shown.to), current=current)


def _shown(name: str, message: EmailMessage) -> ShownMail:
    part = message.get_body(("plain",))
    text = part.get_content().replace("\n-- \n", "\n") if part is not None else ""
    date = message["Date"]
    return ShownMail(
        subject=str(message["Subject"]),
        sender=str(message["From"]),
        to=str(message["To"]),
        when=format_datetime(date.datetime, "medium") if date else "",
        url=url_for("demo.mail", name=name),
        body=[paragraph for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph],
    )
