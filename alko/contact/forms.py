"""The forms of the contact pages."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from alko.account.forms import email_field
from alko.privacy.correspondence.cases import CaseKind
from alko.privacy.rights.requests import LONGEST_TEXT
from alko.web.forms import Form, long_text, storable, text

PHRASE = "delete"
"""What must be typed before a case is erased; compared on the server, letter case aside."""
KINDS = (
    SelectChoice(CaseKind.GENERAL.value, _l("A general question")),
    SelectChoice(CaseKind.PRIVACY.value, _l("A privacy request")),
)


class ContactForm(Form):
    """What somebody who is signed in fills in; who they are is known."""

    kind = RadioField(_l("What is it about?"), choices=KINDS, default=CaseKind.GENERAL.value)
    urgent = BooleanField(_l("It is urgent"))
    subject = text(_l("Subject"), 150)
    message = long_text(_l("Your message"), _l("Write your message"), LONGEST_TEXT)
    key = HiddenField(validators=[Length(max=64), storable])
    """Made with the page on which answers are checked: sent twice, it is one message."""
    website = text(_l("Leave this field empty"), 200)

    def validate_website(self, field: Any) -> None:
        if field.data:
            raise ValidationError(
                gettext("Please empty the hidden field “website”: it is there to catch machines.")
            )


class VisitorForm(ContactForm):
    name = text(_l("Your name"), 120)
    email = email_field()


class ReplyForm(Form):
    body = long_text(_l("Your message"), _l("Write a message"), LONGEST_TEXT)


class EraseForm(Form):
    phrase = text(_l("Type the word “delete”"), 60, required=_l("Type the word"))

    def validate_phrase(self, field: StringField) -> None:
        if (field.data or "").strip().casefold() != PHRASE:
            raise ValidationError(gettext("Type exactly this word: %(word)s", word=PHRASE))
