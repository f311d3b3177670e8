"""The forms about members of staff."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from alko.privacy import wording
from alko.privacy.door.permissions import StaffRole
from alko.web.forms import Form, an_address, text

PHRASE = "end access"
"""What must be typed before somebody's access ends; compared on the server, letter case aside."""


def roles() -> list[SelectChoice]:
    return [SelectChoice(role.value, wording.code(role.value, gettext)) for role in StaffRole]


def role_field() -> RadioField:
    return RadioField(_l("Role"), choices=roles, validators=[InputRequired(_l("Choose a role"))])


class InviteForm(Form):
    full_name = text(_l("Full name"), 120, required=_l("Enter the name"))
    email = text(
        _l("Email address"), 254, required=_l("Enter the email address"), validators=[an_address]
    )
    role = role_field()


class RoleForm(Form):
    role = role_field()


class EndForm(Form):
    phrase = text(_l("Type the words “end access”"), 40, required=_l("Type the words"))

    def validate_phrase(self, field: Any) -> None:
        if " ".join((field.data or "").casefold().split()) != PHRASE:
            raise ValidationError(gettext("Type exactly these words: %(words)s", words=PHRASE))
