"""Sessions, password and second factor of a signed-in client."""

from __future__ import annotations

from bson import ObjectId
from bson.errors import InvalidId
from flask import Response, abort, current_app, flash, url_for
from flask_babel import format_datetime, gettext
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer

from alko.account import operations
from alko.account.blueprint import blueprint
from alko.account.forms import ChangePasswordForm, TwoFactorForm
from alko.account.routes import by_caller, see
from alko.privacy.door.dossier import Dossier
from alko.privacy.identity import second_factor, sign_ins
from alko.privacy.vocabulary import Purpose
from alko.web import qr
from alko.web.access import client_only, fresh_client_only
from alko.web.pages import render

SHOWN_SESSIONS = 100


@blueprint.get("/security")
@client_only
def security() -> Response:
    enabled = operations.has_second_factor(current_user.client)
    return render("account/security.html", second_factor=enabled)


@blueprint.get("/sessions")
@client_only
def sessions() -> Response:
    dossier = Dossier.open(
        current_user.client, current_user.actor, Purpose.SECURITY, categories=["sign-ins"]
    )
    rows = dossier.page("sign-ins", size=SHOWN_SESSIONS, where=sign_ins.open_now()).rows
    shown = [
        {
            "device": gettext(
                "%(browser)s on %(device)s",
                browser=row.values["browser"] or gettext("Unknown browser"),
                device=row.values["device"] or gettext("unknown device"),
            ),
            "place": row.values["address"] or gettext("address not known"),
            "last_seen": format_datetime(row.values["last_seen_at"], "medium"),
            "since": format_datetime(row.recorded_at, "medium"),
            "current": row.id == current_user.sign_in,
            "end_url": url_for("account.end_session", sign_in=str(row.id)),
        }
        for row in rows
    ]
    return render("account/sessions.html", sessions=shown)


@blueprint.post("/sessions/<sign_in>/end")
@client_only
def end_session(sign_in: str) -> Response:
    try:
        ended = operations.end_session(current_user.client, ObjectId(sign_in))
    except InvalidId:
        abort(404)
    if not ended:
        abort(404)
    flash(gettext("That session has ended."), "success")
    return see("account.sessions")


@blueprint.post("/sessions/end-others")
@client_only
def end_other_sessions() -> Response:
    count = operations.end_other_sessions(current_user.client, current_user.sign_in)
    flash(gettext("Other sessions ended: %(count)d", count=count), "success")
    return see("account.sessions")


@blueprint.route("/change-password", methods=["GET", "POST"])
@client_only
@by_caller
def change_password() -> Response:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        old, new = form.current_password.data, form.new_password.data
        if operations.change_password(current_user.client, current_user.sign_in, old, new):
            flash(gettext("Your password is changed. All other sessions were ended."), "success")
            return see("account.security")
        form.current_password.errors = [gettext("This is not your current password.")]
    return render("account/change_password.html", status=422 if form.errors else 200, form=form)


@blueprint.route("/two-factor", methods=["GET", "POST"])
@fresh_client_only
@by_caller
def two_factor() -> Response:
    """Set up a second factor; the secret travels signed in the form until a code proves it."""
    if operations.has_second_factor(current_user.client):
        return render("account/two_factor_on.html")
    form = TwoFactorForm()
    secret = _carried_secret(form.secret.data) or second_factor.new_secret()
    form.secret.data = _serializer().dumps(secret)
    if form.validate_on_submit():
        codes = operations.enable_second_factor(current_user.client, secret, form.code.data)
        if codes:
            return render("account/recovery_codes.html", codes=codes)
        form.code.errors = [gettext("This code does not fit. Check the clock of your phone.")]
    return render(
        "account/two_factor.html",
        status=422 if form.errors else 200,
        form=form,
        secret=qr.in_groups(secret),
        picture=qr.picture(second_factor.setup_uri(secret, gettext("Privacy portal"))),
    )


@blueprint.post("/two-factor/recovery-codes")
@fresh_client_only
def recovery_codes() -> Response:
    codes = operations.renew_recovery_codes(current_user.client)
    return render("account/recovery_codes.html", codes=codes)


@blueprint.post("/two-factor/off")
@fresh_client_only
def two_factor_off() -> Response:
    operations.disable_second_factor(current_user.client)
    flash(gettext("The second factor is turned off."), "success")
    return see("account.security")


def _serializer() -> URLSafeSerializer:
    salt = f"alko.two-factor.{current_user.client}"
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)


def _carried_secret(carried: str | None) -> str | None:
    try:
        return str(_serializer().loads(carried)) if carried else None
    except BadSignature:
        return None
