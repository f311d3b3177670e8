"""The forms of the rights."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from alko.account.forms import ProfileForm
from alko.privacy.rights.requests import LONGEST_TEXT
from alko.privacy.rights.restriction import GROUNDS
from alko.web.forms import Form, long_text, password, storable, text, trimmed

PHRASE = "delete my data"
"""What must be typed before a deletion; compared on the server, letter case aside."""


class RequestForm(Form):
    words = long_text(_l("What do you ask for?"), _l("Write what you ask for"), LONGEST_TEXT)


class RestrictionForm(Form):
    ground = RadioField(
        _l("On which ground?"),
        choices=lambda: [SelectChoice(name, gettext(text)) for name, text in GROUNDS.items()],
        validators=[InputRequired(_l("Choose a ground"))],
    )
    words = long_text(_l("What is it about?"), _l("Write what it is about"), LONGEST_TEXT)


class CorrectionForm(ProfileForm):
    """New values of details that are corrected together, and a word about them."""

    words = TextAreaField(
        _l("What is wrong, or why it changed"),
        validators=[
            Length(max=LONGEST_TEXT, message=_l("Use at most %(max)d characters.")),
            storable,
        ],
        filters=[trimmed],
    )

    def details(self, keep_if_empty: tuple[str, ...]) -> dict[str, str]:
        return {n: v for n, v in super().details(keep_if_empty).items() if n != "words"}


class EvidenceForm(Form):
    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file."))])


class MessageForm(Form):
    body = long_text(_l("Your message"), _l("Write a message"), LONGEST_TEXT)


class DeletionForm(Form):
    when = RadioField(
        _l("When shall it happen?"),
        choices=[
            SelectChoice("later", _l("In 14 days; until then I can cancel it")),
            SelectChoice("now", _l("Now; it cannot be undone")),
        ],
        validators=[InputRequired(_l("Choose when it shall happen"))],
        validate_choice=True,
    )
    phrase = text(_l("Type the words “delete my data”"), 60, required=_l("Type the words"))
    password = password(_l("Password"), _l("Enter your password"))

    def validate_phrase(self, field: Any) -> None:
        if " ".join((field.data or "").casefold().split()) != PHRASE:
            raise ValidationError(gettext("Type exactly these words: %(words)s", words=PHRASE))
