"""Two factors for everybody who works here; nothing of the staff's surface is open without."""

from __future__ import annotations

from flask import Response, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from alko.extensions import alko_settings, limiter
from alko.moderation.blueprint import blueprint
from alko.moderation.entrance.forms import JoinForm, StaffCodeForm, StaffSignInForm
from alko.privacy.identity import second_factor, staff
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.web import attempts, devices, members, qr, typed
from alko.web.access import elsewhere, public
from alko.web.addresses import safe_target
from alko.web.first_step import FirstSteps
from alko.web.pages import render

PENDING_SECONDS = 5 * 60
"""How long the second step of a sign-in may take."""

by_caller = limiter.shared_limit(
    lambda: alko_settings().rate_sign_in, scope="staff-credentials", methods=["POST"]
)
first_steps = FirstSteps("staff_first_step", PENDING_SECONDS)
by_account = attempts.by_account("staff")


def links() -> Links:
    return Links(current_app.config["SECRET_KEY"])


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@by_caller
@by_account
def sign_in() -> Response:
    if members.find() and request.method == "GET":
        return elsewhere(_target(request.args.get("next")))
    form = StaffSignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        member = staff.check_password(form.email.data or "", form.password.data or "")
        if member:
            session.clear()
            first_steps.begin(member)
            after = safe_target(form.next.data)
            return typed.onwards(url_for("moderation.sign_in_code", next=after))
        attempts.count()
        form.form_errors.append(
            gettext("The email address or the password is wrong. Please check both.")
        )
    return render("moderation/entrance/sign_in.html", status=422 if form.errors else 200, form=form)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
@by_caller
@first_steps.by_code()
def sign_in_code() -> Response:
    step = first_steps.find()
    form = StaffCodeForm(next=request.args.get("next", ""))
    if step is None:
        return _begin_again(gettext("Please begin again: too much time has passed."))
    if form.validate_on_submit():
        if staff.code_is_right(step.person, form.code.data or ""):
            devices.remember(step.account)
            members.enter(staff.begin_session(step.person))
            kept = typed.brought()
            return typed.offer(kept) if kept else elsewhere(_target(form.next.data))
        if not first_steps.miss(step):
            return _begin_again(gettext("Too many wrong codes. Please give your password again."))
        form.code.errors = [gettext("This code is wrong or was used already. Wait for a new one.")]
    return render(
        "moderation/entrance/sign_in_code.html", status=422 if form.errors else 200, form=form
    )


def _begin_again(why: str) -> Response:
    flash(why, "info")
    target = safe_target(request.values.get("next"))
    return typed.onwards(url_for("moderation.sign_in", next=target))


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    member = members.find()
    if member:
        staff.end_session(member.id, member.session)
    members.leave()
    flash(gettext("You are signed out."), "success")
    return elsewhere(url_for("moderation.sign_in"))


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@public
@by_caller
def join(token: str) -> Response:
    """Choose a password and set up the second factor; the secret travels signed in the form."""
    form = JoinForm()
    secret = _carried(form.secret.data) or second_factor.new_secret()
    form.secret.data = _serializer().dumps(secret)
    try:
        _, email = staff.invited(links(), token)
        if form.validate_on_submit():
            password, code = form.password.data or "", form.code.data or ""
            if staff.join(links(), token, password, secret, code):
                flash(gettext("Your access is set up. You can sign in now."), "success")
                return _see(url_for("moderation.sign_in"))
            form.code.errors = [gettext("This code does not fit. Check the clock of your phone.")]
    except LinkInvalid:
        return render("moderation/entrance/link_invalid.html", status=404)
    return render(
        "moderation/entrance/join.html",
        status=422 if form.errors else 200,
        form=form,
        token=token,
        secret=qr.in_groups(secret),
        picture=qr.picture(second_factor.setup_uri(secret, email)),
    )


def _target(address: str | None) -> str:
    """Back to where the member wanted to go, within the staff's surface."""
    known = safe_target(address)
    return known if known and known.startswith("/staff") else url_for("moderation.today")


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="alko.staff-second-factor")


def _carried(signed: str | None) -> str | None:
    try:
        return str(_serializer().loads(signed or ""))
    except BadSignature:
        return None
