"""The form with which a paper is rejected: a reason from the list, in own words besides."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from alko.web.forms import Form, storable, trimmed
from alko.words import N_

LONGEST_WORDS = 600
"""Characters of own words."""
OTHER = "other"
REASONS: dict[str, tuple[str, str]] = {
    "unreadable": (
        N_("It cannot be read"),
        N_("The picture is too dark or not sharp, so that we cannot read it. Please take it anew."),
    ),
    "cut_off": (
        N_("Something is cut off"),
        N_("A part of the paper is not in the picture. Please send the whole of it."),
    ),
    "one_side": (
        N_("A side or a page is missing"),
        N_("We need both sides, or all pages. Please send them in one file."),
    ),
    "expired": (
        N_("It is no longer valid"),
        N_("The paper was valid until a day that is past. Please send one that is valid."),
    ),
    "too_old": (
        N_("It is too old"),
        N_("A proof of residence must not be older than three months. Please send a newer one."),
    ),
    "wrong_kind": (
        N_("It is another kind of paper"),
        N_("This is not the kind of paper that is asked for here. Please send the right one."),
    ),
    "other_person": (
        N_("It does not match what the client told us"),
        N_(
            "The name or the date on the paper is not what you told us. Please send another one, "
            "or correct your details first."
        ),
    ),
    "amount": (
        N_("It shows no payment of this order"),
        N_("We find no payment of this order on it. Please send the receipt of your bank."),
    ),
    OTHER: (N_("Another reason, in my own words"), ""),
}
"""For each reason what staff choose, and what the client reads."""


class RejectForm(Form):
    seen = HiddenField(validators=[storable])
    reason = SelectField(
        _l("Reason"),
        choices=lambda: [
            SelectChoice("", gettext("Choose a reason")),
            *(SelectChoice(code, gettext(name)) for code, (name, _) in REASONS.items()),
        ],
        validators=[InputRequired(_l("Choose a reason"))],
    )
    words = TextAreaField(
        _l("In your own words"),
        validators=[
            Length(max=LONGEST_WORDS, message=_l("Use at most %(max)d characters.")),
            storable,
        ],
        filters=[trimmed],
    )

    def validate_words(self, field: TextAreaField) -> None:
        if self.reason.data == OTHER and not field.data:
            raise ValidationError(gettext("Write what the client is to read"))

    @property
    def told(self) -> str:
        """What the client reads."""
        text = REASONS[self.reason.data or OTHER][1]
        return " ".join(part for part in (gettext(text) if text else "", self.words.data) if part)
