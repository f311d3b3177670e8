"""The forms of the policy's desk."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from alko.policy import drafts, text, writing
from alko.web.forms import Form, storable, trimmed
from alko.web.forms import text as line

LONGEST_SECTION = 20_000
"""Characters of one section."""
NAMES = {section_id: section_id.replace("-", "_") for section_id in text.WRITTEN}
"""For each section that people write the name of its field."""


def readable(_form: Form, field: Field) -> None:
    """The text of a section must have paragraphs, and no titles of its own."""
    try:
        writing.parsed(field.data or "")
    except writing.WritingRefused as refusal:
        raise ValidationError(gettext(str(refusal)).capitalize() + ".") from None


def newer(_form: Form, field: Field) -> None:
    try:
        drafts.check_name(field.data or "")
    except drafts.NotNewer as refusal:
        raise ValidationError(
            gettext("It must come after version %(version)s.", version=str(refusal))
        ) from None
    except ValueError:
        raise ValidationError(gettext("Use year and month, for instance 2026-05.")) from None


def section(label: Any) -> TextAreaField:
    too_long = _l("Use at most %(max)d characters.")
    return TextAreaField(
        label,
        validators=[Length(max=LONGEST_SECTION, message=too_long), storable, readable],
        filters=[trimmed],
    )


class DraftForm(Form):
    revision = HiddenField()
    version = line(
        _l("Name of the version"), 9, required=_l("Enter year and month"), validators=[newer]
    )
    summary = line(_l("What changes, in a sentence for clients"), 300, required=_l("Say it"))
    significant = BooleanField(_l("The change is significant: every client is told"))
    introduction = section(_l("Introduction"))
    data_storage_and_security = section(_l("Data Storage & Security"))
    contact_us = section(_l("Contact Us"))

    @property
    def written(self) -> dict[str, str]:
        return {section_id: self[name].data or "" for section_id, name in NAMES.items()}


class RevisionForm(Form):
    """Names the draft that was looked at, so that nobody publishes what they did not see."""

    revision = HiddenField(validators=[InputRequired()])

    @property
    def number(self) -> int:
        raw = self.revision.data or ""
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1


class ReviewForm(Form):
    confirmed = BooleanField(
        _l("I read the whole policy today, and it says what we do"),
        validators=[InputRequired(_l("Confirm that you read it"))],
    )
