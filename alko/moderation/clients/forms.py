"""The forms about one client."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from alko.privacy import search
from alko.web.forms import Form, storable, text, trimmed

LONGEST_REASON = 1_000
"""Characters of a typed reason."""


def reason(label: Any) -> TextAreaField:
    too_long = _l("Use at most %(max)d characters.")
    return TextAreaField(
        label,
        validators=[
            InputRequired(_l("Write the reason")),
            Length(max=LONGEST_REASON, message=too_long),
            storable,
        ],
        filters=[trimmed],
    )


class SearchForm(Form):
    wanted = text(
        _l("Email address, phone number, order number or reference"),
        search.LONGEST,
        required=_l("Enter what you look for"),
    )


class OverrideForm(Form):
    reason = reason(_l("Reason"))


class HoldForm(Form):
    record = HiddenField(validators=[storable])
    reason = reason(_l("Why it must be kept"))
    until = DateField(_l("Until"), validators=[InputRequired(_l("Enter the day on which it ends"))])
    secret = BooleanField(_l("A law forbids to tell the client"))


class RenewForm(Form):
    until = DateField(_l("Until"), validators=[InputRequired(_l("Enter the day on which it ends"))])
