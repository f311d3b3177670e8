"""The forms of the desk for requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from alko.moderation.texts import filled_in
from alko.privacy.rights.catalogue import RIGHTS
from alko.privacy.rights.requests import LONGEST_TEXT
from alko.privacy.rights.restriction import GROUNDS
from alko.web.forms import Form, long_text, storable, trimmed

LONGEST_AGO_DAYS = 365


class StepForm(Form):
    """What every step sends: which state of the request its page showed."""

    revision = HiddenField(validators=[storable])

    @property
    def seen(self) -> int | None:
        """The revision that the page showed; None where that is missing or no number."""
        data = str(self.revision.data or "")
        return int(data) if data.isascii() and data.isdecimal() and len(data) < 10 else None


class MessageForm(StepForm):
    body = long_text(
        _l("Message to the client"), _l("Write a message"), LONGEST_TEXT, validators=[filled_in]
    )


class QuestionForm(StepForm):
    body = long_text(
        _l("Question to the client"),
        _l("Write what you need to know"),
        LONGEST_TEXT,
        validators=[filled_in],
    )


class AnswerForm(StepForm):
    body = long_text(
        _l("Answer to the client"), _l("Write the answer"), LONGEST_TEXT, validators=[filled_in]
    )


class RefusalForm(StepForm):
    body = long_text(
        _l("Reason, as the client reads it"),
        _l("Write the reason"),
        LONGEST_TEXT,
        validators=[filled_in],
    )


class ExtensionForm(StepForm):
    months = RadioField(
        _l("How much longer?"),
        choices=[SelectChoice("1", _l("One month")), SelectChoice("2", _l("Two months"))],
        validators=[InputRequired(_l("Choose one or two months"))],
    )
    body = long_text(
        _l("Reason, as the client reads it"),
        _l("Write the reason"),
        LONGEST_TEXT,
        validators=[filled_in],
    )


class CorrectionForm(StepForm):
    note = TextAreaField(
        _l("A word to the client"),
        validators=[
            Length(max=LONGEST_TEXT, message=_l("Use at most %(max)d characters.")),
            storable,
        ],
        filters=[trimmed],
    )


class IdentifiedForm(StepForm):
    how = long_text(
        _l("How were they identified?"), _l("Write how they were identified"), LONGEST_TEXT
    )


class RestrictionForm(StepForm):
    ground = RadioField(
        _l("On which ground?"),
        choices=lambda: [SelectChoice(name, gettext(text)) for name, text in GROUNDS.items()],
        validators=[InputRequired(_l("Choose a ground"))],
    )


class ProposalForm(StepForm):
    when = RadioField(
        _l("When shall it happen?"),
        choices=[
            SelectChoice(
                "later", _l("14 days after the approval; until then the client can cancel it")
            ),
            SelectChoice("now", _l("As soon as it is approved; it cannot be undone")),
        ],
        validators=[InputRequired(_l("Choose when it shall happen"))],
    )
    reason = long_text(
        _l("Why it shall be deleted, and how the client was identified"),
        _l("Write the reason"),
        LONGEST_TEXT,
    )


class DeclineForm(StepForm):
    reason = long_text(_l("Why not?"), _l("Write why not"), LONGEST_TEXT)


class PhonedForm(Form):
    """A request that somebody makes by phone."""

    client = HiddenField(validators=[storable])
    case = HiddenField(validators=[storable])
    key = HiddenField(validators=[Length(max=64), storable])
    """Made with the page: sent twice, it is one request."""
    right = RadioField(
        _l("Which right is it about?"),
        choices=lambda: [
            SelectChoice(right.value, gettext(one.name)) for right, one in RIGHTS.items()
        ],
        validators=[InputRequired(_l("Choose the right"))],
    )
    words = long_text(_l("What was said?"), _l("Write what was said"), LONGEST_TEXT)
    on = DateField(
        _l("Day of the call"), validators=[InputRequired(_l("Enter the day of the call"))]
    )
    at = TimeField(
        _l("Time of the call (UTC)"), validators=[InputRequired(_l("Enter the time of the call"))]
    )
    identified = RadioField(
        _l("Was the caller identified?"),
        choices=[
            SelectChoice("yes", _l("Yes, as the client")),
            SelectChoice("no", _l("Not yet: nothing is done before that")),
        ],
        validators=[InputRequired(_l("Choose whether the caller was identified"))],
    )
    how = long_text(_l("How, or why not yet?"), _l("Write how, or why not yet"), LONGEST_TEXT)

    @property
    def called_at(self) -> datetime:
        return datetime.combine(self.on.data, self.at.data, UTC)

    def validate_at(self, field: Any) -> None:
        if self.on.errors or not (self.on.data and field.data):
            return
        now = datetime.now(UTC)
        if self.called_at > now:
            text = gettext("This is in the future: it is %(now)s UTC now.", now=f"{now:%H:%M}")
            raise ValidationError(text)
        if (now - self.called_at).days > LONGEST_AGO_DAYS:
            raise ValidationError(gettext("This is more than a year ago. Please check the day."))
