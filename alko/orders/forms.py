"""The one form of an order: of which steps the client wants a mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, widgets
from wtforms.fields import SelectChoice

from alko.orders.presentation import MAIL_LABELS
from alko.sales.operations import MAIL_GROUPS
from alko.web.forms import Form


class MailForm(Form):
    mails = SelectMultipleField(
        _l("Write me a mail about"),
        choices=[SelectChoice(group, _l(MAIL_LABELS[group][0])) for group in MAIL_GROUPS],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
