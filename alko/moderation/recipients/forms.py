"""The forms of the recipients' desk."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from alko.account.forms import an_address
from alko.privacy import wording
from alko.privacy.sharing import recipients
from alko.privacy.sharing.recipients import CIPHERTEXT_ONLY
from alko.privacy.vocabulary import RECIPIENTS, Recipient
from alko.web.forms import Form, text


class AgreementForm(Form):
    recipient = RadioField(
        _l("What is the company for us?"),
        choices=lambda: [SelectChoice(one.value, gettext(RECIPIENTS[one])) for one in Recipient],
        validators=[InputRequired(_l("Choose what the company is for us"))],
    )
    company = text(_l("Company"), 120, required=_l("Enter the company's name"))
    contact = text(
        _l("Address for notices"), 254, validators=[Optional(strip_whitespace=True), an_address]
    )
    reference = text(_l("Reference of the agreement"), 60, required=_l("Enter the reference"))
    signed_on = DateField(
        _l("First day on which it holds"), validators=[InputRequired(_l("Enter the first day"))]
    )
    expires_on = DateField(
        _l("Last day on which it holds"), validators=[InputRequired(_l("Enter the last day"))]
    )

    def validate_expires_on(self, field: Any) -> None:
        if field.data and self.signed_on.data and field.data < self.signed_on.data:
            raise ValidationError(_l("The last day must not be before the first"))


def _details() -> list[SelectChoice]:
    readable = [one for one in Recipient if one not in CIPHERTEXT_ONLY]
    listed = {detail for one in readable for detail in recipients.allowed(one)}
    return [SelectChoice(detail, wording.code(detail, gettext)) for detail in sorted(listed)]


def _companies() -> list[SelectChoice]:
    return [
        SelectChoice(
            str(one.pk),
            gettext(
                "%(company)s (%(kind)s), agreement %(reference)s",
                company=one.company,
                kind=gettext(RECIPIENTS[Recipient(one.code)]),
                reference=one.reference,
            ),
        )
        for one in recipients.choices()
    ]


class DisclosureForm(Form):
    case = text(
        _l("Order, or override"), 40, required=_l("Enter the order's number or the override")
    )
    agreement = RadioField(
        _l("Who gets it, under which agreement?"),
        choices=_companies,
        validators=[InputRequired(_l("Choose who gets it"))],
        validate_choice=False,  # one that has ended meanwhile is refused where it is recorded
    )
    data = SelectMultipleField(
        _l("What is passed on?"),
        choices=_details,
        validators=[InputRequired(_l("Choose what is passed on"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    occasion = text(_l("What for?"), 300, required=_l("Write what it is passed on for"))
