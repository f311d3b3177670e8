"""The forms of the register of breaches. Times are UTC, and say so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectMultipleField, TextAreaField
from wtforms.fields import DateTimeLocalField, SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from alko.privacy.inventory import CATEGORIES
from alko.privacy.oversight.breaches import BreachDetails, Scope
from alko.web.forms import Form, storable, text, trimmed

LONGEST = 10_000
"""Characters of each text."""


def number(_form: Form, field: Field) -> None:
    if field.data and not ObjectId.is_valid(field.data):
        raise ValidationError(gettext("A number has 24 digits and letters from a to f."))


def words(label: Any, required: Any = None) -> TextAreaField:
    first = InputRequired(required) if required else Optional()
    too_long = _l("Use at most %(max)d characters.")
    return TextAreaField(
        label,
        validators=[first, Length(max=LONGEST, message=too_long), storable],
        filters=[trimmed],
    )


def moment(label: Any) -> DateTimeLocalField:
    return DateTimeLocalField(
        label,
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        validators=[InputRequired(_l("Enter day and time"))],
    )


def utc(field: Field) -> datetime:
    naive: datetime = field.data
    return naive.replace(tzinfo=UTC)


class BreachForm(Form):
    discovered_at = moment(_l("When ALKO became aware of it (UTC)"))
    happened = words(_l("What happened"), _l("Write what happened"))
    effects = words(_l("What it can mean for the people concerned"))
    measures = words(_l("What was done about it"))
    began_at = moment(_l("Data was reached from (UTC)"))
    ended_at = moment(_l("Data was reached until (UTC)"))
    member = text(_l("By the member of staff with the number"), 24, validators=[number])
    categories = SelectMultipleField(
        _l("Which data"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    everybody = BooleanField(_l("The data of all clients was reached"))

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.categories.choices = [
            SelectChoice(slug, gettext(c.label)) for slug, c in CATEGORIES.items()
        ]

    @property
    def scope(self) -> Scope:
        return Scope(
            began_at=utc(self.began_at),
            ended_at=utc(self.ended_at),
            member=ObjectId(self.member.data) if self.member.data else None,
            categories=tuple(self.categories.data or ()),
            everybody=bool(self.everybody.data),
        )

    @property
    def details(self) -> BreachDetails:
        return BreachDetails(
            happened=self.happened.data or "",
            effects=self.effects.data or "",
            measures=self.measures.data or "",
        )


class AuthorityForm(Form):
    told_at = moment(_l("When the authority was told (UTC)"))
    told_words = words(_l("What it was told and its reference; after 72 hours, why so late"))


class SpareAuthorityForm(Form):
    authority_reason = words(
        _l("Why no risk for anybody is likely"), _l("Write why no risk is likely")
    )


class ClientsForm(Form):
    statement = words(_l("What the clients read"), _l("Write what the clients read"))


class SpareClientsForm(Form):
    clients_reason = words(
        _l("Why no high risk for anybody is likely"), _l("Write why no high risk is likely")
    )


class CloseForm(Form):
    """Nothing is typed to close an entry."""
