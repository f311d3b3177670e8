"""Registering, signing in and out, forgotten password."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from flask import Response, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user

from alko.account import operations
from alko.account.blueprint import blueprint
from alko.account.forms import (
    CodeForm,
    ConfirmForm,
    ForgottenForm,
    OpenAccountForm,
    RegisterForm,
    ResetForm,
    SignInForm,
)
from alko.extensions import alko_settings, limiter
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.rights import choices, objection
from alko.web import attempts, devices, typed
from alko.web.access import client_only, elsewhere, mark_fresh, public
from alko.web.addresses import safe_target
from alko.web.first_step import FirstSteps
from alko.web.pages import render
from alko.web.signed_in import SignedIn
from alko.web.visitor import objects_by_signal, visitor

PENDING_SECONDS = 10 * 60
"""How long the second step of a sign-in may take."""
REGISTERED = "registered"
"""In the session: the numbers of the registrations that were made in this browser."""
MOST_REGISTERED = 5


def links() -> Links:
    return Links(current_app.config["SECRET_KEY"])


by_caller = limiter.shared_limit(
    lambda: alko_settings().rate_sign_in, scope="credentials", methods=["POST"]
)
by_account = attempts.by_account("client")
first_steps = FirstSteps("first_step", PENDING_SECONDS)
by_mail = limiter.shared_limit(lambda: alko_settings().rate_mail, scope="mail", methods=["POST"])
by_recipient = attempts.by_recipient()


def see(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[return-value]


@blueprint.route("/register", methods=["GET", "POST"])
@public
@by_mail
@by_recipient
def register() -> Response:
    form = RegisterForm()
    if form.validate_on_submit():
        attempts.count()
        number = operations.register(links(), form.email.data, form.password.data)
        session[REGISTERED] = [*session.get(REGISTERED, []), str(number)][-MOST_REGISTERED:]
        return see("account.registered")
    return render("account/register.html", status=422 if form.errors else 200, form=form)


@blueprint.get("/registered")
@public
def registered() -> Response:
    return render("account/check_mail.html", purpose="registration")


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
@by_caller
def confirm(token: str) -> Response:
    """Shows a form first: mail scanners follow links, and must not confirm anything."""
    form = OpenAccountForm()
    if _registered_here(token):
        del form.password
    try:
        if request.method == "POST" and _opens_account(form, token):
            flash(gettext("Your address is confirmed. You can sign in now."), "success")
            return see("account.sign_in")
    except LinkInvalid:
        return render("account/link_invalid.html", status=404, purpose="registration")
    status = 422 if form.errors else 200
    return render("account/confirm.html", status=status, form=form, token=token)


def _opens_account(form: OpenAccountForm, token: str) -> bool:
    """Open the account if the password is right, where one is asked for; LinkInvalid."""
    operations.registration_of(links(), token)
    if not form.validate():
        return False
    password = form.password.data if form.password else None
    if operations.confirm_registration(links(), token, password):
        return True
    form.password.errors = [gettext("This is not the password that was chosen.")]
    return False


def _registered_here(token: str) -> bool:
    """Whether the password of this registration was typed in this browser."""
    try:
        return str(operations.registration_of(links(), token)) in session.get(REGISTERED, [])
    except LinkInvalid:
        return False


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@by_caller
@by_account
def sign_in() -> Response:
    if current_user.is_authenticated and request.method == "GET":
        return elsewhere(safe_target(request.args.get("next")) or url_for("my_data.overview"))
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        checked = operations.check_password(form.email.data, form.password.data)
        if checked:
            client, credentials = checked
            if credentials.totp_secret:
                first_steps.begin(client, remember=form.remember.data)
                target = safe_target(form.next.data)
                return typed.onwards(url_for("account.sign_in_code", next=target))
            devices.remember(attempts.typed_account())
            return _signed_in(client, form.remember.data, form.next.data)
        attempts.count()
        form.form_errors.append(
            gettext("The email address or the password is wrong. Please check both.")
        )
    failed = bool(form.errors)
    return render("account/sign_in.html", status=422 if failed else 200, form=form)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
@by_caller
@first_steps.by_code()
def sign_in_code() -> Response:
    step = first_steps.find()
    form = CodeForm(next=request.args.get("next", ""))
    if step is None:
        return _begin_again(gettext("Please begin again: too much time has passed."))
    if form.validate_on_submit():
        if operations.second_factor_is_right(step.person, form.code.data):
            devices.remember(step.account)
            return _signed_in(step.person, step.remember, form.next.data)
        if not first_steps.miss(step):
            return _begin_again(gettext("Too many wrong codes. Please give your password again."))
        form.code.errors = [gettext("This code is wrong or was used already. Wait for a new one.")]
    return render("account/sign_in_code.html", status=422 if form.errors else 200, form=form)


def _begin_again(why: str) -> Response:
    flash(why, "info")
    target = safe_target(request.values.get("next"))
    return typed.onwards(url_for("account.sign_in", next=target))


def _signed_in(client: ObjectId, remember: bool, target: str | None) -> Response:
    """Begin the session under a fresh cookie, so that one fixed before is worthless."""
    seen = visitor()
    analytics = choices.granted(client, "analytics") and not objects_by_signal()
    if objects_by_signal():
        objection.note_signal(client, Actor.client(client))
    session.clear()
    token = operations.begin_session(client, seen.address, seen.device, seen.browser, analytics)
    found = sign_ins.find_open(token)
    assert found is not None  # noqa: S101 - it was made a moment ago
    user = SignedIn(token, found.id, client, analytics, found.policy_unread)
    login_user(user, remember=remember)
    mark_fresh()
    return _go_on(target)


def _go_on(target: str | None) -> Response:
    """To where the client wanted to go; or back to the form which they had sent."""
    kept = typed.brought()
    return typed.offer(kept) if kept else elsewhere(safe_target(target) or _first_page())


def _first_page() -> str:
    return url_for("my_data.overview")


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    if current_user.is_authenticated:
        operations.end_session(current_user.client, current_user.sign_in)
        logout_user()
    remember_cookie = session.pop("_remember", None)
    session.clear()
    if remember_cookie:
        session["_remember"] = remember_cookie  # tells Flask-Login to clear the cookie
    flash(gettext("You are signed out."), "success")
    return elsewhere(url_for("home.index"))


@blueprint.route("/confirm-password", methods=["GET", "POST"])
@client_only
@by_caller
def confirm_password() -> Response:
    form = ConfirmForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        if operations.password_is_right(current_user.client, form.password.data):
            mark_fresh()
            return _go_on(form.next.data)
        form.password.errors = [gettext("This is not your password.")]
    return render("account/confirm_password.html", status=422 if form.errors else 200, form=form)


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
@public
@by_mail
@by_recipient
def forgotten_password() -> Response:
    form = ForgottenForm()
    if form.validate_on_submit():
        attempts.count()
        operations.ask_new_password(links(), form.email.data)
        return see("account.link_sent")
    return render("account/forgotten_password.html", status=422 if form.errors else 200, form=form)


@blueprint.get("/link-sent")
@public
def link_sent() -> Response:
    return render("account/check_mail.html", purpose="password")


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@public
@by_caller
def reset_password(token: str) -> Response:
    form = ResetForm()
    try:
        if not operations.reset_link_works(links(), token):
            raise LinkInvalid
        if form.validate_on_submit():
            operations.reset_password(links(), token, form.password.data)
            flash(gettext("Your new password is set. All sessions were ended."), "success")
            return see("account.sign_in")
    except LinkInvalid:
        return render("account/link_invalid.html", status=404, purpose="password")
    return render(
        "account/reset_password.html", status=422 if form.errors else 200, form=form, token=token
    )
