"""The forms of the desk for messages."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from alko.moderation.texts import filled_in
from alko.privacy.correspondence import case_search
from alko.privacy.correspondence.cases import CaseKind
from alko.privacy.rights.catalogue import RIGHTS
from alko.privacy.rights.requests import LONGEST_TEXT
from alko.web.forms import Form, an_address, long_text, storable, text


class AnswerForm(Form):
    body = long_text(_l("Answer"), _l("Write the answer"), LONGEST_TEXT, validators=[filled_in])


class CallForm(Form):
    """What somebody says on the phone."""

    name = text(_l("Name of the caller"), 120)
    email = text(
        _l("Email address of the caller"),
        254,
        required=_l("Enter the email address"),
        validators=[an_address],
    )
    words = long_text(_l("What was said?"), _l("Write what was said"), LONGEST_TEXT)
    kind = RadioField(
        _l("What is it about?"),
        choices=[
            SelectChoice(CaseKind.GENERAL.value, _l("A general question")),
            SelectChoice(CaseKind.PRIVACY.value, _l("A privacy request")),
        ],
        default=CaseKind.GENERAL.value,
    )
    urgent = BooleanField(_l("It is urgent"))
    key = HiddenField(validators=[Length(max=64), storable])
    """Made with the page: sent twice, it is one case."""


class CaseSearchForm(Form):
    wanted = text(
        _l("Reference, or email address of the writer"),
        case_search.LONGEST,
        required=_l("Enter what you look for"),
    )


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
