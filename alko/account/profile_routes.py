"""The client's profile: what ALKO needs to know, why each is asked, and a new email address."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user

from alko.account import operations
from alko.account.blueprint import blueprint
from alko.account.forms import NewAddressForm, ProfileForm
from alko.account.routes import by_caller, by_mail, by_recipient, links, see
from alko.privacy import wording
from alko.privacy.identity.tokens import LinkInvalid
from alko.privacy.inventory import Field, category
from alko.privacy.rights import new_address, rectification
from alko.privacy.rights.rectification import CONTACT, IDENTITY
from alko.web import attempts
from alko.web.access import client_only, public
from alko.web.pages import render

CONTACT_FIELDS = tuple(name for name in CONTACT if name != rectification.BY_MAIL)


@blueprint.route("/profile", methods=["GET", "POST"])
@client_only
def profile() -> Response:
    """Contact changes at once. Who somebody is can be filled in here once, and corrected later."""
    held = rectification.read(current_user.client, current_user.actor)
    missing = tuple(name for name in IDENTITY if not held[name])
    form = ProfileForm(only=missing + CONTACT_FIELDS, data=held)
    if form.validate_on_submit():
        done = rectification.correct(
            current_user.client, current_user.actor, form.details(keep_if_empty=())
        )
        flash(gettext("Nothing was changed.") if done.nothing else gettext("Saved."), "success")
        return see("account.profile")
    return render(
        "account/profile.html",
        status=422 if form.errors else 200,
        form=form,
        held=[_held(name, held) for name in IDENTITY if held[name]],
        email=_held(rectification.BY_MAIL, held),
        missing=missing,
        contact_fields=CONTACT_FIELDS,
        why={name: gettext(_field(name).why) for name in (*IDENTITY, *CONTACT)},
    )


def _field(name: str) -> Field:
    return category(rectification.slug_of(name)).field(name)


def _held(name: str, held: dict[str, str]) -> dict[str, str]:
    """A detail that is there, masked where it is sensitive (P4), and where to correct it."""
    field = _field(name)
    words = wording.in_words(field, held[name], held, gettext, get_locale())
    return {
        "label": gettext(field.label),
        "text": wording.masked(field, held[name]) if field.sensitive else words,
        "masked": "yes" if field.sensitive else "",
        "url": url_for("rights.correct", field=name),
    }


@blueprint.route("/email", methods=["GET", "POST"])
@client_only
@by_caller
@by_mail
@by_recipient
def change_email() -> Response:
    """A new address counts once it was confirmed from its own mailbox."""
    form = NewAddressForm()
    if form.validate_on_submit() and _password_is_right(form):
        if new_address.ask(links(), current_user.client, current_user.actor, form.email.data):
            attempts.count()
            return see("account.email_asked")
        form.email.errors = [gettext("This is your address already.")]
    return render("account/change_email.html", status=422 if form.errors else 200, form=form)


@blueprint.get("/email/sent")
@client_only
def email_asked() -> Response:
    return render("account/check_mail.html", purpose="new_address")


@blueprint.route("/confirm-email/<token>", methods=["GET", "POST"])
@public
@by_caller
def confirm_email(token: str) -> Response:
    """Shows a button first: mail scanners follow links, and must not confirm anything."""
    try:
        if request.method == "GET":
            if not new_address.works(links(), token):
                raise LinkInvalid
            return render("account/confirm_email.html", token=token)
        new_address.confirm(links(), token)
    except LinkInvalid:
        return render("account/link_invalid.html", status=404, purpose="new_address")
    flash(gettext("Your new address is confirmed. Sign in with it from now on."), "success")
    return see("account.profile")


def _password_is_right(form: NewAddressForm) -> bool:
    if operations.password_is_right(current_user.client, form.password.data or ""):
        return True
    form.password.errors = [gettext("This is not your password.")]
    return False
