"""The forms of the account pages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers
import pycountry
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from alko.privacy.identity import passwords
from alko.web.forms import Form, an_address, password, storable, text

ADULT = 18
IDENTIFICATION_KINDS = (
    SelectChoice("", _l("Choose one")),
    SelectChoice("passport", _l("Passport")),
    SelectChoice("national_id", _l("National ID card")),
    SelectChoice("driving_licence", _l("Driving licence")),
)


def email_field() -> Any:
    return text(
        _l("Email address"), 254, required=_l("Enter your email address"), validators=[an_address]
    )


def new_password(label: Any) -> Any:
    return password(label, _l("Choose a password"))


def check_new_password(form: Form, field: Any, known: list[str]) -> None:
    problem = passwords.problem(field.data or "", known)
    if problem:
        raise ValidationError(gettext(problem))


class RegisterForm(Form):
    email = email_field()
    password = new_password(_l("Password"))

    def validate_password(self, field: Any) -> None:
        check_new_password(self, field, (self.email.data or "").split("@"))


class OpenAccountForm(Form):
    password = password(_l("Password"), _l("Enter the password that was chosen at registration"))


class SignInForm(Form):
    email = email_field()
    password = password(_l("Password"), _l("Enter your password"))
    remember = BooleanField(_l("Keep me signed in on this device for 30 days"))
    next = HiddenField(validators=[storable])


class CodeForm(Form):
    code = text(_l("Code"), 40, required=_l("Enter the code"))
    next = HiddenField(validators=[storable])


class ForgottenForm(Form):
    email = email_field()


class ResetForm(Form):
    password = new_password(_l("New password"))

    def validate_password(self, field: Any) -> None:
        check_new_password(self, field, [])


class ChangePasswordForm(Form):
    current_password = password(_l("Current password"), _l("Enter your current password"))
    new_password = new_password(_l("New password"))

    def validate_new_password(self, field: Any) -> None:
        check_new_password(self, field, [self.current_password.data or ""])


class ConfirmForm(Form):
    password = password(_l("Password"), _l("Enter your password"))
    next = HiddenField(validators=[storable])


class TwoFactorForm(Form):
    secret = HiddenField(validators=[storable])
    code = text(_l("Code from the app"), 12, required=_l("Enter the six digits the app shows"))


def countries() -> list[SelectChoice]:
    """All countries by their names in the language of the page."""
    names = get_locale().territories
    codes = [country.alpha_2 for country in pycountry.countries]
    named = sorted((str(names.get(code, code)), code) for code in codes)
    return [SelectChoice("", _l("Choose one")), *(SelectChoice(code, name) for name, code in named)]


class NewAddressForm(Form):
    email = text(
        _l("New email address"),
        254,
        required=_l("Enter your new email address"),
        validators=[an_address],
    )
    password = password(_l("Password"), _l("Enter your password"))


class ProfileForm(Form):
    """All that a profile holds, or ``only`` some of it."""

    def __init__(self, *args: Any, only: Collection[str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in [field.name for field in self]:
            if only is not None and name not in only:
                del self[name]

    full_name = text(_l("Full name"), 120)
    birth_date = DateField(_l("Date of birth"), validators=[Optional()])
    nationality = SelectField(_l("Nationality"), choices=countries)
    identification_kind = SelectField(
        _l("Kind of identification"), choices=lambda: list(IDENTIFICATION_KINDS)
    )
    identification_number = text(_l("Identification number"), 40)
    phone = text(_l("Phone number"), 30)
    street = text(_l("Street and number"), 120)
    city = text(_l("City"), 80)
    postal_code = text(_l("Postal code"), 16)
    country = SelectField(_l("Country"), choices=countries)

    def validate_birth_date(self, field: Any) -> None:
        if field.data is None:
            return
        today = datetime.now(UTC).date()
        if not date(1900, 1, 1) <= field.data <= today:
            raise ValidationError(_l("Enter a date of birth in the past"))
        years = today.year - field.data.year
        if (today.month, today.day) < (field.data.month, field.data.day):
            years -= 1
        if years < ADULT:
            raise ValidationError(_l("Only adults can buy a car here"))

    def validate_phone(self, field: Any) -> None:
        if not field.data:
            return
        try:
            region = self.country.data if self.country else None
            number = phonenumbers.parse(field.data, region or None)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(_l("Enter a phone number with its country code, like +40 712 …"))
        field.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def validate_identification_number(self, field: Any) -> None:
        kind = self.identification_kind
        if field.data and kind and not kind.data:
            raise ValidationError(_l("Choose which identification this number belongs to"))

    def details(self, keep_if_empty: tuple[str, ...]) -> dict[str, str]:
        """The details as they are stored: text, dates in ISO 8601.

        Fields of ``keep_if_empty`` are left out where nothing was typed.
        """
        return {
            name: value.isoformat() if isinstance(value, date) else (value or "")
            for name, value in self.data.items()
            if value or name not in keep_if_empty
        }
