"""Legal holds of a client: placed, read, renewed and lifted by an officer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from bson import ObjectId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from wtforms import Field

from alko.database.keyring import KeyDestroyed
from alko.moderation.blueprint import blueprint
from alko.moderation.clients import presentation, reading
from alko.moderation.clients.forms import HoldForm, RenewForm
from alko.privacy.door.permissions import Permission
from alko.privacy.lifecycle import holds as legal_holds
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.route("/clients/<client>/legal-holds", methods=["GET", "POST"])
@staff(Permission.HOLDS)
def holds(client: str) -> Response:
    """What is held of this client, and a form to hold more: one record, or everything."""
    number = _client(client)
    form = HoldForm(record=request.args.get("record", ""))
    record = record_id(form.record.data) if form.record.data else None
    if form.validate_on_submit() and _placed(number, form, record):
        flash(gettext("It is held. Nothing of it is erased before the hold ends."), "success")
        return _see(number)
    return render(
        "moderation/clients/holds.html",
        status=422 if form.errors else 200,
        form=form,
        client=number,
        record=record,
        holds=presentation.holds(legal_holds.standing(number), number),
    )


@blueprint.route("/clients/<client>/legal-holds/<hold>", methods=["GET", "POST"])
@staff(Permission.HOLDS)
def hold_page(client: str, hold: str) -> Response:
    """One hold in force: give it another end, or lift it."""
    number, form = _client(client), RenewForm()
    found = _in_force(number, record_id(hold))
    if form.validate_on_submit() and _renewed(number, found, form.until):
        flash(gettext("The hold has another end."), "success")
        return _see(number)
    return render(
        "moderation/clients/hold.html",
        status=422 if form.errors else 200,
        form=form,
        client=number,
        hold=presentation.hold(found, number),
        reason=_reason(number, found.id),
        lift_url=url_for("moderation.lift_hold", client=number, hold=found.id),
    )


@blueprint.post("/clients/<client>/legal-holds/<hold>/lift")
@staff(Permission.HOLDS)
def lift_hold(client: str, hold: str) -> Response:
    number = _client(client)
    try:
        legal_holds.lift(number, current_member.actor(), record_id(hold))
    except legal_holds.NoSuchHold:
        abort(404)
    flash(gettext("The hold is lifted."), "success")
    return _see(number)


def _placed(client: ObjectId, form: HoldForm, record: ObjectId | None) -> bool:
    try:
        legal_holds.place(
            client,
            current_member.actor(),
            _end_of(form.until.data),
            form.reason.data or "",
            record,
            told=not form.secret.data,
        )
    except legal_holds.HoldRefused as refusal:
        form.form_errors.append(gettext(str(refusal)))
        return False
    return True


def _renewed(client: ObjectId, found: legal_holds.Hold, until: Field) -> bool:
    try:
        legal_holds.renew(client, current_member.actor(), found.id, _end_of(until.data))
    except legal_holds.HoldRefused as refusal:
        until.errors = [gettext(str(refusal))]
        return False
    except legal_holds.NoSuchHold:
        abort(404)
    return True


def _client(raw: str) -> ObjectId:
    number = record_id(raw)
    if not reading.is_client(number):
        abort(404)
    return number


def _in_force(client: ObjectId, hold: ObjectId) -> legal_holds.Hold:
    found = next((one for one in legal_holds.standing(client) if one.id == hold), None)
    return found or abort(404)


def _reason(client: ObjectId, hold: ObjectId) -> str:
    try:
        return legal_holds.reason(client, current_member.actor(), hold)
    except KeyDestroyed:
        return gettext("It can no longer be read: its key is destroyed.")


def _end_of(day: date) -> datetime:
    """A hold lasts through its last day (UTC)."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def _see(client: ObjectId) -> Response:
    return redirect(url_for("moderation.holds", client=client), code=303)  # type: ignore[return-value]
