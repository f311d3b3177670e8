"""The forms of an order: a payment, and news of its delivery. ``token`` makes each count once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import vininfo
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from alko.privacy import wording
from alko.privacy.deliveries import Milestone
from alko.sales.payments import minor_units
from alko.sales.placing import CURRENCIES
from alko.web.forms import Form, long_text, storable, text

PORT_CODE = re.compile("[A-Z]{2}[A-Z2-9]{3}", re.ASCII)


def cents(field: StringField) -> int:
    """The amount in the field; ValidationError."""
    try:
        return minor_units(field.data or "")
    except ValueError:
        raise ValidationError(
            gettext("Enter the amount with its cents, for instance 12500.00")
        ) from None


class PaymentForm(Form):
    token = HiddenField(validators=[storable])
    amount = text(_l("Amount"), 16, required=_l("Enter the amount"))
    method = SelectField(
        _l("Method"),
        choices=lambda: [
            SelectChoice(code, wording.code(code, gettext)) for code in ("bank_transfer", "card")
        ],
    )
    paid_on = DateField(_l("Paid on"), validators=[InputRequired(_l("Enter the day"))])
    payer = text(_l("Payer"), 200, required=_l("Enter who paid"))
    receipt = SelectField(_l("Receipt"), validators=[storable])

    def validate_amount(self, field: StringField) -> None:
        self.cents = cents(field)
        if not self.cents:
            raise ValidationError(gettext("Enter more than nothing"))

    def validate_paid_on(self, field: DateField) -> None:
        if field.data and field.data > datetime.now(UTC).date():
            raise ValidationError(gettext("Enter a day that is not in the future"))


class InvoiceForm(Form):
    """What is on the invoice besides the car."""

    further = text(_l("What else is invoiced"), 120)
    further_amount = text(_l("Amount of it"), 16)
    tax = text(_l("Tax"), 16, required=_l("Enter the tax, 0.00 where there is none"))

    def validate_further_amount(self, field: StringField) -> None:
        self.lines: list[tuple[str, int]] = []
        if field.data and not self.further.data:
            raise ValidationError(gettext("Say what this amount is for"))
        if field.data:
            self.lines = [(self.further.data, cents(field))]

    def validate_further(self, field: StringField) -> None:
        if field.data and not self.further_amount.data:
            raise ValidationError(gettext("Enter its amount as well"))

    def validate_tax(self, field: StringField) -> None:
        self.tax_cents = cents(field)


class OrderForm(Form):
    """A car, and what it costs."""

    token = HiddenField(validators=[storable])
    case = HiddenField(validators=[storable])
    make = text(_l("Make"), 60, required=_l("Enter the make"))
    model = text(_l("Model"), 80, required=_l("Enter the model"))
    model_year = IntegerField(_l("Model year"), validators=[InputRequired(_l("Enter the year"))])
    colour = text(_l("Colour"), 60, required=_l("Enter the colour"))
    vin = text(_l("Vehicle identification number"), 17)
    price = text(_l("Price"), 16, required=_l("Enter the price"))
    currency = SelectField(_l("Currency"), choices=[SelectChoice(one, one) for one in CURRENCIES])

    def validate_model_year(self, field: IntegerField) -> None:
        latest = datetime.now(UTC).year + 2
        if field.data and not 1900 <= field.data <= latest:
            raise ValidationError(
                gettext("Enter a year between 1900 and %(latest)s", latest=str(latest))
            )

    def validate_vin(self, field: StringField) -> None:
        if not field.data:
            return
        field.data = field.data.upper()
        try:
            vininfo.Vin(field.data)
        except vininfo.VininfoException:
            raise ValidationError(
                gettext("This is not a well-formed number: it has 17 signs, and no I, O or Q")
            ) from None

    def validate_price(self, field: StringField) -> None:
        self.cents = cents(field)
        if not self.cents:
            raise ValidationError(gettext("Enter more than nothing"))


class ShipmentForm(Form):
    """How the car travels. A port's code is for the map; a number is for the carrier's reports."""

    carrier = text(_l("Carrier"), 120, required=_l("Enter the carrier"))
    vessel = text(_l("Ship"), 80)
    voyage = text(_l("Voyage"), 40)
    from_port = text(_l("Port of loading"), 80)
    from_code = text(_l("Code of the port of loading"), 5)
    to_port = text(_l("Port of arrival"), 80)
    to_code = text(_l("Code of the port of arrival"), 5)
    handover_address = text(_l("Place of handover"), 200)
    carrier_code = SelectField(_l("Reports are taken from"), validators=[storable])
    reference = text(_l("The carrier's number of the shipment"), 80)

    def validate_from_code(self, field: StringField) -> None:
        self._check_code(field, self.from_port)

    def validate_to_code(self, field: StringField) -> None:
        self._check_code(field, self.to_port)

    def _check_code(self, field: StringField, port: StringField) -> None:
        field.data = (field.data or "").upper()
        if field.data and not PORT_CODE.fullmatch(field.data):
            raise ValidationError(gettext("Enter a UN/LOCODE of five signs, for instance KRUSN"))
        if field.data and not port.data:
            raise ValidationError(gettext("Enter the name of the port as well"))

    def validate_reference(self, field: StringField) -> None:
        if bool(field.data) != bool(self.carrier_code.data):
            raise ValidationError(
                gettext("A number and who reports under it go together: enter both or none")
            )


class CancelForm(Form):
    reason = long_text(_l("Why is it cancelled?"), _l("Write the reason"), 1_000)


class MilestoneForm(Form):
    token = HiddenField(validators=[storable])
    milestone = SelectField(
        _l("Step"),
        choices=lambda: [
            SelectChoice(one.value, wording.code(one.value, gettext)) for one in Milestone
        ],
    )
    done = RadioField(
        _l("Is it reached?"),
        choices=lambda: [
            SelectChoice("yes", gettext("Yes, on this day")),
            SelectChoice("no", gettext("No, it is expected on this day")),
        ],
        validators=[InputRequired(_l("Say whether it is reached"))],
    )
    day = DateField(_l("Day"), validators=[InputRequired(_l("Enter the day"))])
    place = text(_l("Place"), 120)
    reason = text(_l("Reason of a delay"), 300)

    def validate_day(self, field: DateField) -> None:
        if self.done.data == "yes" and field.data and field.data > datetime.now(UTC).date():
            raise ValidationError(gettext("What is reached has a day that is not in the future"))
