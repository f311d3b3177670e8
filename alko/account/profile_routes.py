"""The client's profile: what ALKO needs to know, and why each is asked."""

from __future__ import annotations

from flask import Response, flash
from flask_babel import gettext
from flask_login import current_user

from alko.account import operations
from alko.account.blueprint import blueprint
from alko.account.forms import ProfileForm
from alko.account.routes import see
from alko.privacy import wording
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
SENSITIVE = ("birth_date", "identification_number")
"""Shown masked, never filled in: seeing them is a reveal, which the ledger records."""
CONTACT_FIELDS = ("phone", "street", "city", "postal_code", "country")


@blueprint.route("/profile", methods=["GET", "POST"])
@client_only
def profile() -> Response:
    form = ProfileForm()
    if form.validate_on_submit():
        changed = operations.save_profile(
            current_user.client, form.details(keep_if_empty=SENSITIVE)
        )
        flash(gettext("Saved.") if changed else gettext("Nothing was changed."), "success")
        return see("account.profile")
    stored = _stored()
    if not form.is_submitted():
        shown = {name: value for name, value in stored.items() if name not in SENSITIVE}
        form = ProfileForm(data=shown)
    return render(
        "account/profile.html",
        status=422 if form.errors else 200,
        form=form,
        on_file=_on_file(stored),
        identity_fields=IDENTITY_FIELDS,
        contact_fields=CONTACT_FIELDS,
        why=_reasons(),
    )


def _stored() -> dict[str, str]:
    identity, contact = operations.read_profile(current_user.client)
    values = {name: str(getattr(identity, name)) for name in IDENTITY_FIELDS}
    return values | {name: str(getattr(contact, name)) for name in CONTACT_FIELDS}


def _on_file(stored: dict[str, str]) -> dict[str, str]:
    """Masked, what is held of the sensitive details; an empty field keeps it (P4)."""
    fields = category("identity")
    return {
        name: gettext(
            "We hold %(masked)s. Leave this empty to keep it.",
            masked=wording.masked(fields.field(name), stored[name]),
        )
        for name in SENSITIVE
        if stored[name]
    }


def _reasons() -> dict[str, str]:
    """Why each detail is asked, from the inventory."""
    identity, contact = category("identity"), category("contact")
    return {
        **{name: gettext(identity.field(name).why) for name in IDENTITY_FIELDS},
        **{name: gettext(contact.field(name).why) for name in CONTACT_FIELDS},
    }
