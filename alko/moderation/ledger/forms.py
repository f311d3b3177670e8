"""The forms of the ledger's desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alko.privacy import wording
from alko.privacy.accountability.events import EVENTS
from alko.privacy.accountability.ledger_search import Filters
from alko.privacy.wording import CODES
from alko.web.forms import Form, storable, text, trimmed
from alko.words import N_

ACTORS = (
    ("", N_("Everybody")),
    ("client", N_("Clients themselves")),
    ("staff:agent", N_("Agents")),
    ("staff:officer", N_("Privacy officers")),
    ("staff:administrator", N_("Administrators")),
    ("system", N_("The portal itself")),
)
OUTCOMES = ("expected", "explained", "mended", "breach")
SHORTEST_NOTE = 10


def number(_form: Form, field: Field) -> None:
    if field.data and not ObjectId.is_valid(field.data):
        raise ValidationError(gettext("A number has 24 digits and letters from a to f."))


class LedgerForm(Form):
    """Filters, as the address carries them: numbers, references and codes, nothing personal."""

    chain = text(_l("Number of a client or of a member of staff"), 24, validators=[number])
    member = text(_l("Done by the member of staff with the number"), 24, validators=[number])
    reference = text(_l("Reference of a request, a case, an override or a breach"), 40)
    actor = SelectField(_l("Done by"), default="")
    event = SelectField(_l("What happened"), default="")
    since = DateField(_l("From (UTC)"), validators=[Optional()])
    until = DateField(_l("Until and including (UTC)"), validators=[Optional()])

    def __init__(self, *arguments: object, **values: object) -> None:
        super().__init__(*arguments, **values)
        self.actor.choices = [SelectChoice(code, gettext(name)) for code, name in ACTORS]
        events = sorted((gettext(kind.sentence), event.value) for event, kind in EVENTS.items())
        self.event.choices = [
            SelectChoice("", gettext("Anything")),
            *(SelectChoice(code, name) for name, code in events),
        ]

    @property
    def filters(self) -> Filters:
        return Filters(
            chain=_number(self.chain.data),
            member=_number(self.member.data),
            reference=(self.reference.data or "").upper(),
            actor=self.actor.data or "",
            event=self.event.data or "",
            since=_midnight(self.since.data),
            until=_midnight(self.until.data, 1),
        )


class AcknowledgeForm(Form):
    outcome = RadioField(
        _l("What did you find?"), validators=[InputRequired(_l("Choose what you found"))]
    )
    note = TextAreaField(
        _l("What you looked at, and what you did"),
        validators=[
            InputRequired(_l("Write a note")),
            Length(
                SHORTEST_NOTE,
                2_000,
                message=_l("Use at least %(min)d and at most %(max)d characters."),
            ),
            storable,
        ],
        filters=[trimmed],
    )

    def __init__(self, *arguments: object, **values: object) -> None:
        super().__init__(*arguments, **values)
        self.outcome.choices = [
            SelectChoice(code, wording.code(code, gettext)) for code in OUTCOMES
        ]


def _number(raw: str | None) -> ObjectId | None:
    return ObjectId(raw) if raw else None


def _midnight(day: object, later: int = 0) -> datetime | None:
    if day is None:
        return None
    moment = datetime.fromisoformat(str(day)).replace(tzinfo=UTC)
    return moment + timedelta(days=later)


assert set(OUTCOMES) <= CODES.keys()  # noqa: S101 - each has its words
