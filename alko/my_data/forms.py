"""The form of the copy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectMultipleField
from wtforms.validators import Length

from alko.web.forms import Form


class CopyForm(Form):
    categories = SelectMultipleField(_l("What to put into the copy"))
    password = PasswordField(_l("Password"), validators=[Length(max=128)])
