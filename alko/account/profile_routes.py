"""The client's profile: what ALKO needs to know, and why each is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, flash
from flask_babel import gettext
from flask_login import current_user

from alko.account import operations
from alko.account.blueprint import blueprint
from alko.account.forms import ProfileForm
from alko.account.routes import see
from alko.privacy.inventory import category
from alko.web.access import client_only
from alko.web.pages import render

IDENTITY_FIELDS = (
    "full_name",
    "birth_date",
    "nationality",
    "identification_kind",
    "identification_number",
)
CONTACT_FIELDS = ("phone", "street", "city", "postal_code", "country")


@blueprint.route("/profile", methods=["GET", "POST"])
@client_only
def profile() -> Response:
    form = ProfileForm()
    if form.validate_on_submit():
        changed = operations.save_profile(current_user.client, form.details())
        flash(gettext("Saved.") if changed else gettext("Nothing was changed."), "success")
        return see("account.profile")
    if not form.is_submitted():
        form = ProfileForm(data=_stored())
    return render(
        "account/profile.html",
        status=422 if form.errors else 200,
        form=form,
        identity_fields=IDENTITY_FIELDS,
        contact_fields=CONTACT_FIELDS,
        why=_reasons(),
    )


def _stored() -> dict[str, Any]:
    identity, contact = operations.read_profile(current_user.client)
    values: dict[str, Any] = {name: getattr(identity, name) for name in IDENTITY_FIELDS}
    values |= {name: getattr(contact, name) for name in CONTACT_FIELDS}
    values["birth_date"] = (
        date.fromisoformat(values["birth_date"]) if values["birth_date"] else None
    )
    return values


def _reasons() -> dict[str, str]:
    """Why each detail is asked, from the inventory."""
    identity, contact = category("identity"), category("contact")
    return {
        **{name: gettext(identity.field(name).why) for name in IDENTITY_FIELDS},
        **{name: gettext(contact.field(name).why) for name in CONTACT_FIELDS},
    }
