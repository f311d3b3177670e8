"""The form of the copy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from alko.web.forms import Form

ALL, CHANGES = "all", "changes"


class CopyForm(Form):
    categories = SelectMultipleField(_l("What to put into the copy"))
    extent = RadioField(
        _l("How much of it"),
        choices=[
            SelectChoice(ALL, _l("Everything")),
            SelectChoice(CHANGES, _l("Only what was recorded or changed since my last copy")),
        ],
        default=ALL,
        validate_choice=False,
    )
    password = PasswordField(_l("Password"), validators=[Length(max=128)])
