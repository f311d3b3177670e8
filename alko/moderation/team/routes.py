"""Inviting members of staff, their roles, and the end of their access (P12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, abort, current_app, flash, redirect, url_for
from flask_babel import get_locale, gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.team.forms import EndForm, InviteForm, RoleForm
from alko.privacy import wording
from alko.privacy.door.permissions import Permission, StaffRole
from alko.privacy.identity import staff as people
from alko.privacy.identity import team as management
from alko.privacy.identity.tokens import Links
from alko.web import paging
from alko.web.access import staff
from alko.web.forms import Form
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager
from alko.words import N_

TONES = {"active": "success", "invited": "info", "left": "neutral"}
WHAT_THEY_DO = {
    StaffRole.AGENT.value: N_("Works on assigned cases, papers and deliveries."),
    StaffRole.OFFICER.value: N_("Decides about rights; holds, ledger, policy and breaches."),
    StaffRole.ADMINISTRATOR.value: N_("Manages this team and the settings; sees no client's data."),
}


@blueprint.get("/team")
@staff(Permission.TEAM)
def team() -> Response:
    """Everybody, those who left last."""
    page, members = management.listed(current_member.actor(), paging.number_asked())
    return render(
        "moderation/team/index.html",
        members=[_shown(one) for one in members],
        page=Pager(page, lambda number: url_for("moderation.team", page=number)),
    )


@blueprint.route("/team/invite", methods=["GET", "POST"])
@staff(Permission.TEAM)
def invite() -> Response:
    form = InviteForm()
    if form.validate_on_submit():
        role = StaffRole(form.role.data)
        name, email = form.full_name.data or "", form.email.data or ""
        try:
            management.invite(_links(), current_member.actor(), name, email, role)
        except people.AddressTaken:
            form.email.errors = [
                gettext("A member of staff has this address already; invite them again instead.")
            ]
        else:
            _say_sent()
            return _see(url_for("moderation.team"))
    return render(
        "moderation/team/invite.html",
        status=422 if form.errors else 200,
        form=form,
        hints=_hints(),
    )


@blueprint.get("/team/<member>")
@staff(Permission.TEAM)
def member_page(member: str) -> Response:
    return _member(record_id(member))


@blueprint.post("/team/<member>/invite")
@staff(Permission.TEAM)
def invite_again(member: str) -> Response:
    number = record_id(member)
    try:
        management.invite_again(_links(), current_member.actor(), number)
    except management.NoSuchMember:
        abort(404)
    except management.LastAdministrator:
        return _member(number, problem=_last())
    _say_sent()
    return _see(url_for("moderation.team"))


@blueprint.post("/team/<member>/role")
@staff(Permission.TEAM)
def change_role(member: str) -> Response:
    number, form = record_id(member), RoleForm()
    if not form.validate_on_submit():
        return _member(number, role=form)
    return _done(
        number,
        form,
        lambda actor: management.change_role(actor, number, StaffRole(form.role.data)),
        gettext("The role is changed, from their next click on."),
    )


@blueprint.post("/team/<member>/end")
@staff(Permission.TEAM)
def end_access(member: str) -> Response:
    number, form = record_id(member), EndForm()
    if not form.validate_on_submit():
        return _member(number, end=form)
    return _done(
        number,
        form,
        lambda actor: management.end_access(actor, number),
        gettext("The access is ended, and what they worked on is back in the queues."),
    )


def _done(number: ObjectId, form: Form, change: Any, said: str) -> Response:
    """Make the change, or say in words why it is not made."""
    try:
        change(current_member.actor())
    except management.NoSuchMember:
        abort(404)
    except management.LastAdministrator:
        form.form_errors.append(_last())
    except management.Oneself:
        form.form_errors.append(gettext("Another administrator has to do this for you."))
    else:
        flash(said, "success")
        return _see(url_for("moderation.team"))
    return _member(number, role=form) if isinstance(form, RoleForm) else _member(number, end=form)


def _member(
    number: ObjectId,
    role: Form | None = None,
    end: Form | None = None,
    problem: str | None = None,
) -> Response:
    try:
        found = management.read(current_member.actor(), number)
    except management.NoSuchMember:
        abort(404)
    wrong = role or end
    if problem:
        flash(problem, "error")
    return render(
        "moderation/team/member.html",
        status=422 if wrong or problem else 200,
        form=wrong,
        member=_shown(found),
        role_form=role or RoleForm(role=found.role.value),
        end_form=end or EndForm(),
        hints=_hints(),
    )


def _shown(one: management.Member) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.full_name,
        "email": one.email,
        "role": wording.code(one.role.value, gettext),
        "status": one.status.value,
        "status_name": wording.code(one.status.value, gettext),
        "tone": TONES.get(one.status.value, "neutral"),
        "seen": _moment(one.last_seen_at),
        "erased_on": one.erased_on and wording.day(one.erased_on, get_locale()),
        "myself": one.id == current_member.id,
        "url": url_for("moderation.member_page", member=one.id),
    }


def _moment(moment: datetime | None) -> str:
    return wording.moment(moment, get_locale()) if moment else gettext("Never")


def _hints() -> dict[str, str]:
    return {role: gettext(text) for role, text in WHAT_THEY_DO.items()}


def _last() -> str:
    return gettext("They are the only administrator: give somebody else this role first.")


def _say_sent() -> None:
    flash(gettext("The invitation is on its way by mail. Its link works for 48 hours."), "success")


def _links() -> Links:
    return Links(current_app.config["SECRET_KEY"])


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
