"""Taking work, putting it back and giving it on: the same at every desk."""

from __future__ import annotations

from bson import ObjectId
from flask import Response, abort, flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from alko.privacy import wording
from alko.privacy.door import assignments, grounds
from alko.privacy.door.assignments import NotForThem, TakenByAnother
from alko.privacy.door.permissions import Permission
from alko.privacy.identity import staff
from alko.web.forms import Form
from alko.web.members import current_member
from alko.web.pages import render


class GiveForm(Form):
    to = SelectField(_l("To whom?"), validators=[InputRequired(_l("Choose somebody"))])


def whose(holder: ObjectId | None, member: ObjectId) -> str:
    """Who has a work item, seen by a member: ``me``, ``other`` or ``nobody``."""
    if holder is None:
        return "nobody"
    return "me" if holder == member else "other"


def status(holder: ObjectId | None) -> int:
    """403 for the page of a colleague's item, which says no more than that; else 200.

    Officers give such items to others, so that the page is theirs too.
    """
    colleagues = whose(holder, current_member.id) == "other"
    return 403 if colleagues and not current_member.may(Permission.DECIDE) else 200


def take(reference: str) -> None:
    """Take it, and say how that went."""
    try:
        assignments.take(current_member.actor(), reference)
        flash(gettext("It is in your hands."), "success")
    except TakenByAnother:
        flash(gettext("A colleague was faster and has it now."), "warning")
        _refuse_agents(reference)


def put_back(reference: str) -> None:
    """Put it back into the queue, and say how that went."""
    try:
        assignments.put_back(current_member.actor(), reference)
        flash(gettext("It is back in the queue."), "info")
    except TakenByAnother:
        flash(gettext("It was not in your hands."), "info")
        _refuse_agents(reference)


def _refuse_agents(reference: str) -> None:
    """403 where a colleague has it; the page says what was flashed."""
    refusal = status(assignments.holder(reference))
    if refusal != 200:
        abort(refusal)


def give(
    reference: str, holder: ObjectId | None, desk: tuple[str, str], item: str
) -> Response | None:
    """The page on which an officer gives it to somebody; None once that is done.

    ``desk`` is the name and address of the desk, ``item`` the address of the item's own page.
    """
    form = GiveForm()
    form.to.choices = [
        SelectChoice(
            str(member), gettext("%(name)s (%(role)s)", name=name, role=wording.code(role, gettext))
        )
        for member, role, name in staff.names(*grounds.kind_of(reference).roles)
    ]
    if form.validate_on_submit():
        try:
            assignments.give(current_member.actor(), reference, ObjectId(form.to.data))
            flash(gettext("It was given on."), "success")
            return None
        except NotForThem:
            form.to.errors = [gettext("They cannot have this work any more. Choose somebody else.")]
    elif request.method == "GET":
        form.to.data = str(current_member.id)
    return render(
        "moderation/give.html",
        status=422 if form.errors else 200,
        form=form,
        reference=reference,
        holder=whose(holder, current_member.id),
        desk=desk,
        item=item,
    )
