"""The forms of the desk for messages."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from alko.moderation.requests.forms import filled_in
from alko.privacy.rights.catalogue import RIGHTS
from alko.privacy.rights.requests import LONGEST_TEXT
from alko.web.forms import Form, long_text


class AnswerForm(Form):
    body = long_text(_l("Answer"), _l("Write the answer"), LONGEST_TEXT, validators=[filled_in])


class NoteForm(Form):
    note = long_text(_l("Internal note"), _l("Write the note"), LONGEST_TEXT)


class RightForm(Form):
    right = RadioField(
        _l("Which right is it about?"),
        choices=lambda: [
            SelectChoice(right.value, gettext(one.name)) for right, one in RIGHTS.items()
        ],
        validators=[InputRequired(_l("Choose the right"))],
    )
