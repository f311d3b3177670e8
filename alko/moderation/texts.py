"""Texts to begin an answer with, as the desks for requests and for messages offer them.

A text is put below what a member of staff typed when they press a button, and can be changed there.
What must be filled in stands in square brackets; an answer that still has some is not sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext
from wtforms.validators import ValidationError

BLANK = re.compile(r"\[[^\[\]\n]{2,80}\]")
BUTTON = "use"
"""The name of the button that puts a text in; everything else sends the form."""


@dataclass(frozen=True)
class Text:
    """``name`` occurs once among the texts of a desk."""

    name: str
    title: str
    text: str


def wanted() -> bool:
    """Whether the form was sent to have a text put in, and not to answer."""
    return BUTTON in request.form


def put_below(field: Any, offered: Iterable[Text]) -> None:
    """Put the chosen one of these texts below what was typed into the field."""
    name = request.form.get("text", "")
    typed = (field.data or "").strip()
    chosen = [gettext(one.text) for one in offered if one.name == name]
    field.data = "\n\n".join(part for part in (typed, *chosen) if part)


def options(offered: Iterable[Text]) -> list[tuple[str, str]]:
    """What can be chosen: name and title."""
    return [(one.name, gettext(one.title)) for one in offered]


def blanks(text: str) -> list[str]:
    """What is still in square brackets, in order."""
    return BLANK.findall(text)


def filled_in(_form: Any, field: Any) -> None:
    """A validator: a text whose blanks were not filled in is not sent."""
    if left := blanks(field.data or ""):
        raise ValidationError(gettext("Fill in what is in brackets: %(left)s", left=left[0]))
