"""The forms about one client."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField
from wtforms.validators import InputRequired

from alko.privacy.door import search
from alko.web.forms import Form, long_text, storable, text

LONGEST_REASON = 1_000
"""Characters of a typed reason."""


class SearchForm(Form):
    wanted = text(
        _l("Email address, phone number, order number or reference"),
        search.LONGEST,
        required=_l("Enter what you look for"),
    )


class OverrideForm(Form):
    reason = long_text(_l("Reason"), _l("Write the reason"), LONGEST_REASON)


class HoldForm(Form):
    record = HiddenField(validators=[storable])
    reason = long_text(_l("Why it must be kept"), _l("Write the reason"), LONGEST_REASON)
    until = DateField(_l("Until"), validators=[InputRequired(_l("Enter the day on which it ends"))])
    secret = BooleanField(_l("A law forbids to tell the client"))


class RenewForm(Form):
    until = DateField(_l("Until"), validators=[InputRequired(_l("Enter the day on which it ends"))])
