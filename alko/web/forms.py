"""The base of all forms: text that can be stored, errors that keep what was typed."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from alko.privacy.identity import email_address
from alko.web import typed


class Form(FlaskForm):
    """CSRF is checked once for every request (alko/web/security.py), so not again here."""

    class Meta:
        csrf = False

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """As Flask-WTF does; or what was typed before, while its page is offered again."""
            found = super().wrap_formdata(form, formdata)  # type: ignore[misc]
            if found is None and formdata is not None:
                return typed.filling(form._fields)
            return found

    def is_submitted(self) -> bool:
        """Also while a refused form is offered again: then validate() says no, without errors."""
        return bool(super().is_submitted()) or typed.filling(self._fields) is not None

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does; afterwards all messages are plain text, as templates expect them."""
        if typed.filling(self._fields) is not None:
            return False
        valid = bool(super().validate(extra_validators))
        for field in self:
            field.errors = [
                message if isinstance(message, (list, tuple, dict)) else str(message)
                for message in field.errors
            ]
        return valid


def trimmed(value: Any) -> Any:
    """Without white space around, in the composed form of Unicode."""
    return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value


def storable(_form: Form, field: Field) -> None:
    """Refuse characters that no name, address or message contains: NUL and other controls."""
    for character in field.data or "":
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\r\n\t":
            raise ValidationError(
                _l("This contains a character that cannot be typed. Please type it anew.")
            )


def an_address(_form: Form, field: Any) -> None:
    """Refuse what is no email address; puts a right one into its usual form."""
    try:
        field.data = email_address.usual_form(field.data)
    except email_address.NoAddress:
        raise ValidationError(
            _l("Enter an email address in the right form, like name@example.com")
        ) from None


def text(label: Any, most: int, *, required: Any = None, **options: Any) -> StringField:
    """A line of text of at most ``most`` characters; ``required`` is the message if empty."""
    first = InputRequired(required) if required else Optional()
    too_long = _l("Use at most %(max)d characters.")
    validators = [first, Length(max=most, message=too_long), storable]
    validators += options.pop("validators", [])
    return StringField(label, validators=validators, filters=[trimmed], **options)


def long_text(label: Any, required: Any, most: int, **options: Any) -> TextAreaField:
    """Lines of at most ``most`` characters; ``required`` is the message if there are none."""
    too_long = _l("Use at most %(max)d characters.")
    validators = [DataRequired(required), Length(max=most, message=too_long), storable]
    validators += options.pop("validators", [])
    return TextAreaField(label, validators=validators, filters=[trimmed], **options)


def password(label: Any, required: Any, **options: Any) -> PasswordField:
    """A password as typed: nothing is trimmed."""
    too_long = _l("Use at most %(max)d characters.")
    validators = [InputRequired(required), Length(max=128, message=too_long)]
    validators += options.pop("validators", [])
    return PasswordField(label, validators=validators, **options)
