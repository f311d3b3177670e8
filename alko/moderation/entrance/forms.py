"""The forms at the entrance of the staff's surface."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from alko.privacy.identity import passwords
from alko.web.forms import Form, password, storable, text


class StaffSignInForm(Form):
    email = text(_l("Email address"), 254, required=_l("Enter your email address"))
    password = password(_l("Password"), _l("Enter your password"))
    next = HiddenField(validators=[storable])


class StaffCodeForm(Form):
    code = text(_l("Code"), 12, required=_l("Enter the code of your authenticator app"))
    next = HiddenField(validators=[storable])


class JoinForm(Form):
    password = password(_l("New password"), _l("Choose a password"))
    code = text(_l("Code"), 12, required=_l("Enter the code that your app shows"))
    secret = HiddenField(validators=[storable])

    def validate_password(self, field: Any) -> None:
        if problem := passwords.problem(field.data or "", ["staff"]):
            raise ValidationError(gettext(problem))
